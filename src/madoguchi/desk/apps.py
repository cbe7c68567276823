"""Django app: The operators' and supervisors' console."""

from django.apps import AppConfig


class DeskConsoleConfig(AppConfig):
    """The operators' and supervisors' console."""

    name = "madoguchi.desk"
    label = "desk"
