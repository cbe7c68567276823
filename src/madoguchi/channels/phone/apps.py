"""Django app: the telephone as a channel."""

from django.apps import AppConfig


class PhoneConfig(AppConfig):
    """The telephone as a channel."""

    name = "madoguchi.channels.phone"
    label = "phone"
