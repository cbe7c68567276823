"""Small steps that every writing action shares: setting what differs, and refusing what exists already."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from django.db import IntegrityError, models, transaction

from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.errors import Refused

Changes = dict[str, list[Any]]
_LOCK_SPACE = 0x0A0D


def set_changed(row: models.Model, **fields: Any) -> Changes:
    """Save the fields that differ and return them as `{name: [before, after]}`, in words that JSON knows.

    Nothing is written when nothing differs. Never use it for secrets: what it returns goes into the log.
    """
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, fields[name])
    if before:
        row.save(update_fields=list(before))
    return {name: [_plain(was), _plain(fields[name])] for name, was in before.items()}


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Changes:
    """What differs, in the same form; nothing where there was nothing before. Never use it for secrets."""
    if before is None:
        return {}
    return {n: [_plain(before[n]), _plain(now)] for n, now in after.items() if before[n] != now}


@contextmanager
def unique(message: str, *, field: str) -> Iterator[None]:
    """Refuse in these words when the database already holds such a row, even one out of sight."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused(message, field=field) from error


def one_at_a_time(what: str) -> None:
    """Wait until nobody else is at this, and keep others waiting to the end of the transaction: so that what is counted
    before something is added is still true when it is there.
    """
    fetch_all("SELECT pg_advisory_xact_lock(%s::int4, hashtext(%s::text))", [_LOCK_SPACE, what])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value


def most_of(model: type[models.Model], name: str) -> int:
    """How many characters a column takes. What is longer is refused with that number, and never cut without a word."""
    column = model._meta.get_field(name)
    assert isinstance(column, models.CharField)
    assert column.max_length is not None
    return column.max_length
