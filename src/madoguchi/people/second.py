"""The second person: who agrees to what somebody else began, where one alone may not do it.

Whoever gives others their access could otherwise agree with themselves, by an account that is in their own hands.
"""

from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.events import (
    AdministratorAppointed,
    PasswordLinkIssued,
    PasswordSet,
    PersonReactivated,
    PlaceGiven,
    SecondStepReset,
)

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


def is_in_hands_of(person: int, first: int | None, *, company: int) -> bool:
    """Whether `first` has given somebody's account a place at the company, a password, or its way in again, within
    the last seven days; also by way of others who had theirs from them. One query.
    """
    given = _given(company)
    reached, ahead = {first}, [first]
    while ahead:
        fresh = given.get(ahead.pop(), set()) - reached
        reached |= fresh
        ahead += fresh
    return first is not None and person != first and person in reached


def refuse_own_hands(by: Actor, first: int | None, *, company: int, field: str = "") -> None:
    """Raises Refused where the actor cannot be the second person to `first`, whose hands their account was in."""
    if by.id is not None and is_in_hands_of(by.id, first, company=company):
        words = _(
            "Whoever began this has given you your access within the last seven days. Somebody else has to agree."
        )
        raise Refused(words, field=field)


def _given(company: int) -> dict[int | None, set[int]]:
    """Whose access each person has had in their hands lately, as the company's log has it."""
    since = clock.now() - IN_HAND
    events = Event.objects.filter(
        company_id=company, at__gte=since, kind__in=_ACCESS, actor_id__isnull=False, carried=False
    )
    given: dict[int | None, set[int]] = {}
    for actor, data in events.values_list("actor_id", "data"):
        given.setdefault(actor, set()).add(int(data["person"]))
    return given
