"""Saying how a desk shares its work out, and what people know."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line
from madoguchi.people.actions.telling import companies_of_operators
from madoguchi.people.models import OperatorMember
from madoguchi.routing import policies
from madoguchi.routing.events import SharingChanged, SkillsChanged
from madoguchi.routing.logic import MOST_PERCENT
from madoguchi.routing.models import Sharing, Skill, State, Worker
from madoguchi.routing.queries import members_led

# What everybody who answers is judged in, at each desk; as skills they are named like any other, in needs too.
FOUR = ("コミュニケーション", "商品知識", "問題解決", "協調")
MOST_NEEDS, MOST_SKILLS, MOST_LANGUAGES = 50, 40, 10
MOST_MINUTES = 2_400
_LEVELS = range(1, 6)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", re.IGNORECASE)


@transaction.atomic
def set_sharing(desk: Desk, *, needs: str, by: Actor, **said: Any) -> Sharing:
    """Say how a desk shares out; `needs` are lines `tag: skill level`. Raises NotAllowed, or Refused for a line."""
    if not policies.may_share(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.CASE_TAKE_OVER)
    read = read_needs(needs)
    sharing, _made = Sharing.objects.get_or_create(desk=desk, defaults={"company_id": desk.company_id})
    changes = set_changed(sharing, needs=read, **said)
    if changes:
        record(SharingChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)
    return sharing


@dataclass(frozen=True, slots=True)
class Known:
    """A skill as it is said of somebody."""

    name: str
    level: int
    expires_on: date | None


@transaction.atomic
def set_skills(
    member: OperatorMember,
    *,
    skills: str,
    languages: str,
    by: Actor,
    capacity: int | None = None,
    **more: int | None,
) -> None:
    """Say what somebody knows, a line `skill level [until]` each, in which languages they answer (none: all), and how
    much they hold at once (percent of what is usual; None: as before); with `answer_minutes`, after how many minutes
    of answering questions a week others are asked first (None: as usual).

    Raises NotAllowed for who does not lead them, Refused for what makes no sense.
    """
    if not members_led(by).filter(pk=member.pk).exists():
        raise NotAllowed(Permission.CASE_TAKE_OVER)
    wanted = read_skills(skills)
    said: dict[str, Any] = {"languages": read_languages(languages)}
    if capacity is not None:
        said |= {"capacity": _percent(capacity)}
    if "answer_minutes" in more:
        said |= {"answer_minutes": _minutes(more["answer_minutes"])}
    before = {skill.name: skill for skill in Skill.objects.select_for_update().filter(member=member)}
    changed = {s.name: Known(s.name, s.level, s.expires_on) for s in before.values()} != wanted
    if changed:
        Skill.objects.filter(member=member).delete()
        Skill.objects.bulk_create(
            Skill(member=member, name=one.name, level=one.level, expires_on=one.expires_on)
            for one in wanted.values()
        )
    if _set_worker(member.user_id, said) or changed:
        for company in sorted(companies_of_operators([member.operator_id])):
            record(SkillsChanged(company=company, person=member.user_id, operator=member.operator_id), by=by)


def _set_worker(person: int, said: Mapping[str, Any]) -> bool:
    now = clock.now()
    worker, _made = Worker.objects.get_or_create(
        user_id=person, defaults={"state": State.OFF, "since": now, "seen_at": now}
    )
    return bool(set_changed(worker, **said))


def _percent(capacity: int) -> int:
    if not 10 <= capacity <= MOST_PERCENT:
        raise Refused(_("Write a number from 10 to 300."), field="capacity")
    return capacity


def _minutes(limit: int | None) -> int | None:
    if limit is not None and not 0 <= limit <= MOST_MINUTES:
        raise Refused(_("Write a number of minutes, at most 2,400."), field="answer_minutes")
    return limit


def read_needs(text: str) -> list[dict[str, Any]]:
    """`tag: skill level` lines as they are kept. Raises Refused, naming the line."""
    needs = []
    for line in _lines(text):
        tag, colon, rest = line.replace("：", ":").partition(":")
        if not colon or not tag.strip():
            raise _senseless(line, "needs")
        name, level = _named(rest, line, "needs")
        needs.append({"tag": one_line(tag, most=50), "skill": name, "level": level})
    if len(needs) > MOST_NEEDS:
        raise Refused(_("These are too many lines."), field="needs")
    return needs


def written_needs(needs: list[Mapping[str, Any]]) -> str:
    """The same as lines."""
    return "\n".join(f"{need['tag']}: {need['skill']} {need['level']}" for need in needs)


def read_skills(text: str) -> dict[str, Known]:
    """`skill level [until]` lines. Raises Refused, naming the line."""
    found = {}
    for line in _lines(text):
        rest, until = line, None
        head, _space, tail = line.rpartition(" ")
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", tail):
            rest, until = head, _day(tail, line)
        name, level = _named(rest, line, "skills")
        found[name] = Known(name, level, until)
    if len(found) > MOST_SKILLS:
        raise Refused(_("These are too many lines."), field="skills")
    return found


def written_skills(skills: list[Skill]) -> str:
    """The same as lines."""
    lines = (f"{one.name} {one.level} {one.expires_on or ''}".strip() for one in skills)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Judged:
    """One of the four in which all are judged: what it is called, and each one's level by the member (0: none, or it
    has run out).
    """

    name: str
    levels: Mapping[int, int]

    @property
    def mean(self) -> float | None:
        """The mean level of those of whom one is said."""
        known = [level for level in self.levels.values() if level]
        return sum(known) / len(known) if known else None


def matrix_of(known: Mapping[int, Sequence[Skill]], *, on: date) -> list[Judged]:
    """The four by which everybody is judged, of these members, as they hold on a day."""
    return [
        Judged(
            name,
            {
                member: next((one.level for one in skills if one.name == name and one.holds_on(on)), 0)
                for member, skills in known.items()
            },
        )
        for name in FOUR
    ]


def read_languages(text: str) -> list[str]:
    """Codes of languages between spaces or commas. Raises Refused."""
    found = list(dict.fromkeys(code.lower() for code in re.split(r"[\s,、]+", text) if code))
    wrong = next((code for code in found if not _LANGUAGE.fullmatch(code)), None)
    if wrong or len(found) > MOST_LANGUAGES:
        raise Refused(_("Write languages by their codes: ja en zh."), field="languages")
    return found


def _lines(text: str) -> list[str]:
    return [one_line(line, most=200) for line in text.splitlines() if line.strip()]


def _named(words: str, line: str, field: str) -> tuple[str, int]:
    name, _space, level = words.strip().rpartition(" ")
    if not name:
        name, level = level, "1"
    if not level.isdecimal() or int(level) not in _LEVELS or len(name) > 40:
        raise _senseless(line, field)
    return name, int(level)


def _day(said: str, line: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise _senseless(line, "skills") from None


def _senseless(line: str, field: str) -> Refused:
    words = _("“%(line)s” makes no sense. Write a name and a level from 1 to 5.")
    return Refused(words % {"line": line}, field=field)
