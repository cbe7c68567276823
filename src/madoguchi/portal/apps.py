"""Django app: What the customer sees: forms and their own case."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """What the customer sees: forms and their own case."""

    name = "madoguchi.portal"
    label = "portal"
