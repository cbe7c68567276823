"""Whole ways through a running installation, in a real browser and over real mail servers."""
