"""Calls: what happens on them, and what is remembered of them."""
