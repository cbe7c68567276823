"""How it stands at the phones of desks: who is there, who is free, and how many callers wait."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from madoguchi.kernel import clock
from madoguchi.people.queries import staff_by_desk, staff_of_desks
from madoguchi.routing.division import Load
from madoguchi.routing.queries import not_absent
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import HEARD_WITHIN


@dataclass(frozen=True, slots=True)
class Floor:
    """Loads by desk, and who there is ready for a call, whatever their shifts say."""

    loads: Mapping[int, Load]
    ready: Mapping[int, frozenset[int]]


def floor_of(desks: Sequence[int], *, among: Collection[int] | None = None) -> Floor:
    """How it stands at some desks, for a call that rings `among` these people alone (None: anybody). The phones that
    were heard of are asked for first: two queries where there is none, five where there are any.
    """
    states = _states(desks, among)
    people = set(not_absent(list(states))) if states else set()
    staff = staff_by_desk(desks, among=people) if people else {}
    waiting = waiting_at(desks)
    here = {desk: frozenset(staff.get(desk, ())) for desk in desks}
    loads = {
        desk: Load(waiting=waiting.get(desk, 0), here=len(there), able=len(there))
        for desk, there in here.items()
    }
    ready = {one for one in people if states[one] == AgentPhone.State.READY}
    return Floor(loads, {desk: there & ready for desk, there in here.items()})


def _states(desks: Sequence[int], among: Collection[int] | None) -> dict[int, str]:
    phones = AgentPhone.objects.filter(seen_at__gt=clock.now() - HEARD_WITHIN)
    phones = phones.filter(user_id__in=staff_of_desks(desks).values("pk"))
    if among is not None:
        phones = phones.filter(user_id__in=among)
    return dict(phones.exclude(state=AgentPhone.State.AWAY).values_list("user_id", "state"))


def waiting_at(desks: Sequence[int]) -> dict[int, int]:
    """How many callers at these desks nobody talks to: those who wait, for whom a phone rings, or who hear an
    announcement before that. One query.
    """
    talks = AgentPhone.objects.filter(state=AgentPhone.State.TALKING).exclude(call="")
    rows = Call.objects.filter(desk__in=list(desks), direction=Call.Direction.INBOUND)
    rows = rows.exclude(state=Call.State.ENDED).exclude(uid__in=talks.values("call"))
    return dict(rows.order_by().values_list("desk_id").annotate(number=Count("pk")))
