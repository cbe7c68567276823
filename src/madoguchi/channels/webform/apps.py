"""Django app: A form on the web as a channel."""

from django.apps import AppConfig


class WebformConfig(AppConfig):
    """A form on the web as a channel."""

    name = "madoguchi.channels.webform"
    label = "webform"
