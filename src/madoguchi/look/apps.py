"""The Django app that carries templates, static files and template tags shared by every page."""

from django.apps import AppConfig

from madoguchi.look.catalogues import put_together


class LookConfig(AppConfig):
    name = "madoguchi.look"
    label = "look"

    def ready(self) -> None:
        put_together()
