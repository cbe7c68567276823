"""Django app of the ground everything stands on."""

from typing import Any

import structlog
from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from madoguchi.infra import restored
from madoguchi.infra.database import grant_rights

logger = structlog.get_logger()


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
        _follow_restored_log(connections[using])
        reactions.enrol()


def _follow_restored_log(connection: BaseDatabaseWrapper) -> None:
    if connection.in_atomic_block:
        return

    def ask(statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    moved = restored.catch_up(ask)
    if moved:
        logger.info("restored_event_log_followed", transaction_numbers=moved)
