"""Django app of what customers may demand of their data."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Disclosure and erasure."""

    name = "madoguchi.rights"
    label = "rights"
