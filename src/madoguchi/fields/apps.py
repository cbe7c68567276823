"""Django app of fields."""

from django.apps import AppConfig


class FieldsConfig(AppConfig):
    """What a desk wants to know of each case."""

    name = "madoguchi.fields"
    label = "fields"
