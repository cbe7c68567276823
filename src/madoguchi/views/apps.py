"""Django app of saved views."""

from django.apps import AppConfig


class ViewsConfig(AppConfig):
    """Which cases somebody wants to see, said once and kept."""

    name = "madoguchi.views"
    label = "views"
