"""Tokens: by which programs act for a person."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line
from madoguchi.people import policies
from madoguchi.people.actions.telling import companies_concerned, require_account, tell
from madoguchi.people.events import TokenMade, TokenRevoked
from madoguchi.people.models import AccessToken, User
from madoguchi.people.queries import actor_of
from madoguchi.people.tokens import SIGN, digest_of

MOST_DAYS = 366


@transaction.atomic
def make_token(
    person: User,
    *,
    name: str,
    permissions: Iterable[Permission],
    days: int,
    company: int | None = None,
    desks: Iterable[int] = (),
    by: Actor,
) -> tuple[AccessToken, str]:
    """A token for a program that acts as this person, and its words, which nobody can be shown again.

    Desks narrow it to their company, too. Raises NotAllowed for anybody but the person and the machine's own shell;
    Refused without a name, for a permission that the person does not hold (there), for desks of several companies, or
    for longer than a year.
    """
    if not policies.may_make_token(by, person.pk):
        raise NotAllowed(Permission.SELF)
    wanted, name, places = frozenset(permissions), one_line(name, most=100), sorted(set(desks))
    company = _company_of(places, company)
    _check(actor_of(person), wanted, name=name, days=days, company=company, desks=places)
    selector, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    now = clock.now()
    token = AccessToken.objects.create(
        user=person,
        company_id=company,
        name=name,
        selector=selector,
        digest=digest_of(secret),
        desks=places,
        permissions=sorted(wanted),
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    fields = {"permissions": sorted(wanted), "desks": places, "expires": token.expires_at.isoformat()}
    tell(_concerned(token), TokenMade, by=by, person=person.pk, token=token.pk, name=name, **fields)
    return token, f"{SIGN}_{selector}_{secret}"


@transaction.atomic
def revoke_token(token: AccessToken, *, by: Actor) -> None:
    """End a token at once, by its person or by who looks after the account. Raises NotAllowed; twice is as once."""
    if not policies.may_make_token(by, token.user_id):
        require_account(by, token.user)
    if AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        tell(_concerned(token), TokenRevoked, by=by, person=token.user_id, token=token.pk, name=token.name)


def note_use(token: AccessToken, *, on: date) -> None:
    """Remember the last day a token was used, once a day."""
    if token.used_on != on:
        AccessToken.objects.filter(pk=token.pk).update(used_on=on)


def _company_of(desks: list[int], company: int | None) -> int | None:
    """The company of these desks, which the token is then for."""
    if not desks:
        return company
    found = Desk.objects.filter(pk__in=desks).values_list("pk", "company_id")
    companies = {each for _pk, each in found} | ({company} if company else set())
    if len(found) != len(desks) or len(companies) != 1:
        raise Refused(_("A token is for desks of one company."), field="desks")
    return companies.pop()


def _check(
    holder: Actor,
    wanted: frozenset[Permission],
    *,
    name: str,
    days: int,
    company: int | None,
    desks: list[int],
) -> None:
    if not name:
        raise Refused(_("Give the token a name, so that it is known later."), field="name")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(_("A token is valid for 1 to 366 days."), field="days")
    if not wanted:
        raise Refused(_("Choose at least one permission."), field="permissions")
    there = holder.narrowed(wanted, company=company, desks=desks)
    for permission in sorted(wanted):
        if permission == Permission.SELF or not there.may_anywhere(permission):
            words = _("This person does not hold the permission %(permission)s there.")
            raise Refused(words % {"permission": permission}, field="permissions")


def _concerned(token: AccessToken) -> set[int]:
    return {token.company_id} if token.company_id else companies_concerned(token.user)
