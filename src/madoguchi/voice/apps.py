"""Django app: calls."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """Calls."""

    name = "madoguchi.voice"
    label = "voice"
