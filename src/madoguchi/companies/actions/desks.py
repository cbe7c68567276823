"""Desks: what a customer turns to."""

from collections.abc import Iterable, Mapping
from datetime import time

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from madoguchi.companies import policies
from madoguchi.companies.events import DeskAdded, DeskChanged, DeskClosed, DeskReopened
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.companies.queries import has_people_of_others
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.languages import ABROAD
from madoguchi.kernel.text import clean, one_line

MOST_WORDS = 500
MOST_NAME = 200


@transaction.atomic
def add_desk(
    company: Company,
    *,
    name: str,
    public_name: str,
    kana: str = "",
    kind: str = Desk.Kind.CUSTOMERS,
    greeting: str = "",
    signature: str = "",
    hours: str = "",
    acknowledge: bool = True,
    acknowledgement: str = "",
    acknowledgement_en: str = "",
    laid_out: bool = True,
    hand_off: str = Desk.HandOff.TRANSFER,
    by: Actor,
) -> Desk:
    """Add a desk at the end of the company's list. Raises NotAllowed, or Refused when the name is taken."""
    if not policies.may_set_up_desk(by, company=company.pk):
        raise NotAllowed(Permission.DESKS)
    last = Desk.objects.filter(company=company).aggregate(last=Max("position"))["last"]
    desk = Desk(company=company, position=0 if last is None else last + 1, acknowledge=acknowledge)
    desk.kind, desk.laid_out, desk.hand_off = Desk.Kind(kind), laid_out, Desk.HandOff(hand_off)
    desk.name, desk.public_name = _needed(name, "name"), _needed(public_name, "public_name")
    desk.signature, desk.acknowledgement = clean(signature).strip(), clean(acknowledgement).strip()
    desk.acknowledgement_en = clean(acknowledgement_en).strip()
    desk.hours, desk.kana = one_line(hours, most=200), one_line(kana, most=200)
    desk.greeting = one_line(greeting, most=300)
    with unique(_("The company has a desk of this name already."), field="name"):
        desk.save()
    record(DeskAdded(company=company.pk, desk=desk.pk, name=desk.name), by=by)
    return desk


@transaction.atomic
def change_desk(
    desk: Desk,
    *,
    name: str,
    public_name: str,
    signature: str,
    hours: str,
    acknowledge: bool,
    acknowledgement: str,
    laid_out: bool = True,
    hand_off: str = Desk.HandOff.TRANSFER,
    kana: str | None = None,
    kind: str | None = None,
    greeting: str | None = None,
    acknowledgement_en: str | None = None,
    by: Actor,
) -> None:
    """Change how a desk names, signs and greets. Raises NotAllowed, or Refused when the name is taken."""
    _require(by, desk)
    english = desk.acknowledgement_en if acknowledgement_en is None else clean(acknowledgement_en).strip()
    with unique(_("The company has a desk of this name already."), field="name"):
        changes = set_changed(
            desk,
            name=_needed(name, "name"),
            public_name=_needed(public_name, "public_name"),
            signature=clean(signature).strip(),
            hours=one_line(hours, most=200),
            kana=desk.kana if kana is None else one_line(kana, most=200),
            kind=desk.kind if kind is None else Desk.Kind(kind),
            greeting=desk.greeting if greeting is None else one_line(greeting, most=300),
            acknowledge=acknowledge,
            acknowledgement=clean(acknowledgement).strip(),
            acknowledgement_en=english,
            laid_out=laid_out,
            hand_off=Desk.HandOff(hand_off),
        )
    if changes:
        record(DeskChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


@transaction.atomic
def set_acknowledgements(desk: Desk, *, texts: Mapping[str, str], by: Actor) -> None:
    """Say how a desk greets in further languages, by their codes; an empty text is none. Raises NotAllowed, or Refused
    for a language that is not told apart.
    """
    _require(by, desk)
    if texts.keys() - ABROAD.keys():
        raise Refused(_("This language is not known."))
    kept = {language: clean(text).strip() for language, text in texts.items()}
    changes = set_changed(desk, acknowledgements={language: text for language, text in kept.items() if text})
    if changes:
        record(DeskChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


@transaction.atomic
def set_checks(
    desk: Desk,
    *,
    check_recipients: str,
    check_attachment: bool,
    check_name: bool,
    check_bare: bool,
    forbidden_words: str,
    care_words: str,
    feeling_words: str | None = None,
    by: Actor,
) -> None:
    """Say what is looked at before an answer leaves the desk, words one a line; and by which words of its own customers
    show how they feel (None: as before). Raises NotAllowed, or Refused for more than 500 words.
    """
    _require(by, desk)
    changes = set_changed(
        desk,
        check_recipients=Desk.Recipients(check_recipients),
        check_attachment=check_attachment,
        check_name=check_name,
        check_bare=check_bare,
        forbidden_words=_word_list(forbidden_words, "forbidden_words"),
        care_words=_word_list(care_words, "care_words"),
        feeling_words=desk.feeling_words
        if feeling_words is None
        else _word_list(feeling_words, "feeling_words"),
    )
    if changes:
        record(DeskChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


@transaction.atomic
def set_approval(desk: Desk, *, approval: str, approval_for: Iterable[int], by: Actor) -> None:
    """Say whose answers leave only when a senior has approved them. Raises NotAllowed, or Refused when nobody is
    chosen where some are to be, and where people are chosen anew by who may not direct them.
    """
    _require(by, desk)
    wanted, people = Desk.Approval(approval), sorted(set(approval_for))
    if wanted == Desk.Approval.CHOSEN and not people:
        raise Refused(_("Choose at least one person."), field="approval_for")
    before = desk.approval_for if desk.approval == Desk.Approval.CHOSEN else []
    if wanted == Desk.Approval.CHOSEN and people != sorted(before):
        _require_direction(by, desk, "approval_for")
    changes = set_changed(desk, approval=wanted, approval_for=people)
    if changes:
        record(DeskChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


@transaction.atomic
def set_work(
    desk: Desk,
    *,
    opens: time | None,
    closes: time | None,
    open_tasks: str,
    chats_at_once: int | None = None,
    by: Actor,
) -> None:
    """Say when the desk is at work on business days, by which steps of plans fall due, what happens when a case is
    to be solved with tasks that are not done, and how many chats one person has at once.

    Raises NotAllowed, or Refused for hours that are none, and where who may not direct the people of the desk says
    how much each of them does at once.
    """
    _require(by, desk)
    if chats_at_once != desk.chats_at_once:
        _require_direction(by, desk, "chats_at_once")
    if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
        raise Refused(_("Write from when until when, the earlier time first, or neither."), field="closes")
    changes = set_changed(
        desk, opens=opens, closes=closes, open_tasks=Desk.OpenTasks(open_tasks), chats_at_once=chats_at_once
    )
    if changes:
        record(DeskChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


@transaction.atomic
def close_desk(desk: Desk, *, by: Actor) -> None:
    """Close a desk: it leaves the operators' lists, its cases stay on record.

    Raises NotAllowed, or Refused while an entry point still leads customers there.
    """
    _require(by, desk)
    if EntryPoint.objects.filter(desk=desk, active=True).exists():
        raise Refused(_("Take its entry points out of use first: customers would write to nobody."))
    if set_changed(desk, active=False):
        record(DeskClosed(company=desk.company_id, desk=desk.pk), by=by)


@transaction.atomic
def reopen_desk(desk: Desk, *, by: Actor) -> None:
    """Open a closed desk again, with all its cases. Raises NotAllowed."""
    _require(by, desk)
    if set_changed(desk, active=True):
        record(DeskReopened(company=desk.company_id, desk=desk.pk), by=by)


def _require(by: Actor, desk: Desk) -> None:
    if not policies.may_set_up_desk(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)


def _require_direction(by: Actor, desk: Desk, field: str) -> None:
    """How others' people do their work, and which of them are looked over, their employer says (37号告示)."""
    directs = by.runs_installation or by.may(Permission.CASE_ASSIGN, company=desk.company_id, desk=desk.pk)
    if not directs and has_people_of_others(desk):
        words = _(
            "The people of this desk work for another firm, which says this itself. Ask the operator's manager."
        )
        raise Refused(words, field=field)


def _word_list(written: str, field: str) -> str:
    words = list(dict.fromkeys(filter(None, (line.strip() for line in clean(written).splitlines()))))
    if len(words) > MOST_WORDS:
        raise Refused(_("The list takes 500 words at most."), field=field)
    return "\n".join(words)


def _needed(text: str, field: str) -> str:
    named = one_line(text, most=MOST_NAME + 1)
    if not named:
        raise Refused(_("A name is needed."), field=field)
    if len(named) > MOST_NAME:
        raise Refused(_("Write %(most)s characters at most.") % {"most": MOST_NAME}, field=field)
    return named
