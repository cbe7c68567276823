"""Trying service levels on all cases of the last 90 days: a job that goes through them, and can be stopped."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.stopping import is_stopping
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.queries import actor_of
from madoguchi.promises import policies
from madoguchi.promises.actions import MOST_CHARACTERS
from madoguchi.promises.events import LevelsTrialStarted, LevelsTrialStopped
from madoguchi.promises.located import Wrong
from madoguchi.promises.models import LevelsTrial
from madoguchi.promises.queries import read_text, said_here
from madoguchi.promises.trial import DAYS, Tally, Trial

WORK_ON, QUEUE = "promises.try_on", "batches"
# So many cases a transaction: a moment each, so that whoever stops it is heard and progress is seen.
SLICE = 50
State = LevelsTrial.State
logger = structlog.get_logger()


@transaction.atomic
def start_trial(desk: Desk, *, text: str, by: Actor) -> LevelsTrial:
    """Try a text on all cases of a desk of the last 90 days, by a job; what was tried before goes, all else stays.

    Raises NotAllowed for who does not set up the desk, Refused, with line and field, for what is not right, and
    Conflict while another one runs.
    """
    _require(desk, by)
    if by.id is None:
        raise NotAllowed(Permission.DESKS)
    text = text.replace("\r\n", "\n")
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("This is too long to be kept."), field="text")
    try:
        read_text(text)
    except Wrong as error:
        raise Refused(said_here(error), field="text") from error
    one_at_a_time(f"trial of desk {desk.pk}")
    if LevelsTrial.objects.filter(desk=desk, state=State.RUNNING).exists():
        raise Conflict(_("Another trial runs at this desk. Stop it first, or wait for its end."))
    LevelsTrial.objects.filter(desk=desk).delete()
    trial = LevelsTrial(company_id=desk.company_id, desk=desk, owner_id=by.id, text=text)
    trial.created_at = clock.now()
    trial.total = _cases(trial).count()
    trial.save()
    record(LevelsTrialStarted(company=desk.company_id, desk=desk.pk, cases=trial.total), by=by)
    schedule(trial)
    return trial


@transaction.atomic
def stop_trial(trial: LevelsTrial, *, by: Actor) -> None:
    """Stop a trial; what it found so far stays. Raises NotAllowed; one that is through stays so."""
    _require(trial.desk, by)
    running = LevelsTrial.objects.filter(pk=trial.pk, state=State.RUNNING)
    if running.update(state=State.CANCELLED, finished_at=clock.now()):
        record(LevelsTrialStopped(company=trial.company_id, desk=trial.desk_id), by=by)


def schedule(trial: LevelsTrial) -> None:
    """Have a trial gone on with, by a job of the same transaction; one worker at a time."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=f"trial:{trial.desk_id}")
    job.defer(trial_id=trial.pk, company=trial.company_id)


def work(trial_id: int, *, company: int) -> None:
    """Go through the cases, the newest first, some in a transaction together with how far it is: a worker may be killed
    anywhere, and the next one goes on from there. Goes on in another job where this process is to end.
    """
    try:
        while not is_stopping():
            with scope.acting_for([company]):
                if not _step(trial_id):
                    return
    except Exception:
        with scope.acting_for([company]):
            _end(trial_id, State.FAILED)
        logger.exception("trial_failed", trial=trial_id)
        raise
    with scope.acting_for([company]):
        schedule(LevelsTrial.objects.get(pk=trial_id))


def trial_of(desk: Desk) -> LevelsTrial | None:
    """What was tried last at a desk. One query."""
    return LevelsTrial.objects.select_related("desk", "owner").filter(desk=desk).first()


def found_by(trial: LevelsTrial) -> Trial:
    """What a trial has found so far."""
    tally = Tally.read(trial.found, read_text(trial.text))
    return tally.trial(trial.done, more=trial.done < trial.total)


@transaction.atomic
def _step(trial_id: int) -> bool:
    """Count some more cases; whether there may be others."""
    trial = (
        LevelsTrial.objects.select_for_update(of=["self"]).select_related("desk", "owner").get(pk=trial_id)
    )
    if trial.state != State.RUNNING:
        return False
    if not _may(trial.desk, actor_of(trial.owner)):
        return _end(trial_id, State.CANCELLED)
    cases = list(_cases(trial)[:SLICE])
    tally = Tally.read(trial.found, read_text(trial.text))
    for case in cases:
        tally.add(case)
    if cases:
        trial.found, trial.done = tally.as_json(), trial.done + len(cases)
        trial.reached_at, trial.reached = cases[-1].opened_at, cases[-1].pk
        trial.save(update_fields=["found", "done", "reached_at", "reached"])
    return len(cases) == SLICE or _end(trial_id, State.DONE)


def _end(trial_id: int, state: str) -> bool:
    """There is nothing more to be done."""
    running = LevelsTrial.objects.filter(pk=trial_id, state=State.RUNNING)
    running.update(state=state, finished_at=clock.now())
    return False


def _cases(trial: LevelsTrial) -> QuerySet[Case]:
    """Those that are still to be looked at, of the 90 days before it began."""
    since = trial.created_at - timedelta(days=DAYS)
    rows = Case.objects.filter(desk=trial.desk_id, continued_in=None, opened_at__gte=since)
    rows = rows.filter(opened_at__lte=trial.reached_at or trial.created_at)
    if trial.reached_at:
        rows = rows.filter(Q(opened_at__lt=trial.reached_at) | Q(pk__lt=trial.reached))
    return rows.order_by("-opened_at", "-pk")


def _require(desk: Desk, by: Actor) -> None:
    if not _may(desk, by):
        raise NotAllowed(Permission.DESKS)


def _may(desk: Desk, by: Actor) -> bool:
    return policies.may_set_levels(by, company=desk.company_id, desk=desk.pk)
