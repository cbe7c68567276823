"""Taking in what shops hand in: kept first, each thing once by the name the shop gave it; then had as it is told.

What waits for something else is taken as soon as that is there, and what is wrong is kept and told. Doing it twice does
it once.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation

from madoguchi.infra import scope
from madoguchi.infra.event_log import carrying, record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.errors import MadoguchiError
from madoguchi.kernel.text import one_line
from madoguchi.storefronts import own, shopify
from madoguchi.storefronts.actions.applying import SHOP, apply, needs_of
from madoguchi.storefronts.events import HandedInWrong
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.reading import without_cards
from madoguchi.storefronts.told import Needs, Nothing, Told

KEPT_DAYS, WAITS_DAYS, HASHES_DAYS = 30, 180, 400
_LATE = timedelta(minutes=2)
_AT_ONCE = 200
State = Handed.State
_SETTLED = (State.TAKEN, State.KNOWN)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing as it is handed in: the name that the shop gave it, what it is, and what it says."""

    name: str
    topic: str
    body: dict[str, Any]
    triggered: int = 0


def hand_in(shop: Storefront, items: Sequence[Item], *, past: bool = False) -> list[Handed]:
    """Keep what is handed in, and then have it so; how each stands, in the order in which they came. What was handed in
    before under the same name stands as it stood. `past` says that it happened before the shop was connected: nothing
    reacts to it.
    """
    with scope.acting_for([shop.company_id]):
        rows = [_kept(shop, item) for item in items]
        Storefront.objects.filter(pk=shop.pk).update(heard_at=clock.now())
    for row in rows:
        if row.state == State.NEW:
            with scope.acting_for([shop.company_id]), carrying() if past else nullcontext():
                work_on(row.pk)
    with scope.acting_for([shop.company_id]):
        now = Handed.objects.in_bulk([row.pk for row in rows])
    return [now[row.pk] for row in rows]


@transaction.atomic
def work_on(pk: int) -> None:
    """Have one thing so, and what waited for it. Within a scope; one of a shop after another."""
    row = Handed.objects.select_related("storefront__desk", "storefront__company").get(pk=pk)
    one_at_a_time(f"storefront {row.storefront_id}")
    row.refresh_from_db(fields=["state", "body"])
    if row.state in _SETTLED or row.body is None:
        return
    for need in _work(row):
        for waiting in _waiting(row.storefront_id, need):
            _work(waiting)


def resume_left_over() -> int:
    """Work on what was kept and not worked on, for its process was killed in between; returns how many."""
    late = clock.now() - _LATE
    with scope.everywhere(reason="what any shop handed in may have been left by a killed process"):
        left = list(
            Handed.objects.filter(state=State.NEW, at__lt=late).values_list("pk", "company_id")[:_AT_ONCE]
        )
    for pk, company in left:
        with scope.acting_for([company]):
            work_on(pk)
    return len(left)


def forget_old() -> int:
    """Forget what was taken in so long ago that no shop hands it in again, and what was wrong for half a year. Of what
    Shopify signed, without a time, the hash is kept for longer: somebody else may send it in again.
    """
    settled, shopify = Q(state__in=_SETTLED), Q(storefront__kind=Storefront.Kind.SHOPIFY)
    each = (settled & ~shopify, KEPT_DAYS), (settled, HASHES_DAYS), (~settled, WAITS_DAYS)
    return sum(forget(partial(_before, which, days_ago(days))) for which, days in each)


def _before(which: Q, moment: datetime) -> QuerySet[Handed]:
    return Handed.objects.filter(which, at__lt=moment)


def _kept(shop: Storefront, item: Item) -> Handed:
    body = without_cards(item.body)
    reader = shopify if shop.kind == Storefront.Kind.SHOPIFY else own
    row, _new = Handed.objects.get_or_create(
        storefront=shop,
        name=item.name[:200],
        defaults={
            "company_id": shop.company_id,
            "topic": one_line(item.topic, most=60),
            "about": one_line(reader.name_of(body), most=120),
            "triggered": item.triggered,
            "body": body,
            "at": clock.now(),
        },
    )
    return row


def _waiting(storefront: int, need: str) -> Iterator[Handed]:
    rows = Handed.objects.filter(storefront=storefront, needs=need, state=State.WAITING)
    yield from rows.select_related("storefront__desk", "storefront__company").order_by("pk")


def _work(row: Handed) -> list[str]:
    """Have one thing so, whole or not at all; what others may have waited for."""
    shop = row.storefront
    reader = shopify if shop.kind == Storefront.Kind.SHOPIFY else own
    with translation.override("ja"):
        try:
            with transaction.atomic():
                told = reader.read(row.topic, row.body, triggered=row.triggered)
                news = apply(told, shop)
        except Needs as needs:
            _settle(row, State.WAITING, needs=str(needs))
            return []
        except MadoguchiError as error:
            _wrong(row, str(error))
            return []
    _settle(row, State.TAKEN if news else State.KNOWN, why=_why(told))
    return needs_of(told)


def _why(told: Told) -> str:
    return told.why if isinstance(told, Nothing) else ""


def _wrong(row: Handed, why: str) -> None:
    is_new = row.state != State.WRONG
    _settle(row, State.WRONG, why=why)
    if is_new:
        fact = HandedInWrong(
            company=row.company_id, storefront=row.storefront_id, handed=row.pk, topic=row.topic
        )
        record(fact, by=SHOP)


def _settle(row: Handed, state: str, *, needs: str = "", why: str = "") -> None:
    """Keep how it stands. Once it is taken in, its words stand where they belong, and not here."""
    row.state, row.needs, row.why = state, needs[:140], one_line(why, most=500)
    if state in _SETTLED:
        row.body = None
    row.save(update_fields=["state", "needs", "why", "body"])
