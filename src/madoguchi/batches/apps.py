"""Django app of acts on many cases."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """One act on many cases."""

    name = "madoguchi.batches"
    label = "batches"
