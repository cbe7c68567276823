"""Rules of retention: written by one person, switched on by another, carried out by a job some cases at a time."""

from collections import Counter

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.second import refuse_own_hands
from madoguchi.rights import policies
from madoguchi.rights.events import RetentionRan, RetentionSwitched, RetentionWritten
from madoguchi.rights.models import RetentionRule, RetentionRun
from madoguchi.rights.retention import cutoff_of, drop_files, due_of, held_fast, let_go_of
from madoguchi.rights.scheduling import is_scheduled, schedule_retention

State = RetentionRun.State
MOST_MONTHS, AT_ONCE = 240, 100


@transaction.atomic
def write_rule(company: int, *, kind: str, months: int, by: Actor) -> RetentionRule:
    """Say after how many months something goes; a rule that is changed is off until somebody else switches it on, and
    what it was doing ends.

    Raises NotAllowed, and Refused for no kind and for months that are none.
    """
    _require(by, company)
    if kind not in RetentionRule.Kind.values:
        raise Refused(_("Choose what goes."), field="kind")
    if not 1 <= months <= MOST_MONTHS:
        raise Refused(_("Write a number of months, 240 at most."), field="months")
    said = {"months": months, "is_on": False, "written_by_id": by.id, "written_at": clock.now()}
    rule, _made = RetentionRule.objects.update_or_create(company_id=company, kind=kind, defaults=said)
    _end_run_of(rule)
    record(RetentionWritten(company=company, rule=rule.pk, what=kind, months=months), by=by)
    return rule


@transaction.atomic
def switch_on(rule: RetentionRule, *, months: int, by: Actor) -> None:
    """Let a rule work from now on, as the second person. `months` are those that were read: who has changed them
    meanwhile is not agreed with. Raises NotAllowed, Refused for who wrote it and for nobody in particular, Conflict.
    """
    held = _held(rule, by)
    if held.is_on or held.months != months:
        raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."))
    if by.id is None or by.id == held.written_by_id:
        raise Refused(_("Somebody else than who wrote it switches it on."))
    refuse_own_hands(by, held.written_by_id, company=held.company_id)
    held.is_on, held.switched_by_id, held.switched_at = True, by.id, clock.now()
    held.save(update_fields=["is_on", "switched_by", "switched_at"])
    record(RetentionSwitched(company=held.company_id, rule=held.pk, what=held.kind, on=True), by=by)


@transaction.atomic
def switch_off(rule: RetentionRule, *, by: Actor) -> None:
    """Let it work no more, and stop what it is doing. Raises NotAllowed; one that is off stays so."""
    held = _held(rule, by)
    _end_run_of(held)
    if held.is_on:
        RetentionRule.objects.filter(pk=held.pk).update(is_on=False)
        record(RetentionSwitched(company=held.company_id, rule=held.pk, what=held.kind, on=False), by=by)


@transaction.atomic
def start_run(rule: RetentionRule, *, by: Actor) -> RetentionRun:
    """Carry a rule out now, by a job; one that is under way goes on. Raises NotAllowed, and Refused while it is off."""
    held = _held(rule, by)
    if not held.is_on:
        raise Refused(_("It is not switched on."))
    if going := RetentionRun.objects.filter(rule=held, state=State.RUNNING).first():
        return going
    before = cutoff_of(held.months)
    made = RetentionRun.objects.create(
        company_id=held.company_id,
        rule=held,
        before=before,
        total=due_of(held.company_id, held.kind, before).count(),
        user_id=by.id,
        started_at=clock.now(),
    )
    schedule_retention(made)
    return made


@transaction.atomic
def stop_run(rule: RetentionRule, *, by: Actor) -> None:
    """Stop what a rule is doing; what is gone is gone, the rest stays. Raises NotAllowed; what is through stays so."""
    _require(by, rule.company_id)
    _end_run_of(rule)


def work_on_run(run_id: int, *, company: int) -> None:
    """Carry a rule out, some cases at a time, each in a transaction of its own. It may be killed anywhere: the next
    worker goes on with what is left.
    """
    while _next_cases(run_id, company):
        if is_stopping():
            with scope.acting_for([company]):
                schedule_retention(RetentionRun.objects.get(pk=run_id))
            return


def start_all() -> int:
    """Carry out every rule that is on; returns how many runs there are."""
    with scope.everywhere(reason="rules of retention of any company are due each night"):
        rules = list(RetentionRule.objects.filter(is_on=True).order_by("pk"))
    for rule in rules:
        with scope.acting_for([rule.company_id]):
            start_run(rule, by=system("rights"))
    return len(rules)


def resume_runs() -> int:
    """Go on with what is under way, or has left files, without a job; returns how much."""
    with scope.everywhere(reason="runs of retention of any company may have lost their job"):
        going = list(RetentionRun.objects.filter(Q(state=State.RUNNING) | ~Q(files=[])).order_by("pk"))
    left = [one for one in going if not is_scheduled(one)]
    for one in left:
        with scope.acting_for([one.company_id]):
            schedule_retention(one)
    return len(left)


def _next_cases(run_id: int, company: int) -> bool:
    with scope.acting_for([company]), transaction.atomic():
        run = (
            RetentionRun.objects.select_for_update(of=["self"], no_key=True)
            .select_related("rule")
            .get(pk=run_id)
        )
        # What the step before let go is committed: only now its files go.
        drop_files(company, set(run.files))
        RetentionRun.objects.filter(pk=run.pk).update(files=[])
        if run.state != State.RUNNING or not run.rule.is_on:
            return False
        if run.before > cutoff_of(run.rule.months):
            # What it was begun with is not what the rule says now.
            _end_run_of(run.rule)
            return False
        due = due_of(company, run.rule.kind, run.before)
        ids = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        still = held_fast(company, run.rule.kind, run.before, ids)
        went, files = let_go_of(company, run.rule.kind, still)
        run.files = sorted(files)
        run.result = dict(Counter(run.result) + went)
        run.done += len(still)
        run.total = max(run.total, run.done)
        if not ids:
            run.state, run.ended_at, run.total = State.DONE, clock.now(), run.done
            what = {"rule": run.rule_id, "run": run.pk, "what": run.rule.kind}
            cases, customers = (run.done, 0) if run.rule.is_of_cases else (0, run.done)
            record(
                RetentionRan(company=company, **what, cases=cases, customers=customers), by=system("rights")
            )
        run.save()
    return bool(ids)


def _end_run_of(rule: RetentionRule) -> None:
    going = RetentionRun.objects.filter(rule=rule, state=State.RUNNING)
    going.update(state=State.CANCELLED, ended_at=clock.now())


def _require(by: Actor, company: int) -> None:
    if not policies.may_see_to(by, company=company):
        raise NotAllowed(Permission.RIGHTS)


def _held(rule: RetentionRule, by: Actor) -> RetentionRule:
    _require(by, rule.company_id)
    return RetentionRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
