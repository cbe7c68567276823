"""Django app of walks through talk scripts."""

from django.apps import AppConfig


class ScriptsConfig(AppConfig):
    """Talk scripts as they are walked in cases."""

    name = "madoguchi.scripts"
    label = "scripts"
