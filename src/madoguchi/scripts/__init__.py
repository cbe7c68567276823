"""Talk scripts walked in a case."""
