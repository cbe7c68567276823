"""Django app: what systems outside are told."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """What systems outside are told."""

    name = "madoguchi.webhooks"
    label = "webhooks"
