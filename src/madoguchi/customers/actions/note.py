"""Writing down what is worth knowing about a customer, and how they wish to be spoken with."""

from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.events import CustomerNoted, CustomerNoteEnded
from madoguchi.customers.models import Customer, CustomerNote
from madoguchi.customers.needless import Doubt, Why, doubts_about
from madoguchi.customers.notes import PUT_BACK_WITHIN, notes_of
from madoguchi.customers.policies import may_note
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_LETTERS: Final = 300
MOST_NOTES: Final = 30
# A wish of three years ago is nobody's any more; who still has it is asked and noted anew.
MOST_DAYS: Final = 3 * 366
USUAL_DAYS: Final = 365


@transaction.atomic
def write_note(
    customer: Customer,
    *,
    kind: str,
    text: str,
    until: date | None = None,
    case: int | None = None,
    sure: bool = False,
    by: Actor,
) -> CustomerNote:
    """Write down one thing about a customer until a day (None: for a year). The same once more only moves that day.

    Raises NotAllowed, and Refused for what makes no sense, and for words that a note does not need or that belittle
    the customer, unless whoever writes is `sure`.
    """
    held = _held(customer, by)
    words, day = _sensible(kind, text), _day(until)
    doubts = doubts_about(words)
    if doubts and not sure:
        raise Refused(doubts_in_words(doubts), field="text")
    open_notes = notes_of(held.pk)
    found = next((one for one in open_notes if (one.kind, one.text) == (kind, words)), None)
    if found is None:
        _refuse_too_many(open_notes)
    if found is not None and found.until == day:
        return found
    made = found or CustomerNote(
        company_id=held.company_id, customer=held, kind=kind, text=words, case_id=case
    )
    made.until, made.at, made.user_id = day, clock.now(), by.id
    made.save()
    told = {"company": held.company_id, "customer": held.pk, "noted": made.pk}
    record(CustomerNoted(**told, sort=kind, until=day.isoformat(), doubtful=bool(doubts)), by=by)
    return made


@transaction.atomic
def end_note(note: CustomerNote, *, ended: bool = True, by: Actor) -> None:
    """Take a note away, since it does not hold any more, or put it back within thirty days. Doing it twice
    does nothing.

    Raises NotAllowed, and Refused where it would not hold today, is written down anew meanwhile, or is one too many.
    """
    _held(note.customer, by)
    held = CustomerNote.objects.select_for_update().get(pk=note.pk)
    if (held.ended_at is not None) == ended:
        return
    if not ended:
        _refuse_putting_back(held)
    held.ended_at, held.ended_by_id = (clock.now(), by.id) if ended else (None, None)
    held.save(update_fields=["ended_at", "ended_by"])
    told = {"company": held.company_id, "customer": held.customer_id, "noted": held.pk}
    record(CustomerNoteEnded(**told, ended=ended), by=by)


def _refuse_putting_back(note: CustomerNote) -> None:
    now = clock.now()
    if note.ended_at is None or note.ended_at < now - PUT_BACK_WITHIN or note.until < clock.today():
        raise Refused(
            _("A note can be put back for thirty days, and up to its last day. Write it down anew."),
            field="note",
        )
    open_notes = notes_of(note.customer_id)
    if any((one.kind, one.text) == (note.kind, note.text) for one in open_notes):
        raise Refused(_("The same is written down already."), field="note")
    _refuse_too_many(open_notes)


def _refuse_too_many(open_notes: list[CustomerNote]) -> None:
    if len(open_notes) >= MOST_NOTES:
        raise Refused(_("There are 30 notes already. Take away what does not hold any more."), field="text")


def doubts_in_words(doubts: list[Doubt]) -> str:
    """What is doubtful about a note, and what to do."""
    said = [
        (Why.BELITTLING, _("“%(words)s” belittles the customer: write what they said or did.")),
        (
            Why.SENSITIVE,
            _(
                "“%(words)s” may be sensitive data: write it down only if the customer agreed and it is needed."
            ),
        ),
    ]
    named = [(words, [one.word for one in doubts if one.why == why]) for why, words in said]
    return " ".join(words % {"words": _("、").join(found)} for words, found in named if found)


def _held(customer: Customer, by: Actor) -> Customer:
    """The record, or the one in which it goes on, whatever the caller had read."""
    rows = Customer.objects.select_for_update(no_key=True)
    held = rows.get(pk=customer.pk)
    if held.joined_into_id:
        held = rows.get(pk=held.joined_into_id)
    if not may_note(by, company=held.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    return held


def _sensible(kind: str, text: str) -> str:
    if kind not in CustomerNote.Kind.values:
        raise Refused(_("Choose what it is about."), field="kind")
    words = one_line(blot_card_numbers(text), most=MOST_LETTERS + 1)
    if not words or len(words) > MOST_LETTERS:
        raise Refused(_("Write it in 300 characters at most."), field="text")
    return words


def _day(until: date | None) -> date:
    day, today = until or clock.today() + timedelta(days=USUAL_DAYS), clock.today()
    if not today <= day <= today + timedelta(days=MOST_DAYS):
        raise Refused(_("Choose a last day from today on, within three years."), field="until")
    return day
