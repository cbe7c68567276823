"""Briefings that somebody has to read or leads, who has not read them, and praise."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk
from madoguchi.feedback import policies
from madoguchi.feedback.models import Briefing, BriefingReading, Praise
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import User
from madoguchi.people.queries import employers_by_desk, people_by_id, staff_of_desk

# What is older is no news any more.
NEWS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Praised:
    """How much praise there was at a desk in the last 30 days, and how many people got some."""

    desk: Desk
    times: int
    people: int


def briefings_of(actor: Actor) -> QuerySet[Briefing]:
    """The briefings of the last 30 days that are for somebody, the newest first."""
    theirs = Q(pk__in=[])
    for grant in actor.grants:
        if grant.operator and grant.allows(Permission.CASE_REPLY):
            place = {"desk": grant.desk} if grant.desk else {"company": grant.company}
            theirs |= Q(operator=grant.operator, **place)
    rows = Briefing.objects.filter(theirs, withdrawn_at=None, at__gt=clock.now() - NEWS)
    return rows.select_related("desk", "user").order_by("-at", "-id")


def unread_briefings(actor: Actor) -> QuerySet[Briefing]:
    """Those that they have neither written nor confirmed to have read. One query."""
    read = BriefingReading.objects.filter(briefing=OuterRef("pk"), user=actor.id)
    return briefings_of(actor).exclude(user=actor.id).exclude(Exists(read))


def briefing_by_id(actor: Actor, pk: int) -> Briefing:
    """A briefing that is for somebody. Raises NotFound."""
    found = Briefing.objects.select_related("desk", "user").filter(pk=pk, withdrawn_at=None).first()
    if found is None or not policies.is_for(actor, found):
        raise NotFound(str(pk))
    return found


def not_read_by(briefings: Collection[Briefing]) -> dict[int, list[User]]:
    """Of each briefing, who works at its desk for its operator, did not write it and has not confirmed it, by name.
    Four queries, none where there is no briefing.
    """
    if not briefings:
        return {}
    at = employers_by_desk({one.desk_id for one in briefings})
    readings = BriefingReading.objects.filter(briefing__in=briefings)
    read = set(readings.values_list("briefing", "user"))
    missing = {one.pk: [pk for pk in _led(one, at) if (one.pk, pk) not in read] for one in briefings}
    people = people_by_id({pk for ones in missing.values() for pk in ones})
    return {
        pk: sorted((people[one] for one in ones), key=lambda user: user.name) for pk, ones in missing.items()
    }


def _led(briefing: Briefing, at: Mapping[int, Mapping[int, Collection[int]]]) -> list[int]:
    """Who works at the desk of a briefing for its operator, without whoever wrote it."""
    people = at.get(briefing.desk_id, {})
    return [pk for pk, ours in people.items() if briefing.operator_id in ours and pk != briefing.user_id]


def praise_of(actor: Actor) -> QuerySet[Praise]:
    """What somebody was praised for, the newest first."""
    rows = Praise.objects.filter(to=actor.id).select_related("case__company", "user")
    return rows.order_by("-id")


def praised_at(desks: Collection[Desk]) -> list[Praised]:
    """How much praise there was at each of these desks; no word of whom. One query."""
    since = clock.now() - NEWS
    rows = Praise.objects.filter(case__desk__in=desks, at__gt=since).order_by().values("case__desk")
    told = rows.annotate(times=Count("pk"), people=Count("to", distinct=True))
    found = {row["case__desk"]: (row["times"], row["people"]) for row in told}
    return [Praised(desk, *found.get(desk.pk, (0, 0))) for desk in desks]


def handlers_of(case: Case, *, actor: Actor) -> list[User]:
    """Whom somebody can praise in a case: who answered or is responsible, and works at its desk. One query."""
    wrote = Message.objects.filter(case=case, author=Message.Author.STAFF, user__isnull=False)
    staff = staff_of_desk(case.desk_id, company=case.company_id)
    handled = staff.filter(Q(pk__in=wrote.values("user")) | Q(pk=case.assignee_id or 0))
    return [one for one in handled if one.pk != actor.id]
