"""Walking through a talk script in a case: where one stands is kept step by step."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_note, may_reply
from madoguchi.delivery.bases import rest_on_words
from madoguchi.delivery.spoken import keep_said
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound
from madoguchi.knowledge import steps
from madoguchi.knowledge.trees import ROOT, below, node_of
from madoguchi.scripts.events import WalkBegun, WalkEnded, WalkMoved
from madoguchi.scripts.models import Walk
from madoguchi.scripts.queries import is_stopped, scripts_at, walk_under_way
from madoguchi.scripts.wishes import said_to
from madoguchi.voice.queries import talks_about


@transaction.atomic
def begin_walk(case: Case, version: int, *, by: Actor) -> Walk:
    """Begin a script at its first step; another that one is walking through in this case is left. Raises NotAllowed,
    and NotFound for what is no script in force at the desk.
    """
    user = _hold(case, by)
    found = scripts_at(case, reader=by).filter(pk=version).first()
    if found is None:
        raise NotFound(version)
    if there := walk_under_way(case, by=by):
        _end(there, by)
    now = clock.now()
    walk = Walk.objects.create(
        company_id=case.company_id,
        case=case,
        version=found,
        user_id=user,
        path=[ROOT],
        at=now,
        moved_at=now,
    )
    record(WalkBegun(**case.where, walk=walk.pk, script=found.pk), by=by)
    _tell(walk, by)
    return walk


@transaction.atomic
def go_on(case: Case, step: int, *, by: Actor) -> Walk:
    """Go on to a step that follows where one stands. Raises NotAllowed, and Conflict for one that does not follow: the
    page was an old one; and where the script was stopped meanwhile.
    """
    walk = _going_on(case, by)
    if step not in [one.id for one in below(steps.read(walk.version.body), walk.path[-1])]:
        raise Conflict(_("You are at another step by now. Look again."))
    return _moved(walk, [*walk.path, step], by)


@transaction.atomic
def go_back(case: Case, *, by: Actor) -> Walk:
    """Go back to the step before; at the first one stays. Raises NotAllowed or Conflict."""
    walk = _under_way(case, by)
    return _moved(walk, walk.path[:-1], by) if len(walk.path) > 1 else walk


@transaction.atomic
def end_walk(case: Case, *, by: Actor) -> None:
    """Be through with the script, or leave it. Raises NotAllowed, and Conflict where one walks through none."""
    _end(_under_way(case, by), by)


@transaction.atomic
def say_step(case: Case, *, by: Actor) -> str:
    """The words of the step where one stands, plain ones for who wishes that, for the answer that is being written;
    that they were taken is kept, so that the answer rests on the script. Raises NotAllowed, and Conflict as `go_on`.
    """
    walk = _going_on(case, by)
    if not may_reply(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    step = node_of(steps.read(walk.version.body), walk.path[-1])
    words = said_to(case.customer, step) if step else ""
    if words:
        rest_on_words(case, walk.version, words, by=by)
    return words


def _hold(case: Case, by: Actor) -> int:
    if not may_note(by, case) or by.id is None:
        raise NotAllowed(Permission.CASE_NOTE)
    one_at_a_time(f"script {case.pk} {by.id}")
    return by.id


def _under_way(case: Case, by: Actor) -> Walk:
    _hold(case, by)
    walk = walk_under_way(case, by=by)
    if walk is None:
        raise Conflict(_("You walk through no script here. Choose one first."))
    return walk


def _going_on(case: Case, by: Actor) -> Walk:
    walk = _under_way(case, by)
    if is_stopped(walk, reader=by):
        raise Conflict(
            _("This script was stopped meanwhile: do not say it any more. Leave it and choose another.")
        )
    return walk


def _moved(walk: Walk, path: list[int], by: Actor) -> Walk:
    walk.path, walk.moved_at = path, clock.now()
    walk.save(update_fields=["path", "moved_at"])
    record(WalkMoved(**walk.case.where, walk=walk.pk, step=path[-1]), by=by)
    _tell(walk, by)
    return walk


def _tell(walk: Walk, by: Actor) -> None:
    """What is walked through on a call of the case is said there."""
    if talks_about(by.id or 0, walk.case_id):
        keep_said(walk.case, walk.version_id, by=by)


def _end(walk: Walk, by: Actor) -> None:
    walk.ended_at = clock.now()
    walk.save(update_fields=["ended_at"])
    record(WalkEnded(**walk.case.where, walk=walk.pk, script=walk.version_id, steps=walk.path), by=by)
