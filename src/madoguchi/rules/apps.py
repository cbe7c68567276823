"""Django app of rules."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """What happens to cases by itself."""

    name = "madoguchi.rules"
    label = "rules"
