"""Django app of the ground everything stands on."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from madoguchi.infra.database import grant_rights


class InfraConfig(AppConfig):
    """Grants the running product's role its rights whenever tables may have changed."""

    name = "madoguchi.infra"
    label = "infra"

    def ready(self) -> None:
        post_migrate.connect(_after_migrating, sender=self)


def _after_migrating(*, using: str, **_: object) -> None:
    grant_rights(connections[using])
