"""Whether what is done gives cases to somebody who is not here: that is asked first."""

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import AskFirst
from madoguchi.look.moments import ahead
from madoguchi.macros.verbs import Act, Verb
from madoguchi.people.queries import people_by_id
from madoguchi.routing.queries import not_absent
from madoguchi.routing.shifts import back_at

Questions = Sequence[tuple[str, str]]


def absences(acts: Iterable[Act], cases: Collection[int], *, by: Actor) -> Questions:
    """The questions to say yes to before cases are given away by these acts, each under its key: who of those who would
    become responsible is not here, and until when. Nobody is asked about themselves, nor where all cases are that
    person's already. One query where somebody else is named, four where they are not here.
    """
    given = {act.person for act in acts if act.verb == Verb.ASSIGN} - {None, by.id}
    people = [person for person in given if person is not None]
    absent = set(people) - set(not_absent(people)) if people else set()
    return [(f"away:{person}", _words(person)) for person in sorted(absent) if _gets_any(person, cases)]


def require_here(
    acts: Iterable[Act], cases: Collection[int], *, confirmed: Collection[str], by: Actor
) -> None:
    """Raises AskFirst where one of `absences` has not been said yes to."""
    left = [one for one in absences(acts, cases, by=by) if one[0] not in confirmed]
    if left:
        raise AskFirst(left, field="assign")


def _gets_any(person: int, cases: Collection[int]) -> bool:
    return Case.objects.filter(pk__in=list(cases)).exclude(assignee=person).exists()


def _words(person: int) -> str:
    """Who is not here and until when; why they are not is nobody's business."""
    found = people_by_id([person]).get(person)
    name, at = found.name if found else "", back_at(person)
    if at is None:
        return _("%(name)s is not here, and it is not known until when. Give it to them all the same?") % {
            "name": name
        }
    when = ahead(at, now=clock.now())
    return _("%(name)s is not here until %(when)s. Give it to them all the same?") % {
        "name": name,
        "when": when,
    }
