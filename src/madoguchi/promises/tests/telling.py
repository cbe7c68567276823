"""Short ways to say what happened to a case, and what its clocks show."""

from datetime import datetime, timedelta

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, frames
from madoguchi.promises.clocks import Clock, read_clocks
from madoguchi.promises.located import Node, read_json
from madoguchi.promises.policy import PRIORITIES, USUAL_HOLDS, Metric, Policy, Target
from madoguchi.promises.reading_events import read_events
from madoguchi.promises.story import Event, tell

# Tuesday.
DAY = "2026-12-01"
OFFICE = Calendar(
    week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2,
    holidays=True,
    closed_yearly=frozenset({(12, 29), (12, 30), (12, 31), (1, 2), (1, 3)}),
)


def at(written: str) -> datetime:
    """A moment in Japan: "14:30" of a Tuesday, or with its day."""
    return datetime.fromisoformat(written if "-" in written else f"{DAY} {written}").replace(tzinfo=TOKYO)


def events(*lines: str) -> list[Event]:
    """Events, each as "14:30 type key=value …"."""
    return read_events(_line(line) for line in lines)


def _line(line: str) -> Node:
    moment, kind, *more = line.split()
    said = [f'"at": "{at(moment.replace("T", " ")).isoformat()}"', f'"type": "{kind}"']
    said += [f'"{key}": "{value}"' for key, value in (one.split("=") for one in more)]
    return read_json("{" + ", ".join(said) + "}")


def policy(
    metric: Metric, hours: float, *, calendar: Calendar | None = None, holds: frozenset | None = None
) -> Policy:
    """A policy with one target for cases of every priority."""
    target = Target(
        timedelta(hours=hours), calendar is not None, USUAL_HOLDS[metric] if holds is None else holds
    )
    targets = {(metric, priority): target for priority in PRIORITIES}
    return Policy("標準", targets, **({"calendar": calendar} if calendar else {}))


def shown(until: str, policies: Policy | list[Policy], *lines: str) -> list[Clock]:
    """The clocks at a moment."""
    wanted = policies if isinstance(policies, list) else [policies]
    return read_clocks(tell(events(*lines)), wanted, at=at(until))


def only(clocks: list[Clock]) -> Clock:
    """The one clock there is."""
    (clock,) = clocks
    return clock


def spans(clock: Clock) -> list[str]:
    """Each stretch, as "10:00–11:00 ran 60" (minutes counted) or "11:00–12:00 waiting_customer"."""
    return [
        f"{_time(s.begin)}–{_time(s.end)} "
        + (f"ran {s.counted / timedelta(minutes=1):g}" if s.runs else s.why)
        for s in clock.spans
    ]


def _time(moment: datetime) -> str:
    there = moment.astimezone(TOKYO)
    return f"{there:%H:%M}" if f"{there:%Y-%m-%d}" == DAY else f"{there:%m-%d %H:%M}"
