"""Django app: Setting up companies, desks, entry points, people, templates and mail servers."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Setting up companies, desks, entry points, people, templates and mail servers."""

    name = "madoguchi.administration"
    label = "administration"
