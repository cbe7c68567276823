"""Django app that puts the parts together."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Binds adapters and reactions once all apps are there."""

    name = "madoguchi.project"
    label = "project"

    def ready(self) -> None:
        from madoguchi.project import composition

        composition.bind()
