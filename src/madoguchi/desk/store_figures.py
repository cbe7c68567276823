"""What comes by the numbers of stores, and what goes on to the stores: calls put through, message slips."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q

from madoguchi.cases.models import Case
from madoguchi.desk.media import LOST, calls_in, desks_seen
from madoguchi.desk.store_slips import Sent, sent_to
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.reservations.models import Store
from madoguchi.voice.models import Call, OutsideContact


@dataclass(frozen=True, slots=True)
class OfStore:
    """The calls that came by the number of a store in so many `days`, those of them that were lost, in which somebody
    `talked` with us, and that were then `put_through` to the store's own telephone; how many `messages` went to it, of
    those how many are still to be done (`waiting`), and of how many of the `cases` that came by its number one did
    (`forwarded`).
    """

    pk: int
    name: str
    days: int
    calls: int
    lost: int
    talked: int
    put_through: int
    cases: int
    messages: int
    waiting: int
    forwarded: int

    @property
    def a_day(self) -> float:
        """Calls of a day, on average."""
        return self.calls / self.days

    @property
    def put_through_rate(self) -> float | None:
        """How many percent of the calls that were talked on went on to the store; None where there was none."""
        return 100 * self.put_through / self.talked if self.talked else None

    @property
    def message_rate(self) -> float | None:
        """Of how many percent of the cases that came by its number a message went to the store; None without a case."""
        return 100 * self.forwarded / self.cases if self.cases else None


def by_store(actor: Actor, *, days: int) -> list[OfStore]:
    """Stores that are known by a number or have a mail address, with what came by the one and went to the other in so
    many days. Six queries. The busiest first.
    """
    begin, desks = clock.now() - timedelta(days=days), desks_seen(actor)
    here = {"direction": Call.Direction.INBOUND, "offered_at__gte": begin}
    calls = Call.objects.filter(entry_point=OuterRef("entry_point"), **here)
    companies = {desk.company_id for desk in desks}
    tells = Q(entry_point=None, company__in=companies) & ~Q(email="")
    rows = Store.objects.filter(Q(entry_point__desk__in=desks) | tells)
    counted = {
        "calls": calls,
        "lost": calls.filter(LOST),
        "talked": calls.filter(outcome=Call.Ending.TALKED),
    }
    stores = rows.annotate(**{name: calls_in(found) for name, found in counted.items()})
    found = list(stores.order_by("-calls", "name"))
    through, cases, sent = (
        _put_through(found, begin),
        _cases_by(found, begin),
        sent_to(found, since=begin, desks=desks),
    )
    return [_of_store(one, days, through.get(one.pk, 0), cases[one.entry_point_id], sent) for one in found]


def _of_store(
    store: Any, days: int, through: int, cases: frozenset[int], sent: Mapping[int, Sent]
) -> OfStore:
    told = sent.get(store.pk, Sent())
    return OfStore(
        pk=store.pk,
        name=store.name,
        days=days,
        calls=store.calls,
        lost=store.lost,
        talked=store.talked,
        put_through=through,
        cases=len(cases),
        messages=told.slips,
        waiting=told.open,
        forwarded=len(cases & told.cases),
    )


def _cases_by(stores: Sequence[Store], begin: datetime) -> Mapping[int | None, frozenset[int]]:
    """The cases that were opened since then by the number of each store."""
    points = {one.entry_point_id for one in stores if one.entry_point_id}
    rows = Case.objects.filter(entry_point__in=points, opened_at__gte=begin)
    found: defaultdict[int | None, set[int]] = defaultdict(set)
    for point, case in rows.values_list("entry_point", "pk"):
        found[point].add(case)
    return defaultdict(frozenset, {point: frozenset(cases) for point, cases in found.items()})


def _put_through(stores: Sequence[Store], begin: datetime) -> dict[int, int]:
    """How many calls of each store's number since then were talked on and put through to the store's own telephone."""
    companies = {one.company_id for one in stores}
    contacts = dict(OutsideContact.objects.filter(company__in=companies).values_list("pk", "number"))
    told = Event.objects.filter(company__in=companies, kind="call.put_through_outside", at__gte=begin)
    went = {(e["call"], contacts.get(e["contact"])) for e in told.values_list("data", flat=True)}
    calls = Call.objects.filter(
        pk__in={call for call, _number in went},
        direction=Call.Direction.INBOUND,
        outcome=Call.Ending.TALKED,
        offered_at__gte=begin,
    )
    came_by = dict(calls.values_list("pk", "entry_point"))
    numbers = {one.entry_point_id: canonical(IdentityKind.PHONE, one.phone) for one in stores if one.phone}
    of = {one.entry_point_id: one.pk for one in stores}
    found: defaultdict[int, int] = defaultdict(int)
    for call, number in went:
        point = came_by.get(call)
        if point in numbers and numbers[point] == number:
            found[of[point]] += 1
    return found
