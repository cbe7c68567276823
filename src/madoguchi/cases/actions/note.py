"""Internal notes, and the people they name."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.events import NoteAdded
from madoguchi.cases.models import Case, Mention, Note
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import AskFirst, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.people.models import User
from madoguchi.people.queries import staff_of_desk
from madoguchi.people.teams import Team, teams_of_desk

# How many a team may have that is told without a question, and the key of that question.
MOST_UNASKED = 50
TO_MANY = "many"
_AT = re.compile("[@＠]")
# A name after an @ that stands at the beginning of a word: within one it is part of an address.
_CALLED = re.compile(r"(?<![\w.+-])[@＠][^\s、。，．,.!?！？:：;；()（）「」『』<>＠@/]{1,40}", re.ASCII)
_SEEN = """
    UPDATE cases_mention SET seen_at = %s WHERE case_id = %s AND user_id = %s AND seen_at IS NULL RETURNING id
"""


@transaction.atomic
def add_note(case: Case, *, text: str, by: Actor, confirmed: frozenset[str] = frozenset()) -> Note:
    """Add what only staff see; people of the desk named as `@name` are told, and all of a desk named so who work at
    this one as well, but the writer.

    Raises NotAllowed, Refused when there is no text, or AskFirst when a named team has more than MOST_UNASKED people
    and `confirmed` lacks TO_MANY.
    """
    if not policies.may_note(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    text = blot_card_numbers(clean(text)).strip()
    if not text:
        raise Refused(_("Write something first."), field="text")
    told = _told_by(text, case, by=by, unasked=TO_MANY in confirmed)
    note = Note.objects.create(
        company_id=case.company_id, case=case, user_id=by.id, text=text, at=clock.now()
    )
    fact = NoteAdded(**case.where, note=note.pk, mentioned=_mention(note, told))
    record(fact, by=by)
    return note


def tells_many(text: str, case: Case, *, by: Actor) -> bool:
    """Whether a note of these words is asked about before it is added. At most two queries, none without an @."""
    try:
        _told_by(text, case, by=by, unasked=False)
    except AskFirst:
        return True
    return False


def see_mentions(case: Case, *, by: Actor) -> int:
    """Mark what names this person in the case as seen; returns how many were new."""
    return len(fetch_all(_SEEN, [clock.now(), case.pk, by.id])) if case.names_reader else 0


def named_in(text: str, staff: list[User]) -> list[User]:
    """The people a text names with @: by full name, or by family name alone where only one bears it.

    At each @ the longest name counts, for nothing tells where a name ends: @森田 is not 森.
    """
    called = _names_of(staff)
    named = {person.pk for name in _spoken(text, called) for person in called[name]}
    return [person for person in staff if person.pk in named]


def told_in(text: str, staff: list[User], teams: Sequence[Team]) -> tuple[dict[int, str], list[Team]]:
    """Whom a text tells with @: each by their own name (then empty) or by that of a team; and those teams."""
    people = _names_of(staff)
    grouped = {name: team for team in teams for name in {team.name, _joined(team.name)}}
    spoken = _spoken(text, {*people, *grouped})
    named = {team.name: team for name in spoken if (team := grouped.get(name))}
    told = {person: team.name for team in named.values() for person in sorted(team.people)}
    told |= dict.fromkeys((one.pk for name in spoken for one in people.get(name, ())), "")
    return told, list(named.values())


def names_of_nobody(note: Note) -> list[str]:
    """What a note writes with @ as a name though nobody at the desk is called so, as it stands there. At most three
    queries, none without an @.
    """
    called = list(dict.fromkeys(_CALLED.findall(note.text)))
    if not called:
        return []
    desk, company = note.case.desk_id, note.company_id
    people = _names_of(list(staff_of_desk(desk, company=company)))
    teams = {
        name for team in teams_of_desk(desk, company=company) for name in (team.name, _joined(team.name))
    }
    return [name for name in called if not _spoken(name, {*people, *teams})]


def _told_by(text: str, case: Case, *, by: Actor, unasked: bool) -> dict[int, str]:
    """Whom a note at this case tells. Raises AskFirst."""
    if not _AT.search(text):
        return {}
    staff = list(staff_of_desk(case.desk_id, company=case.company_id))
    told, teams = told_in(text, staff, teams_of_desk(case.desk_id, company=case.company_id))
    many = [team for team in teams if len(team.people - {by.id}) > MOST_UNASKED]
    if many and not unasked:
        raise AskFirst([(TO_MANY, "\n".join(_to_many(team, by) for team in many))], field="text")
    return {person: team for person, team in told.items() if not (team and person == by.id)}


def _to_many(team: Team, by: Actor) -> str:
    words = {"team": team.name, "count": len(team.people - {by.id})}
    return _("“@%(team)s” tells %(count)s people.") % words


def _names_of(staff: list[User]) -> dict[str, list[User]]:
    families = Counter(_family(person) for person in staff)
    called: dict[str, list[User]] = {}
    for person in staff:
        alone = {_family(person)} if families[_family(person)] == 1 else set()
        for name in {person.name, _joined(person.name)} | alone:
            called.setdefault(name, []).append(person)
    return called


def _spoken(text: str, names: Iterable[str]) -> list[str]:
    """Which of these names stand behind an @, the longest at each."""
    longest_first = sorted(names, key=len, reverse=True)
    found = (next((n for n in longest_first if after.startswith(n)), "") for after in _AT.split(text)[1:])
    return [name for name in found if name]


def _family(person: User) -> str:
    return person.name.split()[0]


def _joined(name: str) -> str:
    return "".join(name.split())


def _mention(note: Note, told: Mapping[int, str]) -> list[int]:
    about = {"company_id": note.company_id, "note": note, "case_id": note.case_id, "at": note.at}
    Mention.objects.bulk_create(Mention(user_id=person, team=team, **about) for person, team in told.items())
    return list(told)
