"""The tables of which a company's rows go along, and what their columns are. Both are read from the models, so what is
new goes along by itself.
"""

from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.infra.fields import TransactionIdField
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField
from madoguchi.project.moving.left_out import LEFT_OUT

Model = type[models.Model]
Row = dict[str, Any]


def tables() -> list[Model]:
    """Every model of which a company's rows go along."""
    found = [m for m in apps.get_models() if issubclass(m, ScopedModel) and is_ours(m)]
    return [m for m in found if m._meta.label not in LEFT_OUT]


def is_ours(model: Model) -> bool:
    """Whether it is a table of the product; tests make others."""
    return model.__module__.startswith("madoguchi.")


def columns(model: Model) -> "list[models.Field[Any, Any]]":
    """The columns that go along: neither the company's id nor the place in a log of one server."""
    never = ("company_id", "carried")
    fields = [f for f in model._meta.concrete_fields if not f.generated and f.column not in never]
    return [f for f in fields if not isinstance(f, TransactionIdField)]


def column(field: "models.Field[Any, Any]") -> str:
    """The name of a column that is there."""
    return str(field.column)


def key(model: Model) -> list[str]:
    """The columns by which a company's rows are told apart, in the order in which they are written."""
    return [column(f) for f in model._meta.pk_fields if f.column != "company_id"]


def is_numbered(model: Model) -> bool:
    """Whether its ids are its own: neither those of another row, nor made of several columns."""
    return len(model._meta.pk_fields) == 1 and model._meta.pk.remote_field is None


def secrets(model: Model) -> list[str]:
    """Columns that hold what nobody else may know."""
    return [column(f) for f in columns(model) if isinstance(f, SecretField)]


def contents(model: Model) -> list[str]:
    """Columns of bytes without bound, which stand beside the rows as files."""
    return [column(f) for f in columns(model) if isinstance(f, models.BinaryField) and f.max_length is None]


def named_files(model: Model) -> list[str]:
    """Columns that name a file of the store by the hash of its bytes."""
    fields = [f for f in columns(model) if f.name == "sha256" and isinstance(f, models.CharField)]
    return [column(f) for f in fields]


def may_hold_ids(field: "models.Field[Any, Any]") -> bool:
    """Whether a column could hold ids of which no foreign key tells."""
    if field.remote_field is not None or field.primary_key:
        return False
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, models.IntegerField | models.JSONField)
    return isinstance(field, models.BigIntegerField | models.JSONField)
