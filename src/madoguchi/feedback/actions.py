"""Telling people what changed, confirming, withdrawing; praising a colleague."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.feedback import policies
from madoguchi.feedback.events import BriefingGiven, BriefingRead, BriefingWithdrawn, PraiseGiven
from madoguchi.feedback.models import Briefing, BriefingReading, Praise
from madoguchi.feedback.queries import handlers_of
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

LONGEST_TITLE, LONGEST, LONGEST_PRAISE = 100, 5_000, 300


@transaction.atomic
def give_briefing(desk: Desk, *, title: str, text: str = "", by: Actor) -> Briefing:
    """Tell the people whom somebody leads at a desk what changed; each confirms to have read it.

    Raises NotAllowed for who leads nobody there, and Refused without a title or for a text that is too long.
    """
    led = policies.led_by(by, company=desk.company_id, desk=desk.pk)
    if by.id is None or not led:
        raise NotAllowed(Permission.CASE_ASSIGN)
    said = {"title": one_line(title, most=LONGEST_TITLE), "text": blot_card_numbers(clean(text).strip())}
    if not said["title"]:
        raise Refused(_("Say in a line what changed."), field="title")
    if len(said["text"]) > LONGEST:
        raise Refused(_("At most 5,000 letters: write an article, and name it here."), field="text")
    whose = {"company_id": desk.company_id, "desk": desk, "operator_id": min(led), "user_id": by.id}
    made = Briefing.objects.create(**whose, **said, at=clock.now())
    record(BriefingGiven(company=desk.company_id, desk=desk.pk, briefing=made.pk), by=by)
    return made


@transaction.atomic
def confirm_briefing(briefing: Briefing, *, by: Actor) -> bool:
    """Say that one has read it; whether that is new. Raises NotAllowed for whom it is not for."""
    if by.id is None or not policies.is_for(by, briefing):
        raise NotAllowed(Permission.CASE_REPLY)
    of = {"company_id": briefing.company_id, "at": clock.now()}
    _row, new = BriefingReading.objects.get_or_create(briefing=briefing, user_id=by.id, defaults=of)
    if new:
        about = {"company": briefing.company_id, "desk": briefing.desk_id, "briefing": briefing.pk}
        record(BriefingRead(**about), by=by)
    return new


@transaction.atomic
def withdraw_briefing(briefing: Briefing, *, by: Actor) -> bool:
    """Say that it does not hold any more: nobody is shown it. Whether that is new. Raises NotAllowed."""
    if not policies.may_lead(by, briefing):
        raise NotAllowed(Permission.CASE_ASSIGN)
    now = clock.now()
    done = bool(Briefing.objects.filter(pk=briefing.pk, withdrawn_at=None).update(withdrawn_at=now))
    if done:
        about = {"company": briefing.company_id, "desk": briefing.desk_id, "briefing": briefing.pk}
        record(BriefingWithdrawn(**about), by=by)
    return done


@transaction.atomic
def praise(case: Case, *, to: int, words: str, by: Actor) -> Praise:
    """Praise how a colleague handled a case.

    Raises NotAllowed for who does not work at its desk, and Refused without a word or for who had no part in it.
    """
    if by.id is None or not policies.may_praise(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    said = blot_card_numbers(one_line(words, most=LONGEST_PRAISE))
    if not said:
        raise Refused(_("Say in a line what was good."), field="words")
    if to not in {one.pk for one in handlers_of(case, actor=by)}:
        raise Refused(_("Choose a colleague who handled this case."), field="to")
    made = Praise.objects.create(
        company_id=case.company_id, case=case, to_id=to, user_id=by.id, words=said, at=clock.now()
    )
    record(PraiseGiven(**case.where, praise=made.pk, person=to), by=by)
    return made
