"""What stands in the shield, as it is shown beside a case, on a mark's page and in lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.cases.models import Case
from madoguchi.desk.merging import number_of
from madoguchi.kernel.actor import Actor
from madoguchi.look.moments import measured
from madoguchi.people.queries import employers_of_temporary_staff
from madoguchi.shield import policies
from madoguchi.shield.models import Appeal, Care, Help, Mark, PoliceReport, Sort, Stop, Suggestion
from madoguchi.shield.queries import (
    calls_of,
    cares_of,
    home_of,
    marks_of,
    suggestions_of,
    terms_of,
    ways_on,
)
from madoguchi.shield.stopping import AT_ONCE

TONES = {Mark.State.SUSPECTED: "warn", Mark.State.CONFIRMED: "bad", Mark.State.CLEARED: "good"}


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was noticed, in words."""

    one: Suggestion
    words: str


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A mark, its case, and how loud its state is. `person` is empty for who may not know whom it met."""

    one: Mark
    number: str
    tone: str
    person: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What of a case is in the shield, and what the reader may do about it."""

    marks: Sequence[MarkLine]
    noticed: Sequence[Noticed]
    calls: Sequence[Help]
    works: bool
    leads: bool
    sorts: Sequence[tuple[str, str]]
    reader: int | None

    @property
    def called(self) -> bool:
        """Whether the reader has called and nobody is there yet."""
        return any(one.person_id == self.reader for one in self.calls)


@dataclass(frozen=True, slots=True)
class MarkPage:
    """A mark with all that hangs on it, and what the reader may do."""

    line: MarkLine
    case: Case
    stops: Sequence[Stop]
    appeals: Sequence[Appeal]
    cares: Sequence[Care]
    police: Sequence[PoliceReport]
    told_employers: str
    ways: Sequence[tuple[str, str]]
    works: bool
    leads: bool
    decides: bool
    sees_people: bool
    has_words: bool

    @property
    def may_end(self) -> bool:
        """Whether ending can be asked for: we have warned, need not, or have the words to warn with."""
        one = self.line.one
        return self.has_words or one.warned_at is not None or one.sort in AT_ONCE

    @property
    def stop(self) -> Stop | None:
        """The stop that was asked or agreed and is not lifted."""
        return next((s for s in self.stops if s.state != Stop.State.REFUSED and s.lifted_at is None), None)


def panel_of(case: Case, *, actor: Actor) -> Panel:
    """What of a case is in the shield. One query for the company, up to three for who works there."""
    works, sees = policies.may_work(actor, case), policies.may_see_people(actor, case)
    return Panel(
        marks=[line_of(one, actor=actor) for one in marks_of(case)],
        noticed=[Noticed(one, noticed_words(one)) for one in suggestions_of(case)] if works else [],
        calls=calls_of(case) if sees else [],
        works=works,
        leads=policies.may_lead(actor, case),
        sorts=[(value, str(words)) for value, words in Sort.choices],
        reader=actor.id,
    )


def page_of(one: Mark, *, actor: Actor) -> MarkPage:
    """A mark as its page shows it. Up to eleven queries."""
    case = home_of(one.case)
    sees, leads = policies.may_see_people(actor, case), policies.may_lead(actor, case)
    terms, works = terms_of(one.company_id), policies.may_work(actor, case)
    return MarkPage(
        line=line_of(one, actor=actor),
        case=case,
        stops=list(one.stops.select_related("asked_by", "second").order_by("-id")),
        appeals=list(one.appeals.select_related("decided_by").order_by("-id")),
        cares=cares_of(one) if sees else [],
        police=list(one.police_reports.select_related("told_by").order_by("id")),
        told_employers=_employers(case) if sees else "",
        ways=[(way.value, str(way.label)) for way in ways_on(case)] if works else [],
        works=works,
        leads=leads,
        decides=leads and actor.id not in (one.marked_by_id, one.person_id),
        sees_people=sees,
        has_words=bool(terms.version) and terms.approved == terms.version,
    )


def _employers(case: Case) -> str:
    told = employers_of_temporary_staff(case.desk_id, company=case.company_id)
    return "、".join(person.name for person in told)


def line_of(one: Mark, *, actor: Actor) -> MarkLine:
    """A mark in a list."""
    case = home_of(one.case)
    sees = policies.may_see_people(actor, case) and one.person is not None
    person = one.person.name if sees and one.person else ""
    return MarkLine(one, number_of(case), TONES[Mark.State(one.state)], person)


def noticed_words(one: Suggestion) -> str:
    """What was noticed: the words that stand there, how often, or for how long."""
    match one.sort:
        case Sort.HOLD:
            return ngettext("For %(n)s minute already", "For %(n)s minutes already", one.amount) % {
                "n": one.amount
            }
        case Sort.REPEAT:
            return _("Demanded %(n)s times, each time after an answer of ours") % {"n": one.amount}
    return "・".join(one.found)


def waited(one: Help) -> str:
    """How long it took until a senior was there; empty while none is."""
    return "" if one.seconds is None else measured(one.seconds)
