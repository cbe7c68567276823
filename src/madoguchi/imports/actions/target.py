"""Where an import goes, and that one goes there at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import fold
from madoguchi.people.queries import staff_of_desk

IMPORT = system("import")
_LOCK = "pg_{}(hashtext('madoguchi import'), %s::integer)"


class Busy(Refused):
    """Another import goes into the company at this moment."""


@dataclass(slots=True)
class Target:
    """Through which entry point of which desk everything goes, from which source, and who imports.

    Notes of people who are not known here stand under the importer's name and begin with theirs. What was last said in
    mail before `solved_before` leaves its case solved.
    """

    point: EntryPoint
    source: str
    importer: int
    also_ours: Sequence[str] = ()
    solved_before: datetime | None = None
    staff: Mapping[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    @property
    def company(self) -> int:
        """Whose rows all of them are."""
        return self.point.company_id

    def person(self, *called: str) -> int | None:
        """Who of the desk's people has one of these addresses or names."""
        return next((self.staff[_spoken(name)] for name in called if _spoken(name) in self.staff), None)


def target_of(
    point: EntryPoint,
    *,
    source: str,
    importer: int,
    also_ours: Sequence[str] = (),
    solved_before: datetime | None = None,
    directs: bool = True,
) -> Target:
    """A target with the people of the desk, who are known by their address, and by a name that they alone have.

    Nobody of them is known where whoever imports may not direct them (`directs`): then no file makes them responsible,
    and none says in their name what they did not say.
    """
    if not directs:
        return Target(point, source, importer, also_ours, solved_before)
    with scope.acting_for([point.company_id]):
        people = list(staff_of_desk(point.desk_id, company=point.company_id))
    names = [_spoken(person.name) for person in people]
    staff = {_spoken(p.name): p.pk for p in people if names.count(_spoken(p.name)) == 1}
    staff |= {_spoken(p.email): p.pk for p in people}
    return Target(point, source, importer, also_ours, solved_before, staff)


def keep_others_out(company: int) -> None:
    """Take the lock of imports into a company, which ends with its process. Raises Busy while another has it."""
    if not _asked("try_advisory_lock", company):
        raise Busy(_("Another import into this company is running."))


def let_others_in(company: int) -> None:
    """Give that lock back."""
    _asked("advisory_unlock", company)


def _asked(what: str, company: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_LOCK.format(what)}", [company])
        return bool(cursor.fetchone()[0])


def _spoken(name: str) -> str:
    return "".join(fold(name).split())
