"""Internal notes, and the people they name."""

import re
from collections import Counter

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.events import NoteAdded
from madoguchi.cases.models import Case, Mention, Note
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.people.models import User
from madoguchi.people.queries import staff_of_desk

_AT = re.compile("[@＠]")
_SEEN = """
    UPDATE cases_mention SET seen_at = %s WHERE case_id = %s AND user_id = %s AND seen_at IS NULL RETURNING id
"""


@transaction.atomic
def add_note(case: Case, *, text: str, by: Actor) -> Note:
    """Add what only staff see; people of the desk named as `@name` are told.

    Raises NotAllowed, or Refused when there is no text.
    """
    if not policies.may_note(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    text = blot_card_numbers(clean(text)).strip()
    if not text:
        raise Refused(_("Write something first."), field="text")
    note = Note.objects.create(
        company_id=case.company_id, case=case, user_id=by.id, text=text, at=clock.now()
    )
    named = _mention(note, named_in(text, list(staff_of_desk(case.desk_id, company=case.company_id))))
    fact = NoteAdded(**case.where, note=note.pk, mentioned=named)
    record(fact, by=by)
    return note


def see_mentions(case: Case, *, by: Actor) -> int:
    """Mark what names this person in the case as seen; returns how many were new."""
    return len(fetch_all(_SEEN, [clock.now(), case.pk, by.id])) if case.names_reader else 0


def named_in(text: str, staff: list[User]) -> list[User]:
    """The people a text names with @: by full name, or by family name alone where only one bears it.

    At each @ the longest name counts, for nothing tells where a name ends: @森田 is not 森.
    """
    families = Counter(_family(person) for person in staff)
    called: dict[str, list[User]] = {}
    for person in staff:
        alone = {_family(person)} if families[_family(person)] == 1 else set()
        for name in {person.name, "".join(person.name.split())} | alone:
            called.setdefault(name, []).append(person)
    longest_first = sorted(called, key=len, reverse=True)
    spoken = (next((n for n in longest_first if after.startswith(n)), "") for after in _AT.split(text)[1:])
    named = {person.pk for name in spoken for person in called.get(name, ())}
    return [person for person in staff if person.pk in named]


def _family(person: User) -> str:
    return person.name.split()[0]


def _mention(note: Note, people: list[User]) -> list[int]:
    Mention.objects.bulk_create(
        Mention(company_id=note.company_id, note=note, case_id=note.case_id, user=person, at=note.at)
        for person in people
    )
    return [person.pk for person in people]
