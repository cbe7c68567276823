"""What can happen to staff. Each fact is told to every company that the person works for."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class PersonAdded(Fact):
    """A person was added."""

    kind: ClassVar[str] = "person.added"
    person: int
    name: str


@fact
class PersonChanged(Fact):
    """A person's name, reading or language was changed, or mails to them turned off or on by the link in one."""

    kind: ClassVar[str] = "person.changed"
    person: int
    changes: dict[str, list[Any]]


@fact
class PlaceGiven(Fact):
    """A person was given a role. `before` is the role they had there, if any."""

    kind: ClassVar[str] = "person.place_given"
    person: int
    operator: int | None
    role: str
    before: str | None = None


@fact
class PlaceTaken(Fact):
    """A person's role was taken away."""

    kind: ClassVar[str] = "person.place_taken"
    person: int
    operator: int | None
    role: str


@fact
class SeatsChanged(Fact):
    """The desks at which a person is seated were changed. They are named by their engagements."""

    kind: ClassVar[str] = "person.seats"
    person: int
    before: list[int]
    after: list[int]


@fact
class AdministratorAppointed(Fact):
    """A person was made an administrator of the installation."""

    kind: ClassVar[str] = "administrator.appointed"
    person: int


@fact
class AdministratorDismissed(Fact):
    """A person is no longer an administrator of the installation."""

    kind: ClassVar[str] = "administrator.dismissed"
    person: int


@fact
class PersonDeactivated(Fact):
    """A person may no longer sign in; all their sessions were ended."""

    kind: ClassVar[str] = "person.deactivated"
    person: int
    sessions_ended: int


@fact
class PersonReactivated(Fact):
    """A person may sign in again."""

    kind: ClassVar[str] = "person.reactivated"
    person: int


@fact
class PasswordLinkIssued(Fact):
    """A link was issued by which a person sets a password."""

    kind: ClassVar[str] = "person.password_link"
    person: int


@fact
class PasswordSet(Fact):
    """A person was given a new password; all their sessions were ended."""

    kind: ClassVar[str] = "person.password_set"
    person: int


@fact
class SecondStepReset(Fact):
    """A person's two-step sign-in was switched off, so that they can set it up anew."""

    kind: ClassVar[str] = "person.second_step_reset"
    person: int


@fact
class TokenMade(Fact):
    """A token was made by which a program acts for a person; at these desks alone, if any are named."""

    kind: ClassVar[str] = "person.token_made"
    person: int
    token: int
    name: str
    permissions: list[str]
    desks: list[int]
    expires: str


@fact
class TokenRevoked(Fact):
    """A token of a person was revoked."""

    kind: ClassVar[str] = "person.token_revoked"
    person: int
    token: int
    name: str
