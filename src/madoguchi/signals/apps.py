"""Django app of signals."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """What may become trouble."""

    name = "madoguchi.signals"
    label = "signals"
