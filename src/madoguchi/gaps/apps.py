"""Django app of what no article says."""

from django.apps import AppConfig


class GapsConfig(AppConfig):
    """Finds what customers ask and no article says."""

    name = "madoguchi.gaps"
    label = "gaps"
