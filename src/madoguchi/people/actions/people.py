"""People themselves, and who administers the installation."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, Permission, Role
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import one_line
from madoguchi.people import policies
from madoguchi.people.actions.places import give_place
from madoguchi.people.actions.telling import companies_concerned, every_company, require_account, tell
from madoguchi.people.events import (
    AdministratorAppointed,
    AdministratorDismissed,
    PersonAdded,
    PersonChanged,
)
from madoguchi.people.models import User

LANGUAGES = ("ja", "en")
MOST_NAME = 100


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    kana: str = "",
    language: str = "ja",
    operator: int | None = None,
    company: int | None = None,
    role: Role | None = None,
    by: Actor,
) -> User:
    """Add a person with a role at one operator or company, or (role administrator) for the installation.

    They cannot sign in before `issue_password_link` or `set_password`. Raises NotAllowed, or Refused for an
    address that is none or belongs to somebody already: whom another employs is not taken over by address.
    """
    if (operator is None) == (company is None) and role != Role.ADMINISTRATOR:
        raise Refused(_("Choose an operator or a company."), field="role")
    person = User(email=_address(email), name=_named(name), kana=_line(kana, "kana"), language=language)
    person.set_unusable_password()
    with unique(_("There is a person with this mail address already."), field="email"):
        person.save()
    if role == Role.ADMINISTRATOR:
        appoint_administrator(person, by=by)
    elif role is not None:
        give_place(person, role=role, operator=operator, company=company, by=by)
    tell(companies_concerned(person), PersonAdded, by=by, person=person.pk, name=person.name)
    return person


@transaction.atomic
def change_person(person: User, *, name: str, kana: str, language: str, by: Actor) -> None:
    """Correct a person's name, its reading, or the language they chose. Raises NotAllowed or Refused."""
    require_account(by, person)
    if language not in LANGUAGES:
        raise Refused(_("Choose a language."), field="language")
    changes = set_changed(person, name=_named(name), kana=_line(kana, "kana"), language=language)
    if changes:
        tell(companies_concerned(person), PersonChanged, by=by, person=person.pk, changes=changes)


@transaction.atomic
def appoint_administrator(person: User, *, by: Actor) -> None:
    """Make somebody an administrator of the installation. Raises NotAllowed."""
    if not policies.may_appoint_administrators(by):
        raise NotAllowed(Permission.ORGANISATIONS)
    if set_changed(person, is_administrator=True):
        tell(every_company(), AdministratorAppointed, by=by, person=person.pk)


@transaction.atomic
def dismiss_administrator(person: User, *, by: Actor) -> None:
    """Take the administration of the installation from somebody.

    Raises NotAllowed, or Refused for oneself and for the last administrator who may sign in.
    """
    if not policies.may_appoint_administrators(by):
        raise NotAllowed(Permission.ORGANISATIONS)
    refuse_oneself(by, person)
    refuse_last_administrator(person)
    if set_changed(person, is_administrator=False):
        tell(every_company(), AdministratorDismissed, by=by, person=person.pk)


def refuse_oneself(by: Actor, person: User) -> None:
    """Nobody locks themselves out by a slip; raises Refused."""
    if by.id == person.pk:
        raise Refused(_("You cannot do this to yourself. Ask another person in charge."))


def refuse_last_administrator(person: User) -> None:
    """Raises Refused when nobody else could administer the installation.

    The rows stay locked until the transaction ends, so that two administrators cannot remove each other.
    """
    active = User.objects.filter(is_administrator=True, is_active=True).order_by("pk")
    if set(active.select_for_update().values_list("pk", flat=True)) == {person.pk}:
        raise Refused(_("This is the last administrator. Appoint another one first."))


def _address(written: str) -> str:
    address = canonical(IdentityKind.EMAIL, written)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(_("Write a mail address, such as hanako@example.jp."), field="email") from error
    return address


def _named(name: str) -> str:
    named = _line(name, "name")
    if not named:
        raise Refused(_("A name is needed."), field="name")
    return named


def _line(written: str, field: str) -> str:
    """What was written, on one line; raises Refused for what would have to be cut."""
    line = one_line(written, most=MOST_NAME + 1)
    if len(line) > MOST_NAME:
        raise Refused(_("Write %(most)s characters at most.") % {"most": MOST_NAME}, field=field)
    return line
