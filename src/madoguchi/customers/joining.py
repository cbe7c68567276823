"""What one record becomes of two, and what of that can be given back. Pure."""

from typing import Any, Final

from madoguchi.customers.models import Customer

# What a join may change of the record that stays: what is empty there is filled, and both memos are kept.
COLUMNS: Final = ("name", "kana", "address", "memo", "mail_format", "pace", "detail", "prefers")
Values = dict[str, str]


def values_of(customer: Customer) -> Values:
    """The columns that a join may change, as they are."""
    return {name: getattr(customer, name) for name in COLUMNS}


def joined(customer: Customer, into: Customer) -> Values:
    """What `into` becomes when it takes in `customer`: what is known there stays, what is empty is filled."""
    theirs, values = values_of(customer), values_of(into)
    filled = {name: value or theirs[name] for name, value in values.items()}
    return filled | {"memo": _both(values["memo"], theirs["memo"])}


def given_back(now: Values, *, before: dict[str, Any], after: dict[str, Any]) -> Values:
    """What the columns become when they part again: what nobody has changed since is as it was, the rest stays."""
    return {name: before[name] if now[name] == after[name] else now[name] for name in COLUMNS}


def _both(memo: str, other: str) -> str:
    return memo if other in memo else "\n".join(filter(None, (memo, other)))
