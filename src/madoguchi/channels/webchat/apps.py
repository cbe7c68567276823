"""Django app: A chat on a company's own web pages as a channel."""

from django.apps import AppConfig


class WebchatConfig(AppConfig):
    """A chat on a company's own web pages as a channel."""

    name = "madoguchi.channels.webchat"
    label = "webchat"
