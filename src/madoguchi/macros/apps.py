"""Django app of macros."""

from django.apps import AppConfig


class MacrosConfig(AppConfig):
    """Several acts on a case in one key."""

    name = "madoguchi.macros"
    label = "macros"
