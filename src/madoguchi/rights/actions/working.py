"""The work on a demand, by a job; and what is done for all of them as time goes by."""

from contextlib import suppress
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.queries import actor_of
from madoguchi.rights import kept
from madoguchi.rights.actions.erasing import carry_out
from madoguchi.rights.actions.making import make
from madoguchi.rights.models import Request
from madoguchi.rights.scheduling import is_scheduled, schedule

State = Request.State
MOST_BEGINNINGS = 3
# A file that is younger may be one that somebody is about to name.
LEFT_LYING = timedelta(hours=1)
logger = structlog.get_logger()


def work(request_id: int, *, company: int) -> None:
    """Do what is demanded, with the name of who began it. Raises what is the trouble with the database.

    A worker may be killed anywhere: what it had not finished is done again from its beginning, by another.
    """
    with scope.acting_for([company]):
        found = _begun(request_id)
    if found is None:
        return
    try:
        do = make if found.kind == Request.Kind.DISCLOSURE else carry_out
        do(found, by=actor_of(found.started_by) if found.started_by else system("rights"))
    except (OperationalError, InterfaceError):
        with suppress(OperationalError, InterfaceError), scope.acting_for([company]):
            Request.objects.filter(pk=found.pk, begun__gt=0).update(begun=F("begun") - 1)
        raise


def resume_left_over() -> int:
    """Go on with everything that is under way without a job; returns how much."""
    with scope.everywhere(reason="demands of customers of any company may have lost their job"):
        going = list(Request.objects.filter(state=State.RUNNING).order_by("pk"))
    left = [one for one in going if not is_scheduled(one)]
    for one in left:
        with scope.acting_for([one.company_id]):
            schedule(one)
    return len(left)


def drop_expired() -> int:
    """Throw away files whose link has expired, and those that a killed worker left; returns how many expired."""
    with scope.everywhere(reason="files of any company go when their link expires"):
        made = list(Request.objects.exclude(archive="").order_by("pk"))
    old = [one for one in made if one.expires_at is None or one.expires_at <= clock.now()]
    for one in old:
        kept.throw_away(one.archive, company=one.company_id)
        with scope.acting_for([one.company_id]):
            Request.objects.filter(pk=one.pk, archive=one.archive).update(archive="")
    for company, name in kept.left_lying(before=clock.now() - LEFT_LYING):
        with scope.acting_for([company]):
            named = Request.objects.filter(company=company, archive=name).exists()
        if not named:
            kept.throw_away(name, company=company)
    return len(old)


def _begun(request_id: int) -> Request | None:
    """A demand that is under way, counted as begun: one that takes each worker with it is set aside."""
    rows = Request.objects.select_for_update(of=["self"], no_key=True)
    found = rows.select_related("customer", "started_by").get(pk=request_id)
    if found.state != State.RUNNING:
        return None
    found.begun += 1
    if found.begun > MOST_BEGINNINGS:
        logger.error("request_given_up", request=found.pk)
        words = _("The program failed at this several times. Whoever runs it finds more in its log.")
        found.state, found.trouble = State.FAILED, words
    found.save(update_fields=["begun", "state", "trouble"])
    return found if found.state == State.RUNNING else None
