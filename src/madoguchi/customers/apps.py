"""Django app of customers."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers of a company and the addresses that reach them."""

    name = "madoguchi.customers"
    label = "customers"
