"""Customers of a company and the addresses that reach them."""
