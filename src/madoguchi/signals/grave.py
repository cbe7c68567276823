"""Grave words in what customers write, and in what staff write down of what they said: the case goes into the immediate
lane, and out of it where somebody says why.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import set_priority, set_tags
from madoguchi.cases.actions.change import MOST_TAGS
from madoguchi.cases.models import Case, Message, Note, Priority
from madoguchi.cases.policies import may_update
from madoguchi.complaints.models import Complaint
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.folding import fold
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.signals.accidents import find_grave
from madoguchi.signals.again import note_told_again
from madoguchi.signals.duty import start_clock, stop_clock
from madoguchi.signals.events import GraveDismissed, GraveFound
from madoguchi.signals.lexicon import Found
from madoguchi.signals.models import Grave, Signal
from madoguchi.signals.queries import standing_of, words_watched

TAG = "重大"
# What is read later than this was written long ago: a mailbox that was emptied, an import.
_OLD = timedelta(days=2)
_READER = system("grave words")
# Behind a word, folded, as staff note that they asked, and that it was not so.
_CHECKED = re.compile(
    fold(
        r"(?:人)?(?:や|・|、)?(?:[^。、はがをもに]{1,6})?(?:など|等)?(?:は|も|が|を)?"
        r"(?:の(?:有無|恐れ|おそれ|心配|可能性|危険)|な(?:し|い(?:か|と|との))|無(?:し|い)|(?:か)?(?:どうか)?(?:を)?(?:確認|聞)|ゼロ|:なし)"
    )
)


@dataclass(frozen=True, slots=True)
class _Read:
    """Words that were read: of which case, since when they are known, and what of ours they stand in."""

    case: Case
    words: str
    at: datetime
    source: Mapping[str, Any]
    unless: re.Pattern[str] | None = None


@transaction.atomic
def look_for_grave_words(message: int) -> Grave | None:
    """Read what a customer wrote; where it holds grave words that were not found in the case before, the case is
    urgent, tagged, and told of, and of injury or fire a task is to report it. That they had said it before is
    told of as well. Read again, and of what machines or we wrote, it does nothing.
    """
    said = Message.objects.select_related("case__continued_in").filter(pk=message).first()
    if said is None or said.author != Message.Author.CUSTOMER or said.automatic:
        return None
    if said.at >= clock.now() - _OLD:
        note_told_again(said.case.continued_in or said.case, said)
    return _look(_Read(said.case, _words_of(said), said.at, {"message": said}))


def look_at_note(note: int) -> Grave | None:
    """The same of what staff wrote down: a note, as at the end of a call."""
    said = Note.objects.select_related("case__continued_in").filter(pk=note).first()
    return _look(_Read(said.case, said.text, said.at, {"note": said}, unless=_CHECKED)) if said else None


def look_at_signal(signal: int) -> Grave | None:
    """The same of a report of what is wrong with a product, or strange at all."""
    said = Signal.objects.select_related("case__continued_in").filter(pk=signal, withdrawn_at=None).first()
    if said is None:
        return None
    return _look(_Read(said.case, said.words, said.raised_at, {"signal": said}, unless=_CHECKED))


def look_at_complaint(complaint: int, *, at: datetime) -> Grave | None:
    """The same of what happened and what is demanded, as a complaint has it since then."""
    said = Complaint.objects.select_related("case__continued_in").filter(pk=complaint).first()
    if said is None:
        return None
    return _look(_Read(said.case, f"{said.facts}\n{said.demand}", at, {"complaint": said}, unless=_CHECKED))


@transaction.atomic
def _look(read: _Read) -> Grave | None:
    if read.at < clock.now() - _OLD:
        return None
    if "complaint" not in read.source and Grave.objects.filter(**read.source).exists():
        return None
    case = read.case.continued_in or read.case
    known = {word for one in Grave.objects.filter(case=case) for word in one.words}
    found = find_grave(read.words, words_watched(case.company_id), unless=read.unless)
    return _to_immediate_lane(case, read, found) if set(found.words) - known else None


def is_grave(case: Case) -> bool:
    """Whether grave words stand in a case, also where what the customer wrote has not been looked at yet."""
    graves = Grave.objects.filter(case=case)
    if graves.exists():
        return graves.filter(dismissed_at=None).exists()
    said = case.messages.filter(author=Message.Author.CUSTOMER, automatic="").order_by("id").first()
    if said is None:
        return False
    return bool(find_grave(_words_of(said), words_watched(case.company_id)).words)


def _words_of(said: Message) -> str:
    return f"{said.subject}\n{said.new_text or said.text}"


@transaction.atomic
def dismiss_grave(grave: Grave, *, reason: str, by: Actor) -> None:
    """Say that what was found is not grave, and why. Where nothing else in the case is, its priority is as before and
    the tag goes. Raises NotAllowed, Refused for no reason, Conflict where somebody was faster.
    """
    case = grave.case.continued_in or grave.case
    if not may_update(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    said = blot_card_numbers(one_line(reason, most=200))
    if not said:
        raise Refused(_("Say why it is not grave, so that words can be mended."), field="reason")
    there = Grave.objects.filter(pk=grave.pk, dismissed_at=None)
    if not there.update(reason=said, dismissed_at=clock.now(), dismissed_by=by.id):
        raise Conflict(_("Somebody was faster. Look again."))
    record(GraveDismissed(**case.where, grave=grave.pk), by=by)
    stop_clock(grave, case, by=by)
    if not standing_of(case):
        case.refresh_from_db(fields=["priority", "tags"])
        set_tags(case, to=[tag for tag in case.tags if tag != TAG], by=by)
        if case.priority == Priority.URGENT:
            set_priority(case, to=_priority_before(grave.case_id), by=by)


def _priority_before(case: int) -> Priority:
    """What a case had before the first of the grave words that were found since it last had none standing."""
    found = list(Grave.objects.filter(case=case).order_by("found_at", "id"))
    first, stood_until = found[0], found[0].dismissed_at
    for one in found[1:]:
        if stood_until is not None and stood_until <= one.found_at:
            first, stood_until = one, one.dismissed_at
        elif stood_until is not None:
            stood_until = None if one.dismissed_at is None else max(stood_until, one.dismissed_at)
    return Priority(first.priority_before)


def _to_immediate_lane(case: Case, read: _Read, found: Found) -> Grave:
    grave = Grave.objects.create(
        company_id=case.company_id,
        case=case,
        words=list(found.words),
        sorts=list(found.sorts),
        found_at=clock.now(),
        priority_before=case.priority,
        **read.source,
    )
    set_priority(case, to=Priority.URGENT, by=_READER)
    if TAG not in case.tags and len(case.tags) < MOST_TAGS:
        set_tags(case, to=[*case.tags, TAG], by=_READER)
    fact = GraveFound(**case.where, grave=grave.pk, message=grave.message_id, sorts=list(found.sorts))
    record(fact, by=_READER)
    start_clock(grave, case, known=read.at, by=_READER)
    return grave
