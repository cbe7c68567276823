"""Applying rules: what they want is asked of each case as it stands, each act is done by the usual action, all is told.

A rule never reacts to what it did itself, nor to the last of several rules that set one another off; it acts
on one case so often within an hour and no more, and stops itself when it is asked too often.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction

from madoguchi.cases.lists import Place
from madoguchi.cases.models import Case
from madoguchi.following.actions import make_responsible
from madoguchi.infra import scope
from madoguchi.infra.event_log import Recorded, causing, record
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.macros.steps import read_steps
from madoguchi.rules.actions.acting import cases_here, done, held_case
from madoguchi.rules.events import RuleLeft, RuleStopped
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.naming import actor_for, cause_of, chain_of
from madoguchi.rules.queries import leaders_of, leads, writer_of
from madoguchi.rules.saying import history_for, weigh
from madoguchi.views.filters import read_filter
from madoguchi.views.meaning import Reader
from madoguchi.views.queries import page_wanted

MOST_DEPTH = 3
# A rule on time looks at the newest cases of its desk, so many at a time and so often a minute, and goes on there.
AT_ONCE, LOOKS = 50, 20
_HOUR = timedelta(hours=1)
Outcome, State, Trigger = RuleRun.Outcome, Rule.State, Rule.Trigger
logger = structlog.get_logger()


def apply_events(events: Sequence[Recorded]) -> None:
    """Apply the rules of one company's desks to what happened to its cases. One query where there is no rule."""
    rules = list(_at_work(Trigger.EVENT))
    for event in events if rules else ():
        _apply_event(event, [rule for rule in rules if event.kind in rule.kinds])


def apply_due() -> int:
    """Apply the rules on time of all companies to cases that they want by now; returns how many times one acted."""
    with scope.everywhere(reason="rules of any company may be due"):
        due = list(_at_work(Trigger.TIME).values_list("pk", "company_id"))
    return sum(_guarded(pk, company) for pk, company in due)


def _guarded(pk: int, company: int) -> int:
    try:
        return _apply_due(pk, company)
    except Exception:  # whatever it is about this rule must not keep the others from their cases
        logger.exception("rule_on_time_failed", rule=pk)
        return 0


def _at_work(trigger: Rule.Trigger) -> Any:
    return Rule.objects.filter(state=State.ACTIVE, deleted_at=None, trigger=trigger).order_by(
        "position", "id"
    )


def _apply_event(event: Recorded, rules: Sequence[Rule]) -> None:
    """Cases that no rule wants stay free for others. Once one wants it, the case is ours, and the rules that come
    after are asked of it as it is left.
    """
    seen = cases_here().filter(pk=event.case).first() if rules and event.case else None
    held: Case | None = None
    cause = json.loads(event.data_text).get("cause", "")
    for rule in rules:
        if held is None and seen is not None and _may_want(rule, seen):
            held = held_case(seen.pk)
        if held is not None and rule.desk_id == held.desk_id and rule.state == State.ACTIVE:
            _consider(rule, held, RuleRun(event_id=event.id), chain=chain_of(cause))


def _may_want(rule: Rule, case: Case) -> bool:
    """Whether to look closer, with the case held: what cannot be asked is told then."""
    if rule.desk_id != case.desk_id or rule.state != State.ACTIVE:
        return False
    try:
        with transaction.atomic():
            node = read_filter(rule.filter)
            return weigh(node, case, history_for(node, case), Reader(None, clock.now()))[0]
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001  it is logged and told by `_consider`
        return True


def _apply_due(pk: int, company: int) -> int:
    acted = 0
    for _look in range(LOOKS):
        if is_stopping():
            break
        with transaction.atomic(), scope.acting_for([company]):
            found = _at_work(Trigger.TIME).select_for_update(skip_locked=True).filter(pk=pk).first()
            if found is None:
                break
            acted += _look_on(found)
            if found.looked_at is None:
                break
    return acted


def _look_on(rule: Rule) -> int:
    """Ask of the next few cases of the desk; the rule remembers where it goes on."""
    before = Place(rule.looked_at, rule.looked_id) if rule.looked_at and rule.looked_id else None
    page = page_wanted(
        read_filter(rule.filter), desks=[rule.desk_id], actor=None, before=before, size=AT_ONCE
    )
    handled = set(
        RuleRun.objects.filter(rule=rule, case__in=[line.id for line in page.cases]).values_list(
            "case", "moment"
        )
    )
    acted = 0
    for line in page.cases:
        case = None if (line.id, line.touched_at) in handled else held_case(line.id)
        if case and rule.state == State.ACTIVE and case.desk_id == rule.desk_id:
            acted += _consider(rule, case, RuleRun(moment=case.touched_at), chain=(0, 0))
    rule.looked_at = page.next.touched_at if page.next else None
    rule.looked_id = page.next.id if page.next else None
    rule.save(update_fields=["looked_at", "looked_id"])
    return acted


def _consider(rule: Rule, case: Case, run: RuleRun, *, chain: tuple[int, int]) -> bool:
    """Let a rule act on a case if it wants it, at most once for what set it going; whether it changed anything."""
    if _was_there(rule, case, run):
        return False
    run.rule, run.version, run.case, run.company_id = rule, rule.version, case, rule.company_id
    run.at, run.depth = clock.now(), chain[1]
    try:
        with transaction.atomic():
            node = read_filter(rule.filter)
            wanted, run.why = weigh(node, case, history_for(node, case), Reader(None, run.at))
            if not wanted:
                return False
            if not _is_answered_for(rule):
                _leave(rule, case)
                return False
            run.outcome = _forbidden(rule, case, chain) or _act(rule, case, run)
    except OperationalError:  # a deadlock or a timeout passes: all of it is tried again
        raise
    except Exception as error:
        logger.exception("rule_failed", rule=rule.pk, case=case.pk)
        run.outcome, run.did = Outcome.FAILED, [{"reason": repr(error)[:300]}]
    run.save()
    if run.outcome == Outcome.STOPPED:
        _stop(rule)
    return run.outcome == Outcome.DONE


def _was_there(rule: Rule, case: Case, run: RuleRun) -> bool:
    runs = RuleRun.objects.filter(rule=rule)
    if run.event_id is not None:
        return runs.filter(event_id=run.event_id).exists()
    return runs.filter(case=case, moment=run.moment).exists()


def _forbidden(rule: Rule, case: Case, chain: tuple[int, int]) -> str:
    """Why a rule leaves a case alone that it wants; empty where it need not."""
    by, depth = chain
    if by == rule.pk or depth >= MOST_DEPTH:
        return Outcome.LOOPED
    lately = RuleRun.objects.filter(rule=rule, at__gt=clock.now() - _HOUR)
    if lately.count() >= rule.per_hour:
        return Outcome.STOPPED
    acted = lately.filter(case=case, outcome__in=[Outcome.DONE, Outcome.SAME, Outcome.REFUSED])
    return Outcome.LIMITED if acted.count() >= rule.per_case else ""


def _act(rule: Rule, case: Case, run: RuleRun) -> str:
    by = actor_for(rule)
    with causing(cause_of(rule, run.depth + 1)):
        run.did = [done(step, case, by=by) for step in read_steps(rule.acts)]
    fates = {one["fate"] for one in run.did}
    return next(outcome for outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.SAME) if outcome in fates)


def _stop(rule: Rule) -> None:
    """It is asked too often: nobody meant that. A person looks at it and takes it into use again."""
    if Rule.objects.filter(pk=rule.pk, state=State.ACTIVE).update(state=State.STOPPED):
        where = {"company": rule.company_id, "desk": rule.desk_id, "rule": rule.pk}
        record(RuleStopped(**where, name=rule.name, times=rule.per_hour), by=actor_for(rule))
    rule.state = State.STOPPED


def _is_answered_for(rule: Rule) -> bool:
    """Whether its writer still leads the desk; asked once for all that a rule is asked at a time."""
    if rule.answered_for is None:
        rule.answered_for = leads(writer_of(rule), rule)
    return rule.answered_for


def _leave(rule: Rule, case: Case) -> None:
    """What its writer could not do by hand any more, a rule does not do. Those who lead the desk are told."""
    if Rule.objects.filter(pk=rule.pk, state=State.ACTIVE).update(state=State.LEFT):
        where = {"company": rule.company_id, "desk": rule.desk_id, "rule": rule.pk}
        fact = RuleLeft(**where, name=rule.name, writer=writer_of(rule).pk)
        event = record(fact, by=actor_for(rule))
        told = [person.pk for person in leaders_of(rule)]
        make_responsible(case, event=event, kind=RuleLeft.kind, people=told, who=rule.name)
    rule.state = State.LEFT
