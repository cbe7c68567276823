"""Messages of a case go into a new one, and, if that was wrong, back exactly as they were."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions.arrive import new_reply_token, next_number
from madoguchi.cases.actions.merge_drafts import move_drafts
from madoguchi.cases.actions.moving import change, gone_on_since, locked, writer_of
from madoguchi.cases.events import CaseSplit, CaseSplitOff, CaseUnsplit
from madoguchi.cases.merging import Values, as_json, at_rest, from_json, given_back, values_of
from madoguchi.cases.models import Case, Contact, HandOff, Merge, Message, Note, Split, Status
from madoguchi.cases.splitting import by_persons, is_counted, left_behind, new_subject, split_off
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers

# What became of an answer is told by delivery; the last that was told counts.
_NOT_ARRIVED = ("message.failed", "message.bounced", "message.taken_back")
_FATE = ("message.sent", *_NOT_ARRIVED)
# Every case in which a message of this one may have been: by merges and splits, undone or not, over any number of them.
_TIES = ("case.continued", "case.took_in", "case.split", "case.split_off")
_TIED = """
    WITH RECURSIVE tied (id) AS (
        SELECT %(case)s::bigint
        UNION
        SELECT coalesce(told.data ->> 'into', told.data ->> 'other')::bigint
        FROM tied JOIN infra_event AS told ON told.case_id = tied.id AND told.kind = ANY(%(ties)s::text[])
    )
    SELECT id FROM tied
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """The messages of a case in two: those for the new case and the rest, with what both cases will be like."""

    chosen: list[Message]
    rest: list[Message]
    new: Values
    old: Values


def parts_of(case: Case, messages: Collection[int], *, by: Actor) -> Parts:
    """How a case would be split, before it is. Raises NotAllowed, or Refused with what to choose instead."""
    if not policies.may_update(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    if case.continued_in_id:
        raise Refused(_("This case goes on in another one. Split that one."), field="messages")
    told = Message.objects.filter(case=case).select_related("user").defer("html")
    every = list(told.order_by("at", "pk"))
    chosen = [m for m in every if m.pk in messages]
    rest = [m for m in every if m.pk not in messages]
    if len(chosen) != len(set(messages)):
        raise Refused(
            _("One of these messages is not in this case any more. Choose again."), field="messages"
        )
    if not by_persons(chosen):
        raise Refused(_("Choose at least one message that a person wrote."), field="messages")
    if not by_persons(rest):
        words = _(
            "At least one message that a person wrote has to stay. To take all of them elsewhere, merge."
        )
        raise Refused(words, field="messages")
    void = _not_arrived(case)
    return Parts(chosen, rest, split_off(case, chosen, void=void), left_behind(case, rest, void=void))


@transaction.atomic
def split(case: Case, *, messages: Collection[int], by: Actor, subject: str = "") -> Split:
    """Put messages of a case into a new one of the same customer, desk and person responsible.

    They stay what they are, with files, times and mails on their way; answers to them arrive in the new case. Raises
    NotAllowed or Refused.
    """
    # The counter before the case, as who opens a case that follows another one: neither waits for the other in turn.
    number = next_number(case.company_id)
    case = Case.objects.select_for_update().get(pk=case.pk)
    parts = parts_of(case, messages, by=by)
    before = values_of(case)
    into = _new_case(case, parts, number=number, subject=subject)
    done = Split.objects.create(
        company_id=case.company_id,
        case=case,
        into=into,
        user_id=by.id,
        at=clock.now(),
        messages=into.message_count,
        last_message=max(m.pk for m in (*parts.chosen, *parts.rest)),
        moved=_move(parts.chosen, parts.rest, into),
        before=as_json(before),
        after=as_json(parts.old),
    )
    told = {"messages": len(parts.chosen), "split": done.pk}
    record(CaseSplit(**case.where, into=into.pk, **told), by=by)
    record(CaseSplitOff(**into.where, other=case.pk, number=into.number, **told), by=by)
    change(case, parts.old, by=by, message_count=F("message_count") - into.message_count)
    return done


@transaction.atomic
def unsplit(done: Split, *, by: Actor) -> None:
    """Put the messages back: both they and the case are as before, but for what was changed since.

    The case that was split off keeps its number, closed, and leads to the other; what is being written goes along.
    Doing it twice does nothing. Raises NotAllowed, or Refused where something came since that would be lost.
    """
    case, into = locked(done.case_id, done.into_id)
    done.refresh_from_db()
    if not (policies.may_update(by, case) and policies.may_update(by, into)):
        raise NotAllowed(Permission.CASE_UPDATE)
    if done.undone_at:
        return
    _require_undoable(done, case, into)
    values = _given_back(done, case, into)
    _move_back(done)
    move_drafts(into, into=case)
    Split.objects.filter(pk=done.pk).update(undone_at=clock.now(), undone_by_id=by.id)
    for one in (case, into):
        record(CaseUnsplit(**one.where, split=done.pk), by=by)
    change(case, values, by=by, message_count=F("message_count") + done.messages)
    change(into, at_rest(into, now=clock.now()), by=by, continued_in=case, message_count=0)


def _new_case(case: Case, parts: Parts, *, number: int, subject: str) -> Case:
    called = new_subject(case, parts.chosen, given=subject, prefix=case.company.prefix)
    return Case.objects.create(
        company_id=case.company_id,
        number=number,
        desk_id=case.desk_id,
        window_id=case.window_id,
        entry_point_id=case.entry_point_id,
        customer_id=case.customer_id,
        channel=case.channel,
        subject=blot_card_numbers(called),
        assignee_id=case.assignee_id,
        language=case.language,
        reply_token=new_reply_token(),
        message_count=sum(map(is_counted, parts.chosen)),
        opened_at=parts.chosen[0].at,
        **parts.new,
    )


def _move(chosen: Sequence[Message], rest: Sequence[Message], into: Case) -> dict[str, list[int]]:
    """Messages go over, and the contacts that have no other message."""
    ids = [m.pk for m in chosen]
    shared = {m.contact_id for m in rest}
    moved = {
        "messages": ids,
        "contacts": sorted({m.contact_id for m in chosen} - shared),
        "placed": [m.pk for m in chosen if m.placed],
    }
    Message.objects.filter(pk__in=ids).update(case=into, placed=True)
    Contact.objects.filter(pk__in=moved["contacts"]).update(case=into)
    return moved


def _move_back(done: Split) -> None:
    moved = done.moved
    there = Message.objects.filter(pk__in=moved["messages"])
    there.exclude(pk__in=moved["placed"]).update(placed=False)
    there.update(case_id=done.case_id)
    Contact.objects.filter(pk__in=moved["contacts"]).update(case_id=done.case_id)


def _require_undoable(done: Split, case: Case, into: Case) -> None:
    merged = Merge.objects.filter(into=case, undone_at=None, at__gte=done.at)
    parted = Split.objects.filter(case__in=[case, into], undone_at=None, pk__gt=done.pk)
    if case.continued_in_id or into.continued_in_id or merged.exists() or parted.exists():
        raise Refused(_("Another merge or split came after this one. Undo that first."))
    writer = writer_of(into)
    if writer:
        words = _("%(who)s is writing an answer in %(subject)s. Let it be sent or thrown away first.")
        raise Refused(words % {"who": writer, "subject": into.subject})
    there = set(Message.objects.filter(case=into).values_list("pk", flat=True))
    noted = Note.objects.filter(case=into).exists() or HandOff.objects.filter(case=into).exists()
    # What became of an answer was told in the new case alone, and would be forgotten with it.
    fated = Event.objects.filter(case_id=into.pk, kind__in=_NOT_ARRIVED).exists()
    if noted or fated or there != set(done.moved["messages"]):
        raise Refused(
            _("The new case has gone on since. Merge it into the old one: everything is kept then.")
        )


def _given_back(done: Split, case: Case, into: Case) -> Values:
    """What the case becomes. Who waits in the new one, goes on waiting, though others were answered here since."""
    told = Event.objects.get(case_id=case.pk, kind=CaseSplit.kind, data__split=done.pk)
    moved = done.moved["messages"]
    gone_on, heard = gone_on_since(case.pk, told, last_message=done.last_message, besides=moved)
    before = from_json(done.before)
    now = values_of(case)
    values = given_back(now, before=before, after=from_json(done.after), gone_on=gone_on, heard=heard)
    replied = [at for at in (values["first_replied_at"], before["first_replied_at"]) if at]
    values |= {"first_replied_at": min(replied, default=None)}
    by_hand = values["status"] != before["status"]
    if (gone_on or by_hand) and into.waiting_since:
        waits = min(filter(None, (values["waiting_since"], into.waiting_since)))
        values |= {"status": str(Status.OPEN), "waiting_since": waits, "solved_at": None}
    return values


def _not_arrived(case: Case) -> set[int]:
    """The answers of a case that never reached the customer, by id. Each was told of in the case where it was then."""
    cases = [id_ for (id_,) in fetch_all(_TIED, {"case": case.pk, "ties": list(_TIES)})]
    told = Event.objects.filter(kind__in=_FATE, case_id__in=cases)
    fate = dict(told.order_by("id").values_list("data__message", "kind"))
    return {message for message, kind in fate.items() if kind in _NOT_ARRIVED}
