"""What one record becomes of two, and what of that can be given back. Pure."""

from typing import Any, Final

from madoguchi.customers.models import Customer

# What a join may change of the record that stays: what is empty there is filled, and both memos are kept.
COLUMNS: Final = (
    "name",
    "kana",
    "address",
    "memo",
    "mail_format",
    "pace",
    "detail",
    "prefers",
    "former_names",
)
Values = dict[str, str]


def values_of(customer: Customer) -> Values:
    """The columns that a join may change, as they are."""
    return {name: getattr(customer, name) for name in COLUMNS}


def joined(customer: Customer, into: Customer) -> Values:
    """What `into` becomes when it takes in `customer`: what is known there stays, what is empty is filled, and
    former names of both are kept.
    """
    theirs, values = values_of(customer), values_of(into)
    filled = {name: value or theirs[name] for name, value in values.items()}
    former = "\n".join(dict.fromkeys(_lines(values["former_names"]) + _lines(theirs["former_names"])))
    return filled | {"memo": _both(values["memo"], theirs["memo"]), "former_names": former}


def given_back(now: Values, *, before: dict[str, Any], after: dict[str, Any]) -> Values:
    """What the columns become when they part again: what nobody has changed since is as it was, the rest stays. A join
    of before there was a column says nothing of it.
    """
    same = {name for name in COLUMNS if name in before and now[name] == after.get(name)}
    return {name: before[name] if name in same else now[name] for name in COLUMNS}


def _lines(text: str) -> list[str]:
    return text.splitlines()


def _both(memo: str, other: str) -> str:
    return memo if other in memo else "\n".join(filter(None, (memo, other)))
