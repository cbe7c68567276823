"""Telling the police of what may be a crime (threats, force, staying on): where, whom, and under which number."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Problems, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.shield import policies
from madoguchi.shield.events import PoliceTold
from madoguchi.shield.models import Mark, PoliceReport
from madoguchi.shield.queries import home_of
from madoguchi.shield.texts import kept

MOST_OF_MARK = 20


@transaction.atomic
def note_police(
    one: Mark,
    *,
    way: str,
    place: str,
    officer: str = "",
    number: str = "",
    words: str = "",
    at: datetime,
    by: Actor,
) -> PoliceReport:
    """Write down that the police were told; what comes of it later (a number, another officer) is a report of its own.

    Raises NotAllowed for who does not lead the desk; Refused for no way of the list, no place, a time to come, more
    than fits, and where it was found that it is none.
    """
    case = home_of(one.case)
    if not policies.may_lead(by, case):
        raise NotAllowed(Permission.CASE_APPROVE)
    Mark.objects.select_for_update(no_key=True).only("pk").get(pk=one.pk)
    one.refresh_from_db(fields=["state"])
    wrong = Problems()
    wrong.unless(
        one.state != Mark.State.CLEARED,
        _("It was found that this is no harassment. The talk goes on."),
        "way",
    )
    wrong.unless(way in PoliceReport.Way.values, _("Choose one of the list."), "way")
    place, officer, number = (
        blot_card_numbers(one_line(said, most=1_000)) for said in (place, officer, number)
    )
    wrong.unless(bool(place), _("Write which station or which line it was."), "place")
    for name, said, most in (("place", place, 100), ("officer", officer, 100), ("number", number, 60)):
        there = {"there": len(said), "most": most}
        wrong.unless(
            len(said) <= most, _("This has %(there)s characters; %(most)s fit. Shorten it.") % there, name
        )
    wrong.unless(at <= clock.now(), _("This time is still to come."), "at")
    told = wrong.of(lambda: kept(words, field="words", needed=False), "")
    wrong.end()
    if one.police_reports.count() >= MOST_OF_MARK:
        raise Refused(_("There are too many already."), field="way")
    made = PoliceReport.objects.create(
        company_id=one.company_id,
        mark=one,
        way=way,
        place=place,
        officer=officer,
        number=number,
        words=told,
        told_at=at,
        told_by_id=by.id,
    )
    record(PoliceTold(**case.where, mark=one.pk, way=way), by=by)
    return made
