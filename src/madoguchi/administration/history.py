"""The history of companies, of a case or a customer, as rows: who did what, when, before and after, from where."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from madoguchi.administration.audit import seen_by, words_seen
from madoguchi.administration.wording import event_name, machine_name
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company, Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind
from madoguchi.kernel.text import as_cell

_AT_ONCE = 500
_SIDES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event. `before` and `after` hold what changed, by name; `more` what else the event says."""

    id: int
    at: str
    kind: str
    what: str
    who: str
    by: str
    where: str
    company: str
    case: str
    desk: str
    before: dict[str, Any]
    after: dict[str, Any]
    more: dict[str, Any]
    carried: bool


# What people read above the columns of the table; programs know them by their names.
HEADS: Mapping[str, Promise] = {
    "id": pgettext_lazy("history", "Number"),
    "at": pgettext_lazy("history", "Time (Japan)"),
    "kind": pgettext_lazy("history", "Kind"),
    "what": pgettext_lazy("history", "What happened"),
    "who": pgettext_lazy("history", "Who"),
    "by": pgettext_lazy("history", "Person or machine"),
    "where": pgettext_lazy("history", "From where"),
    "company": pgettext_lazy("history", "Company"),
    "case": pgettext_lazy("history", "Case"),
    "desk": pgettext_lazy("history", "Desk"),
    "before": pgettext_lazy("history", "Before"),
    "after": pgettext_lazy("history", "After"),
    "more": pgettext_lazy("history", "Details"),
    "carried": pgettext_lazy("history", "Brought along"),
}


def events_of(
    company: Company,
    *,
    case: Case | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Event]:
    """Events of a company, or of one case of it, for the shell of the installation, which sees all."""
    rows = Event.objects.filter(company_id=company.pk)
    rows = rows.filter(case_id=case.pk) if case else rows
    rows = rows.filter(at__gte=since) if since else rows
    return rows.filter(at__lt=until) if until else rows


def history(rows: QuerySet[Event], *, reader: Actor | None = None) -> Iterator[Line]:
    """Events as lines, the oldest first; needs a scope over them. Memory for some of them.

    A reader is told what the contract shows them; without one it is the installation itself that reads.
    """
    companies, desks = Company.objects.in_bulk(), dict(Desk.objects.values_list("pk", "name"))
    batch: list[Event] = []
    for event in rows.order_by("id").iterator(chunk_size=_AT_ONCE):
        batch.append(event)
        if len(batch) == _AT_ONCE:
            yield from _lines(batch, companies, desks, reader)
            batch = []
    yield from _lines(batch, companies, desks, reader)


def _lines(
    events: list[Event], companies: dict[int, Company], desks: dict[int, str], reader: Actor | None
) -> Iterator[Line]:
    cases = Case.objects.in_bulk({e.case_id for e in events if e.case_id})
    beside = words_seen(events, reader)
    for event in events:
        case, company = cases.get(event.case_id or 0), companies[event.company_id]
        before, after, more = _told(seen_by(reader, event) if reader else event.data)
        words = beside.get(event.pk, {})
        before |= {name: was for name, (was, _now) in words.items()}
        after |= {name: now for name, (_was, now) in words.items()}
        is_machine = event.actor_kind == ActorKind.SYSTEM
        yield Line(
            id=event.pk,
            at=event.at.isoformat(),
            kind=event.kind,
            what=event_name(event.kind),
            who=machine_name(event.actor_name) if is_machine else event.actor_name,
            by=event.actor_kind,
            where=event.origin,
            company=company.name,
            case=case.spoken_number(company.prefix) if case else "",
            desk=desks.get(event.desk_id or 0, ""),
            before=before,
            after=after,
            more=more,
            carried=event.carried,
        )


def _told(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What an event says, as what was before, what is after, and the rest."""
    more = {name: value for name, value in data.items() if name not in (*_SIDES, "changes", "field")}
    changes = data.get("changes")
    if isinstance(changes, dict) and all(
        isinstance(pair, list) and len(pair) == 2 for pair in changes.values()
    ):
        return (
            {n: was for n, (was, _now) in changes.items()},
            {n: now for n, (_was, now) in changes.items()},
            more,
        )
    if changes is not None:
        more["changes"] = changes
    name = str(data.get("field", "value"))
    before, after = ({name: data[side]} if side in data else {} for side in _SIDES)
    return before, after, more


def write_json_lines(lines: Iterator[Line], to: IO[str]) -> int:
    """One JSON object a line; returns how many."""
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is the answer
        to.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
    return count


def write_csv(lines: Iterator[Line], to: IO[str], *, heads: Mapping[str, Promise] | None = None) -> int:
    """A table with a heading, for spreadsheets; returns how many rows follow it. With `heads` it is for people: in
    their language, and by the clock of Japan.
    """
    writer = csv.writer(to)
    writer.writerow([str(heads[field.name]) if heads else field.name for field in fields(Line)])
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is the answer
        row = asdict(line) | ({"at": _by_the_clock(line.at)} if heads else {})
        writer.writerow([_cell(value) for value in row.values()])
    return count


def _by_the_clock(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(clock.TOKYO):%Y-%m-%d %H:%M:%S}"


def _cell(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) and value else str(value or "")
    return as_cell(words)
