"""A text of policies taken apart, so that one of them can be changed and the rest stays as it was written. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from madoguchi.kernel.hours import Calendar
from madoguchi.promises.durations import as_iso
from madoguchi.promises.located import is_remark, read_json
from madoguchi.promises.policy import PRIORITIES, Metric, Policy, Target
from madoguchi.promises.reading_calendar import ALWAYS_NAMES, read_calendar
from madoguchi.promises.reading_names import metric_named
from madoguchi.promises.reading_policy import CONDITIONS, fact_named

ALWAYS_NAME = "always"
_POLICY_OR_CALENDARS = ("calendars", "version")


@dataclass(slots=True)
class Document:
    """Policies in their order as they are written, each naming its calendar, and the calendars by their names.

    `rest` is what stands beside them (remarks, a version).
    """

    policies: list[dict[str, Any]] = field(default_factory=list)
    calendars: dict[str, Any] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Document":
        """Of a text that `read_policies` can read, or of none at all."""
        whole = json.loads(text) if text.strip() else {"policies": []}
        if isinstance(whole, list):
            whole = {"policies": whole}
        elif "policies" not in whole:
            policy = {name: one for name, one in whole.items() if name not in _POLICY_OR_CALENDARS}
            whole = {name: whole[name] for name in _POLICY_OR_CALENDARS if name in whole} | {
                "policies": policy
            }
        found = cls(calendars=dict(whole.pop("calendars", {})))
        listed, usual = whole.pop("policies"), whole.pop("calendar", None)
        for policy in listed if isinstance(listed, list) else [listed]:
            chosen = policy.get("calendar", usual)
            found.policies.append(policy if chosen is None else policy | {"calendar": found.named(chosen)})
        found.rest = whole
        return found

    def named(self, calendar: Any, *, wanted: str = "") -> str:
        """The name of a calendar: of one that is written out it gets one, and stands among the others. Where another
        has that name, a number is set behind it.
        """
        if isinstance(calendar, str):
            known = calendar.strip()
            return ALWAYS_NAME if known not in self.calendars and known.casefold() in ALWAYS_NAMES else known
        wanted = wanted or str(calendar.get("name", "")).strip() or "calendar"
        return _put_beside(self.calendars, wanted, calendar)

    def text(self) -> str:
        """Written out again."""
        parts = {**self.rest, "calendars": self.calendars, "policies": self.policies}
        if not self.calendars:
            del parts["calendars"]
        return json.dumps(parts, ensure_ascii=False, indent=2) + "\n"


def written_targets(targets: Mapping[tuple[Metric, str], Target]) -> dict[str, Any]:
    """Targets as a policy writes them. Time and pauses are those of the first target of each metric."""
    found: dict[str, Any] = {}
    for metric in Metric:
        each = [(name, targets[metric, name]) for name in PRIORITIES if (metric, name) in targets]
        if each:
            first = each[0][1]
            found[metric.value] = {
                **{name: as_iso(target.length) for name, target in each},
                "time": "business" if first.business else "calendar",
                "pause_on": sorted(hold.value for hold in first.holds),
            }
    return found


def with_conditions(policy: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A written policy with these conditions: of each fact that is named here the values, or none (empty). Conditions
    of other facts stay as they are written, and remarks.
    """
    found = {name: one for name, one in policy.items() if name not in CONDITIONS}
    before: Mapping[str, Any] = next((policy[name] for name in CONDITIONS if name in policy), {})
    when = {name: one for name, one in before.items() if fact_named(name) not in wanted}
    when |= {name: list(values) for name, values in wanted.items() if values}
    return found | ({"when": when} if when else {})


def with_targets(policy: Mapping[str, Any], targets: Mapping[tuple[Metric, str], Target]) -> dict[str, Any]:
    """A written policy with these targets. Remarks on those that were go on with their metric, or, where nothing is
    promised of it any more, with the policy.
    """
    found = {name: one for name, one in policy.items() if name != "time"}
    written = written_targets(targets)
    for metric, name, remark in _remarks_on(policy.get("targets", {})):
        _put_beside(written.get(metric or "", found), name, remark)
    return found | {"targets": written}


def _remarks_on(targets: Any) -> Iterator[tuple[str | None, str, Any]]:
    each = targets.items() if isinstance(targets, dict) else ((one["metric"], one) for one in targets)
    for metric, written in each:
        for name, remark in _remarks(written):
            yield metric_named(metric), name, remark


def _remarks(written: Any) -> Iterator[tuple[str, Any]]:
    """What is remarked in a value, however deep."""
    for name, one in written.items() if isinstance(written, dict) else ():
        if is_remark(name):
            yield name, one
        else:
            yield from _remarks(one)


def _put_beside(others: dict[str, Any], wanted: str, value: Any) -> str:
    """Under this name, with a number behind it where something else has it; returns the name."""
    name, count = wanted, 1
    while others.get(name, value) != value:
        count += 1
        name = f"{wanted} {count}"
    others[name] = value
    return name


def calendar_from(written: Any) -> Calendar:
    """A calendar as it is written in a document. Raises Wrong."""
    return read_calendar(read_json(json.dumps(written, ensure_ascii=False)))


def is_plain(policy: Policy) -> bool:
    """Whether within each metric all priorities are measured alike, in whole minutes."""
    ways: dict[Metric, set[Any]] = {}
    for (metric, _priority), target in policy.targets.items():
        ways.setdefault(metric, set()).add((target.business, target.holds))
    whole = all(target.length.total_seconds() % 60 == 0 for target in policy.targets.values())
    return whole and all(len(found) == 1 for found in ways.values())
