"""Django app of the shield."""

from django.apps import AppConfig


class ShieldConfig(AppConfig):
    """The shield against harassment by customers."""

    name = "madoguchi.shield"
    label = "shield"
