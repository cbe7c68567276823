"""The heart: one matter of one customer from first word to last."""
