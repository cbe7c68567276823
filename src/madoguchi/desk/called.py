"""Which number of ours somebody called, where it stands, which store it is of, and how it does today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from madoguchi.cases.models import Case
from madoguchi.commerce.models import Stock
from madoguchi.kernel import clock
from madoguchi.kernel.hours import Frames
from madoguchi.kernel.identity import written_phone
from madoguchi.reservations.models import Store
from madoguchi.reservations.queries import calendar_of
from madoguchi.voice.models import Call

_Ending = Call.Ending


@dataclass(frozen=True, slots=True)
class Today:
    """Calls at one number and desk since midnight: how many came, in how many somebody talked, how many gave up."""

    came: int
    talked: int
    gave_up: int


@dataclass(frozen=True, slots=True)
class Called:
    """The number that was called, by its `medium`, and its store, if it is of one alone: whether that `is_open`, and
    its `frames` of today.
    """

    number: str
    medium: str
    today: Today
    store: Store | None = None
    is_open: bool = False
    frames: Frames = ()


def called_at(call: Call) -> Called:
    """What is to be known of the number of a call. Two or three queries."""
    now, point = clock.now(), call.entry_point
    store = Store.objects.filter(entry_point=point).first()
    calendar = calendar_of(store) if store else None
    return Called(
        written_phone(call.called),
        point.medium,
        _today(call, now),
        store,
        calendar is not None and calendar.is_open(now),
        calendar.frames_on(timezone.localdate(now)) if calendar else (),
    )


def _today(call: Call, now: datetime) -> Today:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    theirs = Call.objects.filter(
        desk_id=call.desk_id, entry_point_id=call.entry_point_id, direction=Call.Direction.INBOUND
    )
    counts = theirs.filter(offered_at__gte=midnight).aggregate(
        came=Count("pk"),
        talked=Count("pk", filter=Q(outcome=_Ending.TALKED) | Q(talk_seconds__gt=0)),
        gave_up=Count("pk", filter=Q(outcome=_Ending.ABANDONED)),
    )
    return Today(**counts)


def store_of_case(case: Case) -> Store | None:
    """The store that the number or address is of by which the customer came. One query, or none."""
    if case.entry_point_id is None:
        return None
    return Store.objects.filter(entry_point_id=case.entry_point_id).first()


def stock_at(store: Store, variants: list[int]) -> Mapping[int, int]:
    """How many of each of these there are in a store, which stock knows by its name. One query."""
    rows = Stock.objects.filter(company_id=store.company_id, place=store.name, variant__in=variants)
    return dict(rows.values_list("variant_id", "quantity"))
