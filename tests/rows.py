"""All that a company has, to see that nothing has changed."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from madoguchi.infra import scope
from madoguchi.infra.scope import ScopedModel


def all_of(company: int) -> dict[str, list[Any]]:
    """Every row of it in every table, by the model's label; a table with none has an empty list."""
    found: dict[str, list[Any]] = {model._meta.label: [] for model in _models().values()}
    with scope.everywhere(reason="a test compares all that a company has"):
        for model in _with_rows(company):
            rows = model._default_manager.filter(company=company).order_by("pk").values_list()
            found[model._meta.label] = list(rows)
    return found


@cache
def _models() -> dict[str, type[ScopedModel]]:
    return {model._meta.db_table: model for model in apps.get_models() if issubclass(model, ScopedModel)}


# A table that never had rows has no pages.
_WITH_PAGES = (
    "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND relkind = 'r' AND pg_relation_size(oid) > 0"
)


def _with_rows(company: int) -> list[type[ScopedModel]]:
    """Most tables are empty: to ask two hundred of them one by one takes longer than most tests do."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_PAGES, [list(_models())])
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(map(_asked, tables)) or "SELECT WHERE false", {"company": company})
        return [_models()[name] for (name,) in cursor.fetchall()]


def _asked(table: str) -> str:
    column = _models()[table]._meta.get_field("company").column
    return f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table} WHERE {column} = %(company)s)"
