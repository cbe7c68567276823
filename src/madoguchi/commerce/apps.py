"""Django app of commerce."""

from django.apps import AppConfig


class CommerceConfig(AppConfig):
    """What customers buy, and the papers about it."""

    name = "madoguchi.commerce"
    label = "commerce"
