"""Which cases are wanted, as a small tree: conditions joined by all, any and not. Kept as JSON with a version."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Priority, Status
from madoguchi.fields.conditions import TESTS
from madoguchi.fields.values import MOST_DIGITS, REFERENCES
from madoguchi.fields.values import MOST_TEXT as MOST_WORDS
from madoguchi.infra.facts import is_among_colleagues, known
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers
from madoguchi.views.moments import ago_in, moment

VERSION = 1
MOST_CONDITIONS, MOST_DEPTH, MOST_CHOICES, MOST_TEXT = 30, 6, 50, 200
ME, NOBODY = "me", "nobody"


@dataclass(frozen=True, slots=True)
class All:
    """Cases that meet every one of these; without any, all cases."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """Cases that meet at least one of these."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Cases that do not meet this."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked of a case. What is asked of a moment that never was, is not met."""

    field: str
    test: str
    value: Any
    kind: str = ""


Node = All | Some | Not | Condition

TIMES = {
    "opened": "opened_at",
    "touched": "touched_at",
    "waiting": "waiting_since",
    "first_reply": "first_replied_at",
    "solved": "solved_at",
}
EVENT = "event"
# What of a date is asked by naming a moment: the day in Japan that it falls on.
DAYS_ASKED = ("since", "before", "on")
_CHOICES: dict[str, frozenset[Any]] = {
    "status": frozenset(Status.values),
    "priority": frozenset(Priority.values),
    "channel": frozenset(channel.value for channel in Channel),
    "feelings": frozenset(Feeling.values),
}
FLAGS = ("undelivered", "unread")
_OWN_WORDS = {"language": 10, "tags": 50}
_IDS = ("desk", "customer")
# A field of a desk's own: of which kind it is, and its id.
_OWN = re.compile(rf"({'|'.join(TESTS)}):([1-9][0-9]{{0,17}})")
FIELDS = (*_CHOICES, *_OWN_WORDS, *_IDS, "assignee", "subject", *FLAGS, *TIMES, EVENT)


def read_filter(written: Any) -> Node:
    """The tree of what JSON says. Raises Refused, with what to change, for anything it does not understand."""
    if not isinstance(written, dict) or written.get("version") != VERSION:
        raise Refused(_("A filter is an object with “version”: 1 and one of “all”, “any” or “not”."))
    node = _node({name: part for name, part in written.items() if name != "version"}, depth=1)
    if sum(1 for _condition in conditions(node)) > MOST_CONDITIONS:
        raise Refused(_("A filter takes %(most)s conditions at most.") % {"most": MOST_CONDITIONS})
    return node


def write_filter(node: Node) -> dict[str, Any]:
    """The tree as JSON, which `read_filter` reads again."""
    body = _written(node)
    return {"version": VERSION, **(body if set(body) & {"all", "any", "not"} else {"all": [body]})}


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a tree, from left to right."""
    if isinstance(node, Condition):
        yield node
    for part in _parts(node):
        yield from conditions(part)


def required(node: Node) -> Iterator[Condition]:
    """The conditions that every case of this tree meets, whatever else it meets."""
    if isinstance(node, Condition):
        yield node
    elif isinstance(node, All):
        for part in node.parts:
            yield from required(part)


def fields_asked(node: Node) -> set[int]:
    """The ids of the desks' own fields of which a tree asks anything."""
    return {int(asked.field.partition(":")[2]) for asked in conditions(node) if ":" in asked.field}


def own_field(name: Any) -> tuple[str, int] | None:
    """Kind and id of the desk's own field that a condition asks of, by the name that it has there; else None."""
    found = _OWN.fullmatch(name) if isinstance(name, str) else None
    return (found[1], int(found[2])) if found else None


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Not):
        return (node.part,)
    return node.parts if isinstance(node, All | Some) else ()


def _written(node: Node) -> dict[str, Any]:
    if isinstance(node, Condition):
        kind = {"kind": node.kind} if node.kind else {}
        value = list(node.value) if isinstance(node.value, tuple) else node.value
        return {"field": node.field, **kind, "test": node.test, "value": value}
    if isinstance(node, Not):
        return {"not": _written(node.part)}
    return {"all" if isinstance(node, All) else "any": [_written(part) for part in node.parts]}


def _node(written: Any, *, depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise Refused(_("A filter is too deeply nested. Write it with fewer brackets."))
    if not isinstance(written, dict):
        raise Refused(_("Each part of a filter is an object."))
    if "field" in written:
        return _condition(written)
    if set(written) == {"not"}:
        return Not(_node(written["not"], depth=depth + 1))
    if set(written) not in ({"all"}, {"any"}):
        raise Refused(_("Each part of a filter is one of “all”, “any”, “not” or a condition with “field”."))
    (name, parts), *_others = written.items()
    if not isinstance(parts, list):
        raise Refused(_("“%(name)s” takes a list of parts.") % {"name": name})
    return (All if name == "all" else Some)(tuple(_node(part, depth=depth + 1) for part in parts))


def _condition(written: dict[str, Any]) -> Condition:
    field = written["field"]
    if own_field(field):
        return _of_own(field, written)
    if field not in FIELDS:
        raise Refused(_unknown(field, FIELDS), field="field")
    read: Callable[[str, dict[str, Any]], Condition] = _of_choices
    if field in TIMES or field == EVENT:
        read = _of_time
    elif field == "subject":
        read = _of_subject
    elif field in FLAGS:
        read = _of_flag
    return read(field, written)


def _of_choices(field: str, written: dict[str, Any]) -> Condition:
    _test(written, "in")
    values = written.get("value")
    if not isinstance(values, list) or not 0 < len(values) <= MOST_CHOICES:
        raise Refused(_("Choose between 1 and %(most)s values.") % {"most": MOST_CHOICES}, field=field)
    for value in values:
        _check_choice(field, value)
    if field in _OWN_WORDS:
        values = [blot_card_numbers(value) for value in values]
    return Condition(field, "in", tuple(values))


def _check_choice(field: str, value: Any) -> None:
    number = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    if field in _CHOICES:
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in _CHOICES[field]:
            raise Refused(_unknown(value, sorted(_CHOICES[field])), field=field)
    elif field in _OWN_WORDS:
        if not isinstance(value, str) or "\0" in value or not 0 < len(value) <= _OWN_WORDS[field]:
            raise Refused(_("This is empty or too long."), field=field)
    elif not number and (field != "assignee" or value not in (ME, NOBODY)):
        raise Refused(_("Name it by its id."), field=field)


def _of_time(field: str, written: dict[str, Any]) -> Condition:
    test = _test(written, "before", "since", "known")
    kind, value = str(written.get("kind", "")), written.get("value")
    if (field == EVENT) != bool(kind) or (kind and (kind not in known() or is_among_colleagues(kind))):
        raise Refused(_("Name the kind of event, as the list of `madoguchi events` has it."), field=field)
    if test == "known":
        _flag(field, value)
    else:
        moment(value, now=clock.now())
    return Condition(field, test, value, kind)


def _of_own(field: str, written: dict[str, Any]) -> Condition:
    """What is asked of a field of a desk's own, as `fields/conditions.py` has it; a day is any moment in it."""
    kind = field.partition(":")[0]
    test, value = _test(written, *TESTS[kind]), written.get("value")
    if test == "known":
        return Condition(field, test, _flag(field, value))
    if kind == "date":
        moment(value, now=clock.now())
        if (ago_in(str(value)) or (0, "d"))[1] != "d":
            raise Refused(_("A date is so many days ago, not hours or minutes."), field=field)
        return Condition(field, test, value)
    if test == "in":
        if not isinstance(value, list) or not 0 < len(value) <= MOST_CHOICES:
            raise Refused(_("Choose between 1 and %(most)s values.") % {"most": MOST_CHOICES}, field=field)
        return Condition(field, test, tuple(_own_value(field, kind, one) for one in value))
    return Condition(field, test, _own_value(field, kind, value))


def _own_value(field: str, kind: str, value: Any) -> Any:
    if kind in REFERENCES:
        _check_reference(field, kind, value)
        return value
    if kind == "number":
        return _number(field, value)
    if not isinstance(value, str) or "\0" in value or not 0 < len(value.strip()) <= MOST_WORDS:
        raise Refused(_("This is empty or too long."), field=field)
    return blot_card_numbers(value.strip())


def _check_reference(field: str, kind: str, value: Any) -> None:
    if not isinstance(value, str) or kind == "customer":
        _check_choice("customer", value)
        return
    words = {
        "product": _("No product is called “%(said)s”, or several are. Write the code of one."),
        "order": _("There is no order “%(said)s”. Write an order number, such as O-1001."),
    }
    raise Refused(words[kind] % {"said": value}, field=field)


def _number(field: str, value: Any) -> int | float:
    """As a field keeps one: no more digits than every reader of JSON gives back."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 10**MOST_DIGITS:
        raise Refused(_("Write a number, such as 12 or 3.5."), field=field)
    return value


def _of_subject(field: str, written: dict[str, Any]) -> Condition:
    test, value = _test(written, "contains"), written.get("value")
    if not isinstance(value, str) or "\0" in value or not 0 < len(value.strip()) <= MOST_TEXT:
        raise Refused(_("Say what the subject contains."), field=field)
    return Condition(field, test, blot_card_numbers(value.strip()))


def _of_flag(field: str, written: dict[str, Any]) -> Condition:
    return Condition(field, _test(written, "is"), _flag(field, written.get("value")))


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(_("Say true or false."), field=field)
    return value


def _test(written: dict[str, Any], *known: str) -> str:
    test = written.get("test")
    if test not in known:
        raise Refused(_unknown(test, known), field=str(written["field"]))
    return str(test)


def _unknown(said: Any, known: Any) -> str:
    choices = ", ".join(map(str, known))
    return _("“%(said)s” is not known here. Choose one of: %(choices)s.") % {"said": said, "choices": choices}
