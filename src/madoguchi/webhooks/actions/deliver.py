"""Sending events to endpoints: each until it is taken or given up, the same bytes under the same id every time.

The state is committed before the connection is opened. What a killed worker left under way is sent again; a receiver
tells a repeat by its `webhook-id`.
"""

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.infra import scope
from madoguchi.infra.event_log import Recorded, record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict
from madoguchi.kernel.text import clean
from madoguchi.webhooks import jobs
from madoguchi.webhooks.actions.endpoints import switch
from madoguchi.webhooks.events import DeliveryReplayed
from madoguchi.webhooks.models import GONE, PAUSES, TOO_LONG, Delivery, Endpoint
from madoguchi.webhooks.policies import require_webhooks
from madoguchi.webhooks.posting import is_taken, post
from madoguchi.webhooks.public import COMPANY_KINDS, told

WEBHOOKS = system("webhooks")
# So long at most the others wait for an endpoint at which nobody answers, or that is too busy.
LONGEST_PAUSE = timedelta(minutes=30)
_BUSY = frozenset({408, 429})
# An endpoint that has taken nothing for so long is switched off.
PATIENCE = timedelta(days=5)
_UNDER_WAY = timedelta(minutes=2)
_GONE_STATUS = 410
State = Delivery.State
logger = structlog.get_logger()


def tell(events: Sequence[Recorded]) -> int:
    """Put events of one company on their way to its endpoints; says to how many. Twice is as once.

    What colleagues do with one another's answers is not the company's to hear (37号告示).
    """
    heard = [event for event in events if event.kind in COMPANY_KINDS]
    endpoints = list(Endpoint.objects.filter(off_why="", removed_at=None)) if heard else []
    if not endpoints:
        return 0
    bodies = {one["id"]: _body(one) for one in told(heard)}
    now = clock.now()
    made = [
        Delivery(
            company_id=event.company,
            endpoint=endpoint,
            event_id=event.id,
            kind=event.kind,
            body=bodies[event.id],
            due_at=now,
            made_at=now,
        )
        for event in heard
        for endpoint in endpoints
        if endpoint.company_id == event.company and event.kind in (endpoint.kinds or COMPANY_KINDS)
    ]
    Delivery.objects.bulk_create(made, ignore_conflicts=True)
    wanted = Delivery.objects.filter(event_id__in=list(bodies), endpoint__in=endpoints, state=State.QUEUED)
    for delivery in wanted:
        jobs.schedule(delivery)
    return len(made)


def deliver(delivery_id: int, *, company: int) -> None:
    """Send one delivery that is due. By two workers at once, or twice, it is sent once.

    Whoever holds both holds the endpoint first, then the delivery.
    """
    with scope.acting_for([company]):
        delivery = _claimed(delivery_id)
    if delivery is None:
        return
    status, words = post(delivery.endpoint, name=f"evt_{delivery.event_id}", body=delivery.body)
    with scope.acting_for([company]):
        endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
        if not _is_still_ours(delivery):
            return
        delivery.tried_at, delivery.status, delivery.response = clock.now(), status, clean(words)[:500]
        if is_taken(status):
            _taken(delivery, endpoint)
        else:
            _refused(delivery, endpoint)


@transaction.atomic
def replay(delivery: Delivery, *, by: Actor) -> None:
    """Send a delivery once more, from the first try on, under the same id.

    Raises NotAllowed, and Conflict while it is being sent: what became of that would be lost.
    """
    require_webhooks(by, company=delivery.company_id)
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(paused_until=None)
    now = Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    if now.state == State.SENDING:
        raise Conflict(_("It is being sent at this moment. Look again in a minute."))
    delivery.state, delivery.tries, delivery.due_at = State.QUEUED, 0, clock.now()
    delivery.save(update_fields=["state", "tries", "due_at"])
    jobs.schedule(delivery)
    fact = DeliveryReplayed(company=delivery.company_id, endpoint=delivery.endpoint_id, delivery=delivery.pk)
    record(fact, by=by)


def resume_left_over(*, most: int = 500) -> int:
    """Give each delivery whose job, or worker, was lost a job again; says how many."""
    late = clock.now() - _UNDER_WAY
    with scope.everywhere(reason="deliveries of any company may have been left by a killed worker"):
        Delivery.objects.filter(state=State.SENDING, due_at__lt=late).update(state=State.QUEUED)
        waiting = Delivery.objects.filter(state=State.QUEUED, due_at__lt=late).order_by("due_at")
        left = list(waiting.values_list("pk", "company_id")[:most])
    return sum(_schedule_again(delivery, company) for delivery, company in left)


def forget_old() -> int:
    """Forget deliveries older than `MADOGUCHI_WEBHOOK_DAYS`; returns how many. What is still under way is kept."""
    old, ended = days_ago(settings.WEBHOOK_DAYS), (State.DELIVERED, State.FAILED)
    return forget(lambda: Delivery.objects.filter(made_at__lt=old, state__in=ended))


def _schedule_again(delivery: int, company: int) -> bool:
    try:
        with transaction.atomic():
            jobs.schedule_left_over(delivery, company=company)
    except (AlreadyEnqueued, IntegrityError):  # it waits already
        return False
    return True


def _claimed(delivery_id: int) -> Delivery | None:
    """The delivery, ours to send now; put off or ended where its endpoint takes nothing."""
    now, rows = clock.now(), Delivery.objects.select_related("endpoint")
    delivery = rows.select_for_update(of=("self",)).filter(pk=delivery_id, state=State.QUEUED).first()
    if delivery is None or delivery.due_at > now:
        return None
    endpoint = delivery.endpoint
    if endpoint.off_why or endpoint.removed_at:
        _save(delivery, State.FAILED)  # with what was said last; `queries.is_left` says that it was off
        return None
    if endpoint.paused_until and endpoint.paused_until > now:
        _put_off(delivery, endpoint.paused_until)
        return None
    delivery.state, delivery.due_at, delivery.tries = State.SENDING, now, delivery.tries + 1
    delivery.save(update_fields=["state", "due_at", "tries"])
    return delivery


def _is_still_ours(delivery: Delivery) -> bool:
    """Whether nobody took us for dead meanwhile and sends it by themselves; keeps it so."""
    under_way = Delivery.objects.filter(state__in=[State.QUEUED, State.SENDING], tries=delivery.tries)
    return under_way.select_for_update(no_key=True).filter(pk=delivery.pk).first() is not None


def _taken(delivery: Delivery, endpoint: Endpoint) -> None:
    _save(delivery, State.DELIVERED)
    if endpoint.failing_since or endpoint.paused_until:
        endpoint.failing_since = endpoint.paused_until = None
        endpoint.save(update_fields=["failing_since", "paused_until"])


def _refused(delivery: Delivery, endpoint: Endpoint) -> None:
    """A refusal is of this one alone: the next may well be taken. The others wait where nobody answers as should be."""
    now = clock.now()
    since = endpoint.failing_since or now
    again = _after(now, PAUSES[min(delivery.tries, len(PAUSES)) - 1])
    if _is_for_all(delivery.status):
        endpoint.paused_until = min(again, now + LONGEST_PAUSE)
    if delivery.tries > len(PAUSES):
        _save(delivery, State.FAILED)
    else:
        _save(delivery, State.QUEUED)
        _put_off(delivery, again)
    endpoint.failing_since = since
    endpoint.save(update_fields=["failing_since", "paused_until"])
    if delivery.status == _GONE_STATUS:
        switch(endpoint, on=False, why=GONE, by=WEBHOOKS)
    elif now - since >= PATIENCE:
        switch(endpoint, on=False, why=TOO_LONG, by=WEBHOOKS)


def _is_for_all(status: int | None) -> bool:
    return status is None or status >= 500 or status in _BUSY


def _after(now: datetime, seconds: int) -> datetime:
    """Not all at the same moment: what failed together would come back together."""
    return now + timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311  nothing secret


def _put_off(delivery: Delivery, until: datetime) -> None:
    delivery.due_at = until
    delivery.save(update_fields=["due_at"])
    jobs.schedule(delivery)


def _save(delivery: Delivery, state: State) -> None:
    delivery.state = state
    delivery.save(update_fields=["state", "tried_at", "status", "response"])


def _body(event: dict[str, object]) -> str:
    data = {name: event[name] for name in ("id", "company", "desk", "case", "by")}
    whole = {"type": event["type"], "timestamp": event["at"], "data": data | {"details": event["data"]}}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
