"""Names as a text is looked through for them: in one form, small, without spaces that say nothing. The database writes
them the same way, and keeps how each begins.
"""

import re
import unicodedata
from typing import Any

from django.db import models
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Left

MOST_READ, BEGINNING = 4_000, 8
# Where a space says nothing: 宇治煎茶 100g is written 宇治煎茶100g as well.
APART = r"(?<=[^a-z0-9])\s+|\s+(?=[^a-z0-9])"


def squashed(text: str) -> str:
    """In one form, small, without spaces but those between words in letters; lines stay apart."""
    plain = unicodedata.normalize("NFKC", text[:MOST_READ]).lower()
    return "\n".join(re.sub(APART, "", line.strip()) for line in plain.splitlines())


def beginnings_in(plain: str) -> list[str]:
    """How whatever is named in a squashed text may begin: all that stands in it, of the beginning's length or less."""
    ends = range(1, BEGINNING + 1)
    return sorted({plain[at : at + n] for at in range(len(plain)) for n in ends})


def as_squashed(field: str) -> Func:
    """A column as `squashed` writes it."""
    normal = Func(F(field), template="lower(normalize(%(expressions)s, NFKC))", output_field=TextField())
    given = (normal, Value(APART), Value(""), Value("g"))
    return Func(*given, function="regexp_replace", output_field=TextField())


def beginning_of(field: str) -> Any:
    """A column kept by the database: how another one begins, squashed."""
    text = models.CharField(max_length=BEGINNING)
    return models.GeneratedField(
        expression=Left(as_squashed(field), BEGINNING), output_field=text, db_persist=True
    )
