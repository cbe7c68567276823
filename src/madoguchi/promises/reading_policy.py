"""Policies as they are written in JSON (docs/clocks.md). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from madoguchi.kernel.hours import ALWAYS, Calendar
from madoguchi.promises.durations import read_length
from madoguchi.promises.located import N_, Node, is_remark, only, unique
from madoguchi.promises.policy import (
    CHOSEN_HOLDS,
    PRIORITIES,
    USUAL_HOLDS,
    WARN_SHARE,
    Facts,
    Hold,
    Metric,
    Policy,
    Target,
)
from madoguchi.promises.reading_acts import read_acts
from madoguchi.promises.reading_calendar import ALWAYS_NAMES, read_calendar
from madoguchi.promises.reading_names import PRIORITY_NAMED, plain, read_metric, read_priority

_HOLDS = {hold.value: hold for hold in CHOSEN_HOLDS} | {
    "customer": Hold.CUSTOMER,
    "pending": Hold.CUSTOMER,
    "waiting_for_customer": Hold.CUSTOMER,
    "third_party": Hold.THIRD,
    "waiting_third_party": Hold.THIRD,
    "on_hold": Hold.THIRD,
}
_BUSINESS = {"business": True, "business_hours": True, "営業時間": True}
_BUSINESS |= {"calendar": False, "24x7": False, "24/7": False, "always": False, "暦": False}
_LENGTH = ("within", "minutes", "hours", "target", "duration")
CONDITIONS = ("when", "conditions")
FACTS = (
    *("priority", "desk", "channel", "matter", "tags", "customer", "language"),
    *("severity", "account", "account_rank"),
)
_TOP = ("policies", "calendars", "calendar", "version")
_POLICY = ("name", *CONDITIONS, "calendar", "time", "warn", "targets", "acts")
_TARGET = ("metric", *_LENGTH, "priority", "priorities", "time", "pause_on", *PRIORITIES)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a target is measured, where it does not say so itself."""

    business: bool
    has_calendar: bool
    holds: frozenset[Hold] | None = None


def read_policies(node: Node) -> list[Policy]:
    """The policies of a document, in their order: a list of them, or one alone. Raises Wrong with the place."""
    if isinstance(node.value, list):
        found = [_policy(one, {}, None, place) for place, one in enumerate(node.value, 1)]
    else:
        found = list(_in_document(node))
    if not found:
        raise node.wrong(N_("There is no policy in this file."))
    return found


def _in_document(node: Node) -> Iterator[Policy]:
    parts = node.members()
    named = parts.get("calendars")
    calendars = {name: read_calendar(one) for name, one in named.members().items()} if named else {}
    listed = parts.get("policies")
    if listed is None:
        only(parts, (*_TOP, *_POLICY))
        rest = {name: one for name, one in parts.items() if name not in ("calendars", "version")}
        yield _policy(replace(node, value=rest), calendars, None, 1)
        return
    only(parts, _TOP)
    for place, one in enumerate(listed.items(), 1):
        yield _policy(one, calendars, parts.get("calendar"), place)


def _policy(node: Node, calendars: Mapping[str, Calendar], usual: Node | None, place: int) -> Policy:
    parts = node.members()
    only(parts, _POLICY)
    chosen = parts.get("calendar") or usual
    name, calendar = _calendar(chosen, calendars)
    time = parts.get("time")
    way = _Way(_business(time) if time else chosen is not None, chosen is not None)
    wanted = parts.get("targets")
    if wanted is None:
        raise node.wrong(N_("The targets are missing (“targets”)."))
    when = unique(parts, *CONDITIONS)
    return Policy(
        name=parts["name"].text() if "name" in parts else f"#{place}",
        targets=_targets(wanted, way),
        calendar=calendar,
        calendar_name=name,
        when=_when(when) if when else {},
        warn_share=_share(parts["warn"]) if "warn" in parts else WARN_SHARE,
        acts=read_acts(parts["acts"]) if "acts" in parts else (),
    )


def _share(node: Node) -> float:
    """Of what is written in percent."""
    percent = node.value
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 1 <= percent <= 99:
        raise node.wrong(N_("Write from 1 to 99 percent, not %(found)s."), found=node.shown())
    return percent / 100


def _calendar(node: Node | None, calendars: Mapping[str, Calendar]) -> tuple[str, Calendar]:
    if node is None:
        return "", ALWAYS
    if not isinstance(node.value, str):
        name = node.members().get("name")
        return name.text() if name else "calendar", read_calendar(node)
    if node.text() in calendars:
        return node.text(), calendars[node.text()]
    if node.text().casefold() in ALWAYS_NAMES:
        return node.text(), ALWAYS
    known = ", ".join(calendars) or "–"
    raise node.wrong(
        N_("No calendar is called %(found)s. There are: %(known)s."), found=node.shown(), known=known
    )


def _when(node: Node) -> Facts:
    parts = {fact_named(name): one for name, one in node.members().items()}
    only(parts, FACTS)
    return {
        name: frozenset(_wanted(name, value) for value in one.items())
        for name, one in parts.items()
        if not is_remark(name)
    }


def fact_named(name: str) -> str:
    """Which fact of a case a condition of this name is about."""
    return {"tag": "tags"}.get(plain(name), plain(name))


def _wanted(name: str, node: Node) -> str:
    if name == "priority":
        return read_priority(node)
    if isinstance(node.value, bool) or not isinstance(node.value, str | int):
        raise node.wrong(N_("This must be a text, not %(found)s."), found=node.shown())
    return str(node.value).strip()


def _targets(node: Node, way: _Way) -> dict[tuple[Metric, str], Target]:
    found: dict[tuple[Metric, str], Target] = {}
    for metric, spec in _specs(node):
        for priority, target in _of_metric(metric, spec, way):
            if (metric, priority) in found:
                words = N_("There are two targets of %(metric)s for %(priority)s.")
                raise spec.wrong(words, metric=metric.value, priority=priority)
            found[metric, priority] = target
    if not found:
        raise node.wrong(N_("The targets are missing (“targets”)."))
    return found


def _specs(node: Node) -> Iterator[tuple[Metric, Node]]:
    if not isinstance(node.value, list):
        for name, spec in node.members().items():
            yield read_metric(name, spec), spec
        return
    for spec in node.value:
        named = spec.members().get("metric")
        if named is None:
            raise spec.wrong(N_("What is measured is missing (“metric”)."))
        yield read_metric(named.text(), named), spec


def _of_metric(metric: Metric, node: Node, way: _Way) -> Iterator[tuple[str, Target]]:
    """The target of each priority for which there is one."""
    if not isinstance(node.value, dict):
        target = _target(metric, _length(node), way)
        yield from ((priority, target) for priority in PRIORITIES)
        return
    parts = {plain(name): one for name, one in node.members().items()}
    named = {name: one for name, one in parts.items() if name in PRIORITY_NAMED}
    only({name: one for name, one in parts.items() if name not in named}, _TARGET)
    way = _way(parts, way)
    inner = parts.get("priorities")
    listed = [*named.items(), *(inner.members().items() if inner else ())]
    for name, one in listed:
        if plain(name) not in PRIORITY_NAMED:
            raise one.wrong(
                N_("“%(name)s” is no priority. Known are: %(known)s."), name=name, known=", ".join(PRIORITIES)
            )
        yield PRIORITY_NAMED[plain(name)], _of_priority(metric, one, way)
    length = unique(parts, *_LENGTH)
    if length is not None:
        target = _target(metric, _length(length, hours=length is parts.get("hours")), way)
        yield from ((priority, target) for priority in _for_priorities(parts.get("priority")))
    elif not listed:
        raise node.wrong(N_("It is not said how long it may take (“minutes”, or a priority)."))


def _of_priority(metric: Metric, node: Node, way: _Way) -> Target:
    if not isinstance(node.value, dict):
        return _target(metric, _length(node), way)
    parts = {plain(name): one for name, one in node.members().items()}
    only(parts, (*_LENGTH, "time", "pause_on"))
    length = unique(parts, *_LENGTH)
    if length is None:
        raise node.wrong(N_("It is not said how long it may take (“minutes”, or a priority)."))
    return _target(metric, _length(length, hours=length is parts.get("hours")), _way(parts, way))


def _for_priorities(node: Node | None) -> tuple[str, ...]:
    return tuple(read_priority(one) for one in node.items()) if node else PRIORITIES


def _way(parts: Mapping[str, Node], usual: _Way) -> _Way:
    time, holds = parts.get("time"), parts.get("pause_on")
    business = _business(time) if time else usual.business
    if time and business and not usual.has_calendar:
        raise time.wrong(N_("Business time needs a calendar (“calendar”)."))
    found = frozenset(_hold(one) for one in holds.items()) if holds else usual.holds
    return _Way(business, usual.has_calendar, found)


def _target(metric: Metric, length: timedelta, way: _Way) -> Target:
    return Target(length, way.business, USUAL_HOLDS[metric] if way.holds is None else way.holds)


def _length(node: Node, *, hours: bool = False) -> timedelta:
    length = read_length(node.value)
    if length is None or length <= timedelta():
        words = N_("This is no length of time: %(found)s. Write minutes (240) or PT4H.")
        raise node.wrong(words, found=node.shown())
    return length * 60 if hours and isinstance(node.value, int | float) else length


def _business(node: Node) -> bool:
    name = plain(node.text())
    if name not in _BUSINESS:
        raise node.wrong(N_("Time is business or calendar, not %(found)s."), found=node.shown())
    return _BUSINESS[name]


def _hold(node: Node) -> Hold:
    name = plain(node.text())
    if name not in _HOLDS:
        words = N_("A clock cannot pause on %(found)s. Known are: %(known)s.")
        raise node.wrong(words, found=node.shown(), known=", ".join(CHOSEN_HOLDS))
    return _HOLDS[name]
