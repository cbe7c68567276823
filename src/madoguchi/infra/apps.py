"""Django app of the ground everything stands on."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from madoguchi.infra.database import grant_rights


class InfraConfig(AppConfig):
    """When tables may have changed, gives the product's role its rights and new readers their place."""

    name = "madoguchi.infra"
    label = "infra"

    def ready(self) -> None:
        post_migrate.connect(_after_migrating, sender=self)


def _after_migrating(*, using: str, **_: object) -> None:
    from madoguchi.infra import reactions  # models, which are not there yet when this module is imported

    grant_rights(connections[using])
    if "infra_reader" in connections[using].introspection.table_names():
        reactions.enrol()
