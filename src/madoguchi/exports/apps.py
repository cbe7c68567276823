"""Django app of lists that are taken along."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Lists of cases as files."""

    name = "madoguchi.exports"
    label = "exports"
