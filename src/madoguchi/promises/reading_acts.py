"""What a policy does by itself, as it is written in JSON (docs/clocks.md). Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from madoguchi.promises.durations import as_iso, read_length
from madoguchi.promises.located import N_, Node, only, unique
from madoguchi.promises.policy import RESPONSIBLE, SENIORS, TO_WHOM, Act, Deed, Metric
from madoguchi.promises.reading_names import read_metric, read_priority

MOST_ACTS, MOST_VALUE = 20, 200
_ACT = ("do", "value", "before", "after", "metrics")


def read_acts(node: Node) -> tuple[Act, ...]:
    """The acts of a policy, in their order. Raises Wrong with the place."""
    acts = tuple(_act(one) for one in node.items())
    if len(acts) > MOST_ACTS:
        raise node.wrong(N_("A policy takes %(most)s acts at most."), most=MOST_ACTS)
    return acts


def written_acts(acts: Iterable[Act]) -> list[dict[str, Any]]:
    """Acts as a policy writes them."""
    return [_written(act) for act in acts]


def _written(act: Act) -> dict[str, Any]:
    found: dict[str, Any] = {"do": act.do.value, "value": act.value}
    if act.offset:
        found["after" if act.offset > timedelta() else "before"] = as_iso(abs(act.offset))
    if act.metrics:
        found["metrics"] = [metric.value for metric in Metric if metric in act.metrics]
    return found


def _act(node: Node) -> Act:
    parts = node.members()
    only(parts, _ACT)
    if "do" not in parts or "value" not in parts:
        raise node.wrong(N_("An act says what is done (“do”) and to what (“value”)."))
    do = parts["do"]
    if do.value not in list(Deed):
        raise do.wrong(
            N_("“%(name)s” is no act. Known are: %(known)s."), name=do.shown(), known=", ".join(Deed)
        )
    metrics = (
        frozenset(read_metric(one.text(), one) for one in parts["metrics"].items())
        if "metrics" in parts
        else frozenset()
    )
    return Act(Deed(do.text()), _value(Deed(do.text()), parts["value"]), _offset(parts), metrics)


def _offset(parts: Mapping[str, Node]) -> timedelta:
    moment = unique(parts, "before", "after")
    if moment is None:
        return timedelta()
    length = read_length(moment.value)
    if length is None or length <= timedelta() or length % timedelta(seconds=1):
        words = N_("This is no length of time: %(found)s. Write minutes (240) or PT4H.")
        raise moment.wrong(words, found=moment.shown())
    return length if moment is parts.get("after") else -length


def _value(do: Deed, node: Node) -> str:
    if do == Deed.PRIORITY:
        return read_priority(node)
    value = node.text().strip()
    if not 0 < len(value) <= MOST_VALUE:
        raise node.wrong(N_("Write between 1 and %(most)s characters."), most=MOST_VALUE)
    if do in TO_WHOM and value not in (RESPONSIBLE, SENIORS) and "@" not in value:
        words = N_("Name a person by their address, or “responsible” or “seniors”, not %(found)s.")
        raise node.wrong(words, found=node.shown())
    if do == Deed.ASSIGN and value == RESPONSIBLE:
        raise node.wrong(N_("Whoever is responsible is so already: name somebody else."))
    return value
