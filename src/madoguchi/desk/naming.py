"""Whom a note on a case can name with @, and whom it did not."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.cases import policies
from madoguchi.cases.actions.note import names_of_nobody
from madoguchi.cases.models import Case, Note
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.queries import staff_to_choose
from madoguchi.people.teams import teams_of_desk


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is offered, by which reading it is found, and what stands beside it."""

    name: str
    kana: str
    beside: str


def names_for(case: Case, *, actor: Actor) -> list[Name]:
    """The people of the case's desk but oneself, then the desks whose people of this one a note tells together. Raises
    NotAllowed for who may not note. Six queries.
    """
    if not policies.may_note(actor, case):
        raise NotAllowed(Permission.CASE_NOTE)
    staff = staff_to_choose(case.desk_id, company=case.company_id)
    people = [Name(one.name, one.kana, one.kana) for one in staff if one.pk != actor.id]
    teams = teams_of_desk(case.desk_id, company=case.company_id)
    sizes = [(team, len(team.people - {actor.id})) for team in teams]
    return people + [Name(team.name, team.kana, _size(size)) for team, size in sizes if size]


def said_of(note: Note) -> str:
    """What is said to whoever added a note: also which names in it name nobody, or more than one."""
    words = _("The note is added. Only staff see it.")
    if nobody := names_of_nobody(note):
        words += " " + _("%(names)s names no single person or team of this desk: nobody was told by it.") % {
            "names": _("、").join(nobody)
        }
    return words


def _size(size: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", size) % {"count": size}
