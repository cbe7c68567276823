"""What was said in a case, for a reader from whom fields of its customer are kept (`customers/blots.py`)."""

import copy
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from madoguchi.cases.lists import CaseLine
from madoguchi.cases.models import Attachment, Case, Message, Note
from madoguchi.cases.queries import Timeline
from madoguchi.customers.blots import blotter_for, blotters_for, keeps_anything
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.infra.remembering import remembered
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import NOTHING, Blotter

_NUMBERED = PreparedQuery(
    lambda: Case.objects.filter(company__among=Slot("companies"), number=Slot("number")).only("customer_id")
)
_WHOSE = PreparedQuery(lambda: Case.objects.filter(pk__among=Slot("ids")).only("customer_id"))


def blotter_of(case: Case, *, actor: Actor) -> Blotter:
    """What blots the words of a case for the actor. No query where nothing is kept from them, else two."""
    if not keeps_anything(actor, company=case.company_id):
        return NOTHING
    return blotter_for(case.customer, actor=actor)


def with_words_kept(part: Timeline, blot: Blotter) -> Timeline:
    """A stretch of a conversation with its words blotted: messages, notes and names of files. Copies: none is saved."""
    if blot.is_none:
        return part
    files = {pk: [_file(one, blot) for one in its] for pk, its in part.files.items()}
    return replace(
        part,
        messages=[_message(one, blot) for one in part.messages],
        notes=[note_kept(one, blot) for one in part.notes],
        files=files,
    )


def note_kept(note: Note, blot: Blotter) -> Note:
    """A note with its words blotted."""
    kept = copy.copy(note)
    kept.text = blot(note.text)
    return kept


def lines_kept(lines: Sequence[CaseLine], *, actor: Actor) -> list[CaseLine]:
    """Lines of a list with their subjects blotted. No query where nothing is kept from the actor, else three."""
    if not keeps_anything(actor):
        return list(lines)
    given = {line.id: line.customer_id for line in lines}
    blots = _blots(remembered("whose", given, lambda _: given), actor)
    blotted = {line.id: blots[line.id](line.subject) for line in lines if line.id in blots}
    return [replace(line, subject=blotted[line.id]) if line.id in blotted else line for line in lines]


def blots_of_cases(cases: Iterable[int], *, actor: Actor) -> Mapping[int, Blotter]:
    """What blots the words of each of these cases; none where the actor sees all of every company, without a query."""
    if not keeps_anything(actor):
        return {}
    return _blots(_whose(cases), actor)


def _blots(whose: Mapping[int, int], actor: Actor) -> dict[int, Blotter]:
    blots = blotters_for(whose.values(), actor=actor)
    return {pk: blots[customer] for pk, customer in whose.items() if customer in blots}


def blots_of_shown(
    cases: Collection[int], customers: Collection[int], *, number: str = "", actor: Actor
) -> dict[int, Blotter]:
    """What blots, as they stand, the values known of all whom something shows (`actions/look`), by their ids: these
    customers, and those of these cases and of the one of this number.
    """
    digits = re.sub("[^0-9]", "", number)[-12:]
    every = {*customers, *_whose(cases).values()}
    if digits:
        numbered = _NUMBERED.rows({"companies": list(actor.companies), "number": int(digits)})
        every |= {one.customer_id for one in numbered}
    blots = blotters_for(every, actor=actor, loosely=False)
    return {pk: one for pk, one in blots.items() if not one.is_none}


def _whose(cases: Iterable[int]) -> dict[int, int]:
    return remembered(
        "whose", cases, lambda ids: {one.pk: one.customer_id for one in _WHOSE.rows({"ids": ids})}
    )


def _message(message: Message, blot: Blotter) -> Message:
    kept = copy.copy(message)
    kept.subject, kept.text, kept.new_text = blot(message.subject), blot(message.text), blot(message.new_text)
    # What was laid out is shown plain then.
    kept.html = ""
    return kept


def _file(file: Attachment, blot: Blotter) -> Attachment:
    kept = copy.copy(file)
    kept.filename = blot(file.filename)
    return kept


def shown_to(case: Case, *, actor: Actor) -> Case:
    """A case that is only shown, with its subject blotted. Not to be saved."""
    case.subject = blotter_of(case, actor=actor)(case.subject)
    return case
