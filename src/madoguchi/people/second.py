"""The second person: who agrees to what somebody else began, where one alone may not do it.

Whoever gives others their access could otherwise agree with themselves, by an account that is in their own hands.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.events import (
    AdministratorAppointed,
    PasswordLinkIssued,
    PasswordSet,
    PersonDeactivated,
    PersonReactivated,
    PlaceGiven,
    PlaceTaken,
    SecondStepReset,
)
from madoguchi.people.models import User

# Whose access somebody has had in their hands is no second person to them for so long: time for others to see it.
IN_HAND = timedelta(days=7)
_ACCESS = tuple(
    fact.kind
    for fact in (
        AdministratorAppointed,
        PasswordLinkIssued,
        PasswordSet,
        PersonReactivated,
        PlaceGiven,
        SecondStepReset,
    )
)


def are_in_one_hand(one: int, other: int | None, *, company: int) -> bool:
    """Whether two people's accounts may be in one person's hands: one of them, or a third person, has given the other,
    or both, a place at the company, a password or their way in again within the last seven days; also by way of
    others who had theirs from them. Those who run the installation set up both sides of many companies, and count only
    where they are one of the two. Two queries at most.
    """
    if other is None or one == other:
        return False
    givers = _givers(company)
    shared = _behind(one, givers) & _behind(other, givers)
    mine = shared & {one, other}
    return bool(mine) or User.objects.filter(pk__in=shared, is_administrator=False).exists()


def refuse_own_hands(by: Actor, first: int | None, *, company: int, field: str = "") -> None:
    """Raises Refused where the actor cannot be the second person to `first`, as both may be in one person's hands."""
    if by.id is not None and are_in_one_hand(by.id, first, company=company):
        words = _(
            "Within the last seven days one person has had the access of both of you in their hands. "
            "Somebody else has to agree."
        )
        raise Refused(words, field=field)


def was_anybody_shut_out(company: int) -> bool:
    """Whether somebody was locked out of a company, or lost a place or a role there, within the last seven days: then
    nobody says that there is no second person. One query.
    """
    events = _lately(company, (PersonDeactivated.kind, PlaceTaken.kind, PlaceGiven.kind))
    return events.exclude(kind=PlaceGiven.kind, data__before=None).exists()


def _givers(company: int) -> dict[int, set[int]]:
    """Who has had each person's access in their hands lately, as the company's log has it."""
    givers: dict[int, set[int]] = {}
    for actor, data in _lately(company, _ACCESS).values_list("actor_id", "data"):
        givers.setdefault(int(data["person"]), set()).add(int(actor or 0))
    return givers


def _behind(person: int, givers: dict[int, set[int]]) -> set[int]:
    """A person, who had their access in their hands, who had theirs, and so on."""
    behind, ahead = {person}, [person]
    while ahead:
        fresh = givers.get(ahead.pop(), set()) - behind
        behind |= fresh
        ahead += fresh
    return behind


def _lately(company: int, kinds: Sequence[str]) -> QuerySet[Event]:
    since = clock.now() - IN_HAND
    return Event.objects.filter(
        company_id=company, at__gte=since, kind__in=kinds, actor_id__isnull=False, carried=False
    )
