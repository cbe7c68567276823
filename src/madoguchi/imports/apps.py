"""Django app of imports from other systems."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Cases and customers of other systems come in: once, with their own dates, and nobody is told."""

    name = "madoguchi.imports"
    label = "imports"
