"""Django app of delivery."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Everything that leaves: a row with a state before it is a connection."""

    name = "madoguchi.delivery"
    label = "delivery"
