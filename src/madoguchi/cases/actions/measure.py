"""How long customers wait for a first answer is measured now and then, never while a mail is answered."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from django.db.models import Q

from madoguchi.cases.models import ACTIVE, Case, ReplyTime
from madoguchi.cases.reply_time import Wait, figures_of
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel import clock

LATELY = timedelta(weeks=4)
# Of a desk that is written to more often, the newest are enough.
MOST_CASES = 20_000


def measure_reply_times() -> int:
    """Measure every open desk anew, each in a transaction of its own; returns how many desks there are.

    May run twice at once: both write the same rows in the same order.
    """
    with scope.everywhere(reason="desks of every company tell how soon they answer"):
        desks = list(Desk.objects.filter(active=True).order_by("pk").values_list("company_id", "pk"))
    for company, desk in desks:
        with scope.acting_for([company]):
            _measure(desk, company=company)
    return len(desks)


def _measure(desk: int, *, company: int) -> None:
    now = clock.now()
    rows = [
        ReplyTime(
            company_id=company,
            desk_id=desk,
            slot=slot,
            seconds=figure.seconds,
            cases=figure.cases,
            measured_at=now,
        )
        for slot, figure in figures_of(_waits(desk)).items()
    ]
    ReplyTime.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["desk", "slot"],
        update_fields=["seconds", "cases", "measured_at"],
    )
    ReplyTime.objects.filter(desk=desk).exclude(slot__in=[row.slot for row in rows]).delete()


def _waits(desk: int) -> Iterator[Wait]:
    """The waits of those who turned to a desk lately, the newest first. One query, by index.

    Who went on in another case waits there; who was laid to rest without an answer waits for none.
    """
    now = clock.now()
    lately = Case.objects.filter(desk=desk, opened_at__gte=now - LATELY, continued_in=None)
    found = lately.filter(Q(first_replied_at__isnull=False) | Q(status__in=ACTIVE)).order_by("-opened_at")
    for opened_at, replied_at in found.values_list("opened_at", "first_replied_at")[:MOST_CASES]:
        seconds = ceil(((replied_at or now) - opened_at).total_seconds())
        yield Wait(opened_at, max(seconds, 0), answered=replied_at is not None)
