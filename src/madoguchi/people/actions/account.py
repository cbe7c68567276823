"""Accounts: signing in, being locked out, beginning anew."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.writing import set_changed
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.actions.people import refuse_last_administrator, refuse_oneself
from madoguchi.people.actions.telling import companies_concerned, require_account, tell
from madoguchi.people.actions.tokens import revoke_token
from madoguchi.people.events import (
    PasswordLinkIssued,
    PasswordSet,
    PersonDeactivated,
    PersonReactivated,
    SecondStepReset,
)
from madoguchi.people.models import AccessToken, User
from madoguchi.people.sign_in import password_link


@transaction.atomic
def deactivate(person: User, *, by: Actor) -> int:
    """Lock somebody out at once: no sign-in, every session and token ended; returns how many sessions were open.

    What they wrote stays under their name. Raises NotAllowed, or Refused for oneself and for the last
    administrator.
    """
    require_account(by, person)
    refuse_oneself(by, person)
    refuse_last_administrator(person)
    ended = _shut_out(person, by=by)
    if set_changed(person, is_active=False):
        tell(companies_concerned(person), PersonDeactivated, by=by, person=person.pk, sessions_ended=ended)
    return ended


@transaction.atomic
def reactivate(person: User, *, by: Actor) -> None:
    """Let somebody sign in again, with the roles they had. Raises NotAllowed."""
    require_account(by, person)
    if set_changed(person, is_active=True):
        tell(companies_concerned(person), PersonReactivated, by=by, person=person.pk)


@transaction.atomic
def issue_password_link(person: User, *, by: Actor) -> str:
    """A path under which the person sets a password, once, within three days; show it to the issuer only.

    Raises NotAllowed, or Refused for somebody who may not sign in.
    """
    require_account(by, person)
    if not person.is_active:
        raise Refused(_("This person may not sign in. Let them in again first."))
    tell(companies_concerned(person), PasswordLinkIssued, by=by, person=person.pk)
    return password_link(person)


@transaction.atomic
def set_password(person: User, *, password: str, by: Actor) -> None:
    """Give somebody a password and end their sessions and tokens.

    Raises NotAllowed, or Refused with all that is wrong with the password.
    """
    require_account(by, person)
    try:
        validate_password(password, user=person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
    person.set_password(password)
    person.save(update_fields=["password"])
    _shut_out(person, by=by)
    tell(companies_concerned(person), PasswordSet, by=by, person=person.pk)


@transaction.atomic
def reset_second_step(person: User, *, by: Actor) -> None:
    """Switch off somebody's two-step sign-in, for a lost phone or key, and end their sessions and tokens.

    Raises NotAllowed, or Refused for oneself, who switches it off on their own page, where it asks for proof.
    """
    require_account(by, person)
    refuse_oneself(by, person)
    removed, _rows = Authenticator.objects.filter(user=person).delete()
    if removed:
        _shut_out(person, by=by)
        tell(companies_concerned(person), SecondStepReset, by=by, person=person.pk)


def _shut_out(person: User, *, by: Actor) -> int:
    """Whoever was in under their name is out: browsers and programs. Returns how many sessions there were."""
    for token in AccessToken.objects.filter(user=person, revoked_at=None):
        revoke_token(token, by=by)
    return end_sessions(person)


def end_sessions(person: User) -> int:
    """Sign somebody out everywhere; returns how many sessions there were."""
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    return len(sessions)
