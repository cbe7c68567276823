"""Madoguchi: an open-source support centre where every contact becomes one case, answered once."""

__version__ = "0.1.0"
