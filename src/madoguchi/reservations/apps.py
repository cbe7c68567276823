"""Django app of reservations."""

from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    """Times that customers have at a store, and whose they are."""

    name = "madoguchi.reservations"
    label = "reservations"
