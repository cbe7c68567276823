"""Django app of promises."""

from django.apps import AppConfig


class PromisesConfig(AppConfig):
    """What a customer may count on: service levels, and the clocks that measure them."""

    name = "madoguchi.promises"
    label = "promises"
