"""Django app of routing."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Who answers."""

    name = "madoguchi.routing"
    label = "routing"
