"""Bringing rows of earlier versions under a rule for what comes in, while everything goes on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from madoguchi.infra import scope

STEP = 500
Mend = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Healed:
    """How far a table is gone through, and the rows that were changed on the way."""

    table: str
    upto: int
    rows: list[Any]


def heal(model: type[models.Model], fields: Sequence[str], *, mend: Mend) -> Iterator[Healed]:
    """Put what `mend` makes of a field's name and text into these fields of all rows, some hundred a transaction.

    Each step is told within its transaction, and what is done with it then is stored with it or not at all: it may be
    stopped anywhere and done twice. What is right already is not written.
    """
    healed: Healed | None = Healed(model.__name__, 0, [])
    while healed is not None:
        with scope.everywhere(reason="rows of all companies are brought under one rule"):
            healed = _step(model, fields, mend, healed.upto)
            if healed is not None:
                yield healed


def _step(model: type[models.Model], fields: Sequence[str], mend: Mend, after: int) -> Healed | None:
    rows = list(
        model._default_manager.select_for_update(no_key=True).filter(pk__gt=after).order_by("pk")[:STEP]
    )
    wrong = [row for row in rows if _mend_row(row, fields, mend)]
    if wrong:
        model._default_manager.bulk_update(wrong, fields)
    return Healed(model.__name__, rows[-1].pk, wrong) if rows else None


def _mend_row(row: models.Model, fields: Sequence[str], mend: Mend) -> bool:
    """Whether something in it had to be changed; it is not saved yet."""
    now = {field: getattr(row, field) for field in fields}
    then = {field: mend(field, text) for field, text in now.items()}
    for field, text in then.items():
        setattr(row, field, text)
    return now != then
