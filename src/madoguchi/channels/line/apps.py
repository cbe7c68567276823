"""Django app: A LINE official account as a channel."""

from django.apps import AppConfig


class LineConfig(AppConfig):
    """A LINE official account as a channel."""

    name = "madoguchi.channels.line"
    label = "line"
