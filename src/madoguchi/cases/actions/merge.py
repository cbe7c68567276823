"""Two cases of one customer become one, and, if that was wrong, two again exactly as they were."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions.merge_drafts import move_drafts, move_drafts_back
from madoguchi.cases.actions.moving import change, gone_on_since, locked, writer_of
from madoguchi.cases.events import CaseContinued, CaseTookIn, CaseUnmerged
from madoguchi.cases.merging import as_json, at_rest, from_json, given_back, survivor, values_of
from madoguchi.cases.models import Case, Contact, HandOff, Mention, Merge, Message, Note, Split
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

# Each with the way to its case that an index knows.
_MOVING: dict[str, tuple[Any, str]] = {
    "messages": (Message, "case"),
    "contacts": (Contact, "messages__case"),
    "notes": (Note, "case"),
    "mentions": (Mention, "note__case"),
    "hand_offs": (HandOff, "case"),
}


def require_mergeable(case: Case, *, into: Case, by: Actor) -> None:
    """Whether one case may go on in the other. Raises NotAllowed, or Refused with what to do first."""
    if not (policies.may_update(by, case) and policies.may_update(by, into)):
        raise NotAllowed(Permission.CASE_UPDATE)
    if case.pk == into.pk:
        raise Refused(_("This is the same case. Name another one."), field="into")
    if case.company_id != into.company_id or case.customer_id != into.customer_id:
        raise Refused(
            _("These are cases of two customers. Only cases of one customer become one."), field="into"
        )
    if case.continued_in_id or into.continued_in_id:
        raise Refused(_("One of the two has gone on in another case already."), field="into")
    writer = writer_of(case)
    if writer:
        words = _("%(who)s is writing an answer in %(subject)s. Let it be sent or thrown away first.")
        raise Refused(words % {"who": writer, "subject": case.subject}, field="into")


@transaction.atomic
def merge(case: Case, *, into: Case, by: Actor) -> Merge:
    """Let a case go on in another one of the same customer, with everything that was said and noted in it.

    It keeps its number, closed, and leads to the other; answers to either arrive there. Raises NotAllowed or Refused.
    """
    case, into = locked(case.pk, into.pk)
    require_mergeable(case, into=into, by=by)
    before = {"case": values_of(case), "into": values_of(into)}
    after = {"case": at_rest(case, now=clock.now()), "into": survivor(case, into)}
    merged = Merge.objects.create(
        company_id=case.company_id,
        case=case,
        into=into,
        user_id=by.id,
        at=clock.now(),
        messages=case.message_count,
        last_message=Message.objects.filter(case__in=[case, into]).aggregate(last=Max("pk"))["last"] or 0,
        moved=_move(case, into),
        before={side: as_json(values) for side, values in before.items()},
        after={side: as_json(values) for side, values in after.items()},
    )
    record(CaseContinued(**case.where, into=into.pk, merge=merged.pk), by=by)
    record(
        CaseTookIn(**into.where, other=case.pk, messages=len(merged.moved["messages"]), merge=merged.pk),
        by=by,
    )
    change(case, after["case"], by=by, continued_in=into, message_count=0)
    change(into, after["into"], by=by, message_count=F("message_count") + case.message_count)
    return merged


@transaction.atomic
def unmerge(merged: Merge, *, by: Actor) -> None:
    """Make two cases of them again: what was moved goes back, and what nobody has changed since is as it was before.

    What came after the merge stays with the case that went on. Doing it twice does nothing. Raises NotAllowed, or
    Refused while something later has to be undone first.
    """
    case, into = locked(merged.case_id, merged.into_id)
    merged.refresh_from_db()
    if not (policies.may_update(by, case) and policies.may_update(by, into)):
        raise NotAllowed(Permission.CASE_UPDATE)
    if merged.undone_at:
        return
    later = Merge.objects.filter(into=into, undone_at=None, pk__gt=merged.pk)
    parted = Split.objects.filter(case=into, undone_at=None, at__gte=merged.at)
    if into.continued_in_id or later.exists() or parted.exists():
        raise Refused(_("Another merge or split came after this one. Undo that first."))
    _move_back(merged)
    Merge.objects.filter(pk=merged.pk).update(undone_at=clock.now(), undone_by_id=by.id)
    for one, side, count in ((case, "case", merged.messages), (into, "into", -merged.messages)):
        gone_on, heard = _since(merged) if side == "into" else (False, None)
        before, after = from_json(merged.before[side]), from_json(merged.after[side])
        more = {"continued_in": None} if side == "case" else {}
        changed = given_back(values_of(one), before=before, after=after, gone_on=gone_on, heard=heard)
        record(CaseUnmerged(**one.where, merge=merged.pk), by=by)
        change(one, changed, by=by, message_count=F("message_count") + count, **more)


def _since(merged: Merge) -> tuple[bool, datetime | None]:
    """Whether the conversation went on after the merge, and since when a customer heard there waits for an answer."""
    took = Event.objects.get(case_id=merged.into_id, kind=CaseTookIn.kind, data__merge=merged.pk)
    moved = merged.moved["messages"]
    return gone_on_since(merged.into_id, took, last_message=merged.last_message, besides=moved)


def _move(case: Case, into: Case) -> dict[str, list[Any]]:
    moved: dict[str, list[Any]] = {
        name: list(model.objects.filter(**{way: case}).order_by("pk").distinct().values_list("pk", flat=True))
        for name, (model, way) in _MOVING.items()
    }
    for name, (model, _way) in _MOVING.items():
        model.objects.filter(pk__in=moved[name]).update(case=into)
    moved["led_here"] = list(Case.objects.filter(continued_in=case).values_list("pk", flat=True))
    Case.objects.filter(pk__in=moved["led_here"]).update(continued_in=into)
    moved["drafts"] = move_drafts(case, into=into)
    return moved


def _move_back(merged: Merge) -> None:
    for name, (model, _way) in _MOVING.items():
        model.objects.filter(pk__in=merged.moved[name], case_id=merged.into_id).update(case_id=merged.case_id)
    led = Case.objects.filter(pk__in=merged.moved["led_here"], continued_in_id=merged.into_id)
    led.update(continued_in_id=merged.case_id)
    move_drafts_back(merged)
