"""Django app of cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The heart: one matter of one customer from first word to last."""

    name = "madoguchi.cases"
    label = "cases"
