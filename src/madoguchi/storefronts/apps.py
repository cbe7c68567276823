"""Django app: shops elsewhere that tell us what happens in them."""

from django.apps import AppConfig


class StorefrontsConfig(AppConfig):
    """Shops elsewhere that tell us what happens in them."""

    name = "madoguchi.storefronts"
    label = "storefronts"
