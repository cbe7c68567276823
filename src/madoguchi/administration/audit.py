"""The event log as people read it: who did what, where and when."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet

from madoguchi.administration.queries import in_reach, without_addresses
from madoguchi.administration.wording import event_name, machine_name, machines_called
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company, Desk
from madoguchi.customers.queries import show
from madoguchi.infra import facts
from madoguchi.infra.event_customers import telling_of
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event, Seal
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, DataScope, Permission
from madoguchi.knowledge.queries import kept_from
from madoguchi.shield.sight import of_other_employers

PER_PAGE = 50
_MAY_NAME_AN_ADDRESS = ("message.", "arrival.", "case.", "sender.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events are asked for; what is None does not narrow."""

    company: int | None = None
    kind: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None
    case: int | None = None
    customer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in words."""

    id: int
    at: datetime
    kind: str
    what: str
    who: str
    by_person: bool
    company: str
    desk: str
    case: str
    details: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some entries, newest first, and the id before which the next ones lie (None: no more)."""

    entries: list[Entry]
    before: int | None


def page(actor: Actor, wanted: Filter, *, before: int | None = None) -> AuditPage:
    """Events of the actor's companies and desks below an id, newest first."""
    rows = events_wanted(actor, wanted)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    more = shown[-1].pk if len(found) > PER_PAGE else None
    return AuditPage(entries=_in_words(shown, actor), before=more)


def events_wanted(actor: Actor, wanted: Filter) -> QuerySet[Event]:
    """Events of the actor's companies and desks that a filter asks for."""
    reach = in_reach(actor, Permission.AUDIT, desk="desk_id")
    rows = Event.objects.filter(reach, _by(wanted.who), **_conditions(wanted))
    rows = rows.exclude(_of_colleagues(actor)).exclude(of_other_employers(actor))
    if kept := kept_from(actor):
        rows = rows.exclude(kind__startswith="article.", data__article__in=kept)
    if wanted.customer is None:
        return rows
    theirs = list(Case.objects.filter(customer=wanted.customer).values_list("pk", flat=True))
    of_them = telling_of([wanted.customer]) & Q(kind__startswith="customer.")
    return rows.filter(Q(case_id__in=theirs) | of_them)


def counted(rows: QuerySet[Event]) -> dict[int, int]:
    """How many of these events are of which company. One query."""
    return dict(rows.order_by().values_list("company").annotate(Count("id")))


def sealed_at() -> datetime | None:
    """When the chain was last closed, if ever."""
    return Seal.objects.order_by("-id").values_list("sealed_at", flat=True).first()


def kinds_in_words(actor: Actor) -> list[tuple[str, str]]:
    """Every kind of event that the actor may be told of anywhere with its name, by name."""
    works = actor.may_anywhere(Permission.CASE_NOTE)
    kinds = (kind for kind in facts.known() if works or not facts.is_among_colleagues(kind))
    named = ((kind, event_name(kind)) for kind in kinds)
    return sorted(named, key=lambda pair: pair[1])


def _of_colleagues(actor: Actor) -> Q:
    """What people of a desk share among themselves, but for where the actor works with them (37号告示)."""
    kinds = [kind for kind in facts.known() if facts.is_among_colleagues(kind)]
    return Q(kind__in=kinds) & ~in_reach(actor, Permission.CASE_NOTE, desk="desk_id")


def _by(who: str) -> Q:
    """Done by whoever's name holds these words, as it is written or as this page calls a machine."""
    person = Q(actor_name__icontains=who)
    return person | Q(actor_name__in=machines_called(who), actor_kind=ActorKind.SYSTEM) if who else Q()


def _conditions(wanted: Filter) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    if wanted.company is not None:
        conditions["company_id"] = wanted.company
    if wanted.case is not None:
        conditions["case_id"] = wanted.case
    if wanted.kind:
        conditions["kind"] = wanted.kind
    if wanted.since is not None:
        conditions["at__gte"] = _midnight(wanted.since)
    if wanted.until is not None:
        conditions["at__lt"] = _midnight(wanted.until + timedelta(days=1))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.TOKYO)


def _in_words(events: list[Event], reader: Actor) -> list[Entry]:
    companies = Company.objects.in_bulk({e.company_id for e in events})
    desks = Desk.objects.in_bulk({e.desk_id for e in events if e.desk_id})
    cases = Case.objects.in_bulk({e.case_id for e in events if e.case_id})
    beside = words_seen(events, reader)
    return [_entry(event, companies, desks, cases, reader, beside.get(event.pk, {})) for event in events]


def words_seen(events: Sequence[Event], reader: Actor | None) -> dict[int, dict[str, list[Any]]]:
    """What changed by events that do not say it themselves, by event, as the contract lets a reader see what is of a
    customer (None: the installation itself). One query.
    """
    words, of = words_of(event.pk for event in events), {event.pk: event for event in events}
    if reader is None:
        return words
    return {
        pk: _as_shown(of[pk], changes, reader) for pk, changes in words.items() if _may_read(of[pk], reader)
    }


_CUSTOMERS_OWN = frozenset({"chat.judged", "chat.address_proven", "survey.answered"})


def _may_read(event: Event, reader: Actor) -> bool:
    """What a customer said is for those who read cases; whoever sets things up reads none of it."""
    if event.kind not in _CUSTOMERS_OWN:
        return True
    return reader.may(Permission.CASE_READ, company=event.company_id, desk=event.desk_id)


def _as_shown(event: Event, changes: dict[str, list[Any]], reader: Actor) -> dict[str, list[Any]]:
    if not event.kind.startswith(("customer.", "slip.", "chat.address")):
        return changes
    scope = reader.data_scope(company=event.company_id)
    called = {"emails": "email", "phones": "phone", "members": "member", "former_names": "name"}
    called["places"] = "address"
    if event.kind.startswith("chat.address"):
        called["address"] = "email"
    hide = {name: partial(_shown, called.get(name, name), scope) for name in changes}
    return {name: [_each_word(side, hide[name]) for side in pair] for name, pair in changes.items()}


def _shown(field: str, scope: DataScope, value: str) -> str:
    return show(value, field, scope)


def _entry(
    event: Event,
    companies: Mapping[int, Company],
    desks: Mapping[int, Desk],
    cases: Mapping[int, Case],
    reader: Actor,
    words: Mapping[str, list[Any]],
) -> Entry:
    company = companies[event.company_id]
    case, desk = cases.get(event.case_id or 0), desks.get(event.desk_id or 0)
    return Entry(
        id=event.pk,
        at=event.at,
        kind=event.kind,
        what=event_name(event.kind),
        who=machine_name(event.actor_name) if event.actor_kind == ActorKind.SYSTEM else event.actor_name,
        by_person=event.actor_kind == ActorKind.PERSON,
        company=company.name,
        desk=desk.name if desk else "",
        case=case.spoken_number(company.prefix) if case else "",
        details=[*_details(event, reader), *((name, _plain(pair)) for name, pair in words.items())],
    )


def _details(event: Event, reader: Actor) -> list[tuple[str, str]]:
    """What the fact says, in the order in which its class says it; the database keeps no order."""
    fact = facts.known().get(event.kind)
    order = [field.name for field in dataclasses.fields(fact)] if fact else sorted(event.data)
    data = seen_by(reader, event)
    return [(n, _plain(data[n])) for n in order if data.get(n) not in (None, "", [])]


def seen_by(reader: Actor, event: Event) -> dict[str, Any]:
    """What the fact says as this reader may know it. What other servers said of a mail, a subject or a sender that is
    kept out may name the customer's address.
    """
    said: dict[str, Any] = event.data
    if not event.kind.startswith(_MAY_NAME_AN_ADDRESS):
        return said
    hide = lambda words: without_addresses(words, company=event.company_id, reader=reader)  # noqa: E731
    return {name: _each_word(value, hide) for name, value in said.items()}


def _each_word(value: Any, turned: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return turned(value)
    if isinstance(value, list):
        return [_each_word(each, turned) for each in value]
    return {n: _each_word(each, turned) for n, each in value.items()} if isinstance(value, dict) else value


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return (
            " → ".join(_plain(each) for each in value) if len(value) == 2 else ", ".join(map(_plain, value))
        )
    return "—" if value in (None, "") else str(value)
