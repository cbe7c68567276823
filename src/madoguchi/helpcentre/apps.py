"""Django app of the help centres."""

from django.apps import AppConfig


class HelpcentreConfig(AppConfig):
    """What customers read before they ask."""

    name = "madoguchi.helpcentre"
    label = "helpcentre"
