"""Marking contacts, setting aside what was noticed, deciding, and calling a senior.

Nothing here touches the case: its priority, its times and its tags stay as they are, for whoever is loud may be right.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Contact
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.shield import policies
from madoguchi.shield.caring import look_after
from madoguchi.shield.events import (
    HarassmentDecided,
    HarassmentMarked,
    HelpCalled,
    HelpCame,
    SuggestionSetAside,
)
from madoguchi.shield.models import Help, Mark, Sort, Suggestion
from madoguchi.shield.queries import home_of
from madoguchi.shield.texts import kept

MOST_OF_CASE = 50


@transaction.atomic
def mark(
    case: Case,
    *,
    sort: str,
    words: str = "",
    by: Actor,
    noticed: Suggestion | None = None,
    person: int | None = None,
) -> Mark:
    """Say that the last contact of a case is suspected of harassment. It met `person`, else whoever says so, or who is
    responsible where a senior does.

    Raises NotAllowed for who does not work the case, Refused for no sort of the list and too many marks, Conflict where
    somebody has settled what was `noticed` meanwhile.
    """
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    if sort not in Sort.values:
        raise Refused(_("Choose one of the list."), field="sort")
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
    if Mark.objects.filter(case=case).count() >= MOST_OF_CASE:
        raise Refused(_("This case has too many marks already."), field="sort")
    contact = (
        noticed.contact
        if noticed
        else Contact.objects.filter(case=case, inbound=True).order_by("-at").first()
    )
    made = Mark.objects.create(
        company_id=case.company_id,
        case=case,
        contact=contact,
        person_id=person or _met(case, by),
        sort=sort,
        words=kept(words, field="words", needed=False),
        marked_by_id=by.id,
        marked_at=clock.now(),
    )
    if noticed is not None:
        _settle(noticed, by, mark=made)
    record(HarassmentMarked(**_about(made), sort=sort), by=by)
    return made


@transaction.atomic
def set_aside(noticed: Suggestion, *, reason: str, by: Actor) -> None:
    """Say that what was noticed is no harassment, and why, so that words can be mended. Raises NotAllowed, Refused for
    no reason, Conflict where somebody was faster.
    """
    case = home_of(noticed.case)
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    said = blot_card_numbers(one_line(reason, most=200))
    if not said:
        raise Refused(_("Say why it is none, so that fewer are raised in vain."), field="reason")
    _settle(noticed, by, reason=said)
    record(SuggestionSetAside(**case.where, suggestion=noticed.pk), by=by)


@transaction.atomic
def decide(one: Mark, *, state: str, reason: str, by: Actor) -> None:
    """Find that it is harassment, or none. Whom it met is looked after from then on where it is.

    Raises NotAllowed for who does not lead the desk or has marked it, Refused for no reason, Conflict where it is
    decided.
    """
    case = home_of(one.case)
    if not policies.may_lead(by, case) or by.id in (one.marked_by_id, one.person_id):
        raise NotAllowed(Permission.CASE_APPROVE)
    said = blot_card_numbers(one_line(reason, most=500))
    why = _("Write on what it rests: what was said, and how the demand itself is answered.")
    wrong = Problems()
    wrong.unless(state in (Mark.State.CONFIRMED, Mark.State.CLEARED), _("Choose one of the list."), "state")
    wrong.unless(bool(said), why, "reason")
    wrong.end()
    there = Mark.objects.filter(pk=one.pk, state=Mark.State.SUSPECTED)
    if not there.update(state=state, reason=said, decided_by=by.id, decided_at=clock.now()):
        raise Conflict(_("Somebody was faster. Look again."))
    one.refresh_from_db()
    record(HarassmentDecided(**_about(one), state=state), by=by)
    if state == Mark.State.CONFIRMED:
        look_after(one, by=by)


@transaction.atomic
def call_help(case: Case, *, by: Actor) -> Help:
    """Call a senior to a case, now. Pressed twice it is one call. Raises NotAllowed for who does not work the case."""
    if not policies.may_work(by, case) or by.id is None:
        raise NotAllowed(Permission.CASE_UPDATE)
    made, new = Help.objects.get_or_create(
        case=case,
        person_id=by.id,
        came_at=None,
        defaults={"company_id": case.company_id, "called_at": clock.now()},
    )
    if new:
        record(HelpCalled(**case.where, help=made.pk), by=by)
    return made


@transaction.atomic
def come(one: Help, *, by: Actor) -> bool:
    """A senior is there; whether that is news. Raises NotAllowed for who does not lead the desk, or has called."""
    case = home_of(one.case)
    if not policies.may_lead(by, case) or by.id == one.person_id:
        raise NotAllowed(Permission.CASE_APPROVE)
    if not Help.objects.filter(pk=one.pk, came_at=None).update(came_at=clock.now(), came_by=by.id):
        return False
    one.refresh_from_db()
    record(HelpCame(**case.where, help=one.pk, seconds=one.seconds or 0), by=by)
    return True


def _settle(noticed: Suggestion, by: Actor, **values: Any) -> None:
    there = Suggestion.objects.filter(pk=noticed.pk, settled_at=None)
    if not there.update(settled_at=clock.now(), settled_by=by.id, **values):
        raise Conflict(_("Somebody was faster. Look again."))


def _met(case: Case, by: Actor) -> int | None:
    return case.assignee_id or by.id if policies.may_lead(by, case) else by.id


def _about(one: Mark) -> dict[str, Any]:
    return {**home_of(one.case).where, "mark": one.pk}
