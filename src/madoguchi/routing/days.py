"""Days for the simulator, as files say them: JSON, a table (CSV), or the few numbers of an M/M/n+M day. Pure.

docs/routing.md has the formats. `Wrong` names what is not right and where.
"""

import csv
import gettext
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from madoguchi.routing.simulation import Contact, Day, Shift

MOST_CONTACTS, MOST_PEOPLE, MOST_DAYS = 200_000, 5_000, 366
MOST_LETTERS = 50_000_000
A_DAY = 86_400.0
TOKYO = timezone(timedelta(hours=9))
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_CHANCE = {"rate", "agents", "handle", "patience", "target", "hours", "warm_up"}
_DAY = {"contacts", "people", "handle", "patience", "target"}
_CONTACT = {"at", "channel", "handle", "patience", "needs", "language", "priority", "target", "last"}
_PERSON = {"name", "from", "until", "skills", "languages"}
Row = Mapping[str, Any]


def N_(words: str) -> str:  # noqa: N802  the name that gettext's tools look for
    """Mark words that are said in the reader's language later."""
    return words


WORDS = {
    "json": N_("This is no JSON."),
    "size": N_("There must be people and contacts, and not too many."),
    "object": N_("An object is wanted here."),
    "names": N_("Every person needs a name of their own."),
    "person": N_("Nobody of that name is there."),
    "order": N_("It ends before it begins."),
    "skills": N_("Write skills by name and level."),
    "time": N_("Write a time like 9:00, or a date and time."),
    "list": N_("A list is wanted here, and not an empty one."),
    "many": N_("These are too many."),
    "field": N_("There is no such field."),
    "number": N_("A number is wanted here."),
    "long": N_("This is too long."),
}


class Wrong(ValueError):
    """What a file says is not right: `what` is the key of the words for it, `where` the place."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {WORDS[what]}")
        self.what, self.where = what, where


def said_of(error: Wrong, language: str) -> str:
    """The place, and what is wrong there, in one of our languages."""
    locale = str(Path(__file__).parent / "locale")
    words = gettext.translation("django", locale, languages=[language], fallback=True).gettext
    return f"{error.where}: {words(WORDS[error.what])}"


def days_of(text: str) -> list[Day]:
    """The days of a JSON document: one, or several under `days`. Raises Wrong."""
    if len(text) > MOST_LETTERS:
        raise Wrong("long", "/")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Wrong("json", f"line {getattr(error, 'lineno', 1)}") from None
    if isinstance(said, dict) and set(said) == {"days"}:
        rows = _listed(said, "days", "", most=MOST_DAYS)
        return [_day(row, f"days[{n}].") for n, row in enumerate(rows)]
    return [_day(said, "")]


def day_of_tables(contacts: str, people: str, **numbers: float) -> Day:
    """A day of two tables (CSV with a heading), what came and who was there. Raises Wrong."""
    come = [_without_blanks(row) for row in csv.DictReader(io.StringIO(contacts.removeprefix("\ufeff")))]
    there = [_without_blanks(row) for row in csv.DictReader(io.StringIO(people.removeprefix("\ufeff")))]
    return _day({"contacts": come, "people": there, **numbers}, "")


def day_by_chance(said: Row, where: str = "") -> Day:
    """An M/M/n+M day: `rate` contacts an hour, `agents`, means of `handle` and `patience` in seconds, `target`, for so
    many `hours`, of which the first `warm_up` seconds are not counted. Raises Wrong.
    """
    _only(said, _CHANCE, where)
    rate, agents = _number(said, "rate", where) / 3600, int(_number(said, "agents", where))
    handle, hours = _number(said, "handle", where), _number(said, "hours", where, 10.0)
    if min(rate, agents, handle, hours) <= 0 or agents > MOST_PEOPLE or rate * hours * 3600 > MOST_CONTACTS:
        raise Wrong("size", f"{where}rate, agents, handle, hours")
    until = hours * 3600
    return Day(
        shifts=[Shift(id=n, begins=0.0, ends=until) for n in range(1, agents + 1)],
        handle=handle,
        patience=_more_than_nothing(said, "patience", where),
        target=_number(said, "target", where, 20.0),
        rate=rate,
        until=until,
        counted_from=_number(said, "warm_up", where, min(1800.0, until / 4)),
    )


def spelled(words: str) -> dict[str, float]:
    """`rate=200 agents=12 …` as numbers. Raises Wrong."""
    said = {}
    for word in words.replace(",", " ").split():
        name, _sign, value = word.partition("=")
        said[name] = _as_number(value, name)
    return said


def _day(said: Any, where: str) -> Day:
    if not isinstance(said, dict):
        raise Wrong("object", where or "/")
    if "rate" in said:
        return day_by_chance(said, where)
    _only(said, _DAY, where)
    people = _listed(said, "people", where, most=MOST_PEOPLE)
    come = _listed(said, "contacts", where, most=MOST_CONTACTS)
    names = {str(row.get("name", "")): n for n, row in enumerate(people, start=1)}
    if len(names) < len(people) or not all(
        row.get("name") and isinstance(row["name"], str) for row in people
    ):
        raise Wrong("names", f"{where}people")
    first = _midnight(row.get("at") for row in come)
    return Day(
        contacts=[_contact(row, f"{where}contacts[{n}].", names, first) for n, row in enumerate(come)],
        shifts=[_shift(row, f"{where}people[{n}].", names, first) for n, row in enumerate(people)],
        handle=_more_than_nothing(said, "handle", where) or 300.0,
        patience=_more_than_nothing(said, "patience", where),
        target=_number(said, "target", where, 20.0),
    )


def _contact(row: Row, where: str, names: Mapping[Any, int], first: datetime | None) -> Contact:
    _only(row, _CONTACT, where)
    last = row.get("last")
    if last is not None and not (isinstance(last, str) and last in names):
        raise Wrong("person", f"{where}last")
    return Contact(
        at=_moment(row.get("at"), f"{where}at", first),
        channel=str(row.get("channel", "call")),
        handle=_more_than_nothing(row, "handle", where),
        patience=_optional(row, "patience", where),
        needs=frozenset(_skills(row.get("needs", {}), f"{where}needs").items()),
        language=str(row.get("language", "")),
        priority=int(_number(row, "priority", where, 2.0)),
        target=_more_than_nothing(row, "target", where),
        last=None if last is None else names[last],
    )


def _shift(row: Row, where: str, names: Mapping[Any, int], first: datetime | None) -> Shift:
    _only(row, _PERSON, where)
    begins = _moment(row.get("from"), f"{where}from", first)
    ends = _moment(row.get("until"), f"{where}until", first)
    if ends <= begins:
        raise Wrong("order", f"{where}until")
    spoken = row.get("languages", [])
    if not isinstance(spoken, str) and not (
        isinstance(spoken, list) and all(isinstance(s, str) for s in spoken)
    ):
        raise Wrong("list", f"{where}languages")
    return Shift(
        id=names[row["name"]],
        begins=begins,
        ends=ends,
        skills=_skills(row.get("skills", {}), f"{where}skills"),
        languages=frozenset(spoken.split() if isinstance(spoken, str) else spoken),
    )


def _skills(said: Any, where: str) -> dict[str, int]:
    """`{"返品": 2}`, or in a table `返品:2 英語:1`; a name alone is level 1."""
    if isinstance(said, str):
        said = {name: level or "1" for name, _sign, level in (word.partition(":") for word in said.split())}
    if not isinstance(said, dict):
        raise Wrong("skills", where)
    return {str(name): int(_as_number(level, where)) for name, level in said.items()}


def _moment(said: Any, where: str, first: datetime | None) -> float:
    """Seconds since the midnight of the first day: of `9:00`, `09:00:05`, or a whole date and time."""
    if isinstance(said, str):
        if clock := _CLOCK.fullmatch(said.strip()):
            return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3] or 0)
        if (moment := _dated(said)) and first:
            return (moment - first).total_seconds()
    raise Wrong("time", where)


def _midnight(times: Iterable[Any]) -> datetime | None:
    dated = [moment for said in times if isinstance(said, str) and (moment := _dated(said))]
    return min(dated).replace(hour=0, minute=0, second=0, microsecond=0) if dated else None


def _dated(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment.astimezone(TOKYO) if moment.tzinfo else moment.replace(tzinfo=TOKYO)


def _listed(said: Row, name: str, where: str, *, most: int) -> list[Row]:
    rows = said.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise Wrong("list", f"{where}{name}")
    if len(rows) > most:
        raise Wrong("many", f"{where}{name}")
    return rows


def _only(said: Row, known: set[str], where: str) -> None:
    for name in said:
        if name not in known:
            raise Wrong("field", f"{where}{name}")


def _number(said: Row, name: str, where: str, otherwise: float | None = None) -> float:
    if name not in said and otherwise is not None:
        return otherwise
    return _as_number(said.get(name), f"{where}{name}")


def _as_number(said: Any, where: str) -> float:
    try:
        number = float(said) if not isinstance(said, bool) else -1.0
    except (TypeError, ValueError):
        raise Wrong("number", where) from None
    if not 0 <= number < float("inf"):
        raise Wrong("number", where)
    return number


def _optional(said: Row, name: str, where: str) -> float | None:
    return None if said.get(name) is None else _number(said, name, where)


def _more_than_nothing(said: Row, name: str, where: str) -> float | None:
    number = _optional(said, name, where)
    if number == 0:
        raise Wrong("number", f"{where}{name}")
    return number


def _without_blanks(row: Mapping[str, str | None]) -> Row:
    return {name: value for name, value in row.items() if value}
