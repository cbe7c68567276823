"""Django app of escalations."""

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """Questions to whoever knows more, and message slips for people outside."""

    name = "madoguchi.escalations"
    label = "escalations"
