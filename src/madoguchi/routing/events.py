"""What can happen in sharing work out. All of it is among colleagues, but for how a desk does it."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class PresenceChanged(Fact):
    """Somebody is available, away, on a break or off work from now on; told to each company for which they work."""

    kind: ClassVar[str] = "presence.changed"
    among_colleagues: ClassVar[bool] = True
    person: int
    before: str
    after: str


@fact
class CaseGiven(Fact):
    """The queue gave a case to somebody who asked (`how` pull) or did not (push), after so many seconds of waiting."""

    kind: ClassVar[str] = "routing.given"
    among_colleagues: ClassVar[bool] = True
    person: int
    how: str
    waited: int


@fact
class CaseReturned(Fact):
    """A case went back into the queue: who had been given it went away and had not begun."""

    kind: ClassVar[str] = "routing.returned"
    among_colleagues: ClassVar[bool] = True
    person: int


@fact
class SharingChanged(Fact):
    """A desk shares its work out in another way."""

    kind: ClassVar[str] = "routing.changed"
    changes: dict[str, list[Any]]


@fact
class SkillsChanged(Fact):
    """An operator says otherwise what one of its people knows or speaks; told to each company for which it works."""

    kind: ClassVar[str] = "skills.changed"
    among_colleagues: ClassVar[bool] = True
    person: int
    operator: int


@fact
class ShiftsChanged(Fact):
    """An operator says otherwise when one of its people is to be there; told to each company for which it works."""

    kind: ClassVar[str] = "shifts.changed"
    among_colleagues: ClassVar[bool] = True
    person: int
    operator: int


@fact
class DivisionChanged(Fact):
    """It was changed how what comes to a desk is divided among the desks of several operators."""

    kind: ClassVar[str] = "division.changed"
    changes: dict[str, list[Any]]


@fact
class CaseDivided(Fact):
    """A rule (`named`) of its desk sent a case to another desk, chosen in this way (`chosen_by`) by two
    numbers (`own`, `whole`), after it had waited so many `minutes` elsewhere. `desk` is where the rules are: who is at
    the other desk alone is not told how the others stand.
    """

    kind: ClassVar[str] = "routing.divided"
    named: str
    chosen_by: str
    to_desk: int
    own: int
    whole: int
    minutes: int = 0
