"""Django app of intake."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """One door for everything that arrives: once only, from whom, to which case."""

    name = "madoguchi.intake"
    label = "intake"
