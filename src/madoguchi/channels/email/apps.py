"""Django app: Mail as a channel: three doors in, one transport out."""

from django.apps import AppConfig


class EmailConfig(AppConfig):
    """Mail as a channel: three doors in, one transport out."""

    name = "madoguchi.channels.email"
    label = "email"
