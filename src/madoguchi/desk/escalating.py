"""Questions and message slips as they are shown beside a case, in lists, and on a page of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from madoguchi.cases import policies as case_policies
from madoguchi.cases.models import Attachment, Case
from madoguchi.companies.models import Desk
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.merging import number_of
from madoguchi.desk.store_slips import is_of_store, stores_to_tell
from madoguchi.escalations import policies
from madoguchi.escalations.actions import Question, Whom
from madoguchi.escalations.enclosing import offered
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.queries import (
    MUCH,
    addresses_of,
    escalations_of,
    minutes_lately,
    other_desks,
    slips_of,
)
from madoguchi.escalations.slips import Written
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.moments import ahead, full, span
from madoguchi.people.queries import staff_to_choose
from madoguchi.promises.ledger import calendar_for
from madoguchi.reservations.models import Store
from madoguchi.routing.queries import answer_limits

To, State = Escalation.To, Escalation.State
_LOCAL = "%Y-%m-%dT%H:%M"
_USUAL_TIME = timedelta(hours=4)
_LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A question: whom it asks, its case (no link where the reader may not read it), by when, and what they may do."""

    one: Escalation
    whom: str
    number: str
    readable: bool
    due: str
    exact: str
    late: str
    slip: Slip | None = None
    answers: bool = False
    settles: bool = False
    takes: bool = False
    gives_back: bool = False
    taken: str = ""

    @property
    def tone(self) -> str:
        """How loud its state is."""
        tones = {State.OPEN: "bad" if self.late else "warn", State.ANSWERED: "good"}
        return tones.get(State(self.one.state), "")


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A message slip: its case, by when, where it stands in words, and whether the reader may act."""

    slip: Slip
    number: str
    due: str
    exact: str
    standing: str
    words: str
    tone: str
    acts: bool


@dataclass(frozen=True, slots=True)
class Spared:
    """How many minutes of answering questions somebody had in the last seven days, of how many."""

    minutes: int
    limit: int

    @property
    def over(self) -> bool:
        """Whether others are asked first."""
        return self.minutes >= self.limit


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form of a question or a slip offers: `whom` in groups, each with its name (empty for none) and values."""

    whom: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    known: Sequence[tuple[str, str]] = ()
    causes: Sequence[tuple[str, str]] = ()
    due: str = ""
    files: Sequence[Attachment] = ()
    stores: Sequence[Store] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """What was raised in a case."""

    questions: Sequence[Line]
    slips: Sequence[SlipLine]
    asks: bool
    works: bool
    choices: Choices = field(default_factory=Choices)


def board_of(case: Case, *, actor: Actor, form: str = "") -> Board:
    """What was asked and noted down in a case. Three queries, and seven more at most while something is written."""
    works = policies.may_work(actor, case)
    now = clock.now()
    return Board(
        questions=[line_of(one, actor=actor, now=now) for one in escalations_of(case)],
        slips=[slip_line_of(slip, actor=actor, now=now) for slip in slips_of(case)],
        asks=policies.may_ask_anybody(actor, case),
        works=works,
        choices=choices_for(case, actor=actor, form=form) if form in ("ask", "slip") else Choices(),
    )


def choices_for(case: Case, *, actor: Actor, form: str = "") -> Choices:
    """Whom the reader may ask of a case; of colleagues how much answering took them lately, those of much last; for a
    question also which files may go along, for a slip the stores. Six queries.
    """
    works = policies.may_work(actor, case)
    desks = other_desks(case) if works else []
    some: dict[str, Sequence[tuple[int, str]]] = {
        To.PERSON: _colleagues(case, actor) if works else [],
        To.DESK: [(one.pk, one.name) for one in desks],
    }
    plain = [(to, str(to.label)) for to in To if to not in some and policies.may_ask(actor, case, to=to)]
    groups = [
        (str(To(to).label), [(f"{to}:{pk}", words) for pk, words in ones])
        for to, ones in some.items()
        if ones
    ]
    return Choices(
        whom=[("", plain), *groups],
        known=addresses_of(case.company_id, actor=actor) if works else (),
        causes=[(value, str(words)) for value, words in Escalation.Cause.choices],
        due=usual_due(case.desk),
        files=offered(case, actor=actor) if form == "ask" else (),
        stores=stores_to_tell(case.company_id) if form == "slip" else (),
    )


def spared_among(people: Sequence[int], *, company: int | None = None) -> dict[int, Spared]:
    """Who of these people has had enough questions, of a company's or of all in scope. Two queries."""
    took, limits = minutes_lately(people, company=company), answer_limits(people, usual=MUCH)
    return {one: Spared(took.get(one, 0), limits[one]) for one in people}


def _colleagues(case: Case, actor: Actor) -> list[tuple[int, str]]:
    """The others of the desk with how long answering took them lately, if it did; those for whom it is enough last,
    with the reason.
    """
    staff = staff_to_choose(case.desk_id, company=case.company_id)
    people = [person for person in staff if person.pk != actor.id]
    spared = spared_among([one.pk for one in people], company=case.company_id)
    people.sort(key=lambda one: spared[one.pk].over)
    return [(one.pk, _with_minutes(one.name, spared[one.pk])) for one in people]


def _with_minutes(name: str, spared: Spared) -> str:
    told = {"name": name, "n": spared.minutes, "limit": spared.limit}
    if spared.over:
        return _("%(name)s (%(n)s of %(limit)s min of answers in 7 days: better ask others)") % told
    return _("%(name)s (%(n)s min of answers in 7 days)") % told if spared.minutes else name


def line_of(one: Escalation, *, actor: Actor, now: datetime) -> Line:
    """A question in words."""
    case = one.home
    slips = sorted(one.slips.all(), key=lambda slip: slip.pk) if one.to == To.OUTSIDE else []
    is_open = one.state == State.OPEN
    late = is_open and one.due_at <= now
    return Line(
        one=one,
        whom=_whom(one, slips[-1] if slips else None),
        number=number_of(case),
        readable=case_policies.may_read(actor, case),
        due=ahead(one.due_at, now=now),
        exact=full(one.due_at),
        late=_("Overdue by %(span)s") % {"span": span(now - one.due_at)} if late else "",
        slip=slips[-1] if slips else None,
        answers=is_open and one.taken_by_id in (None, actor.id) and policies.may_answer(actor, one),
        settles=policies.may_settle(actor, one),
        takes=is_open and policies.may_take(actor, one),
        gives_back=is_open and policies.may_give_back(actor, one),
        taken=one.taken_by.name if is_open and one.taken_by else "",
    )


def slip_line_of(slip: Slip, *, actor: Actor, now: datetime) -> SlipLine:
    """A message slip in words."""
    words, tone = standing_of(slip, now=now)
    return SlipLine(
        slip=slip,
        number=number_of(slip.home),
        due=ahead(slip.due_at, now=now),
        exact=full(slip.due_at),
        standing=slip.standing,
        words=words,
        tone=tone,
        acts=policies.may_work(actor, slip.home),
    )


def standing_of(slip: Slip, *, now: datetime) -> tuple[str, str]:
    """Where a slip stands, and how loud that is."""
    late = {"span": span(max(now - slip.due_at, timedelta()))}
    return {
        "withdrawn": (_("Withdrawn"), ""),
        "done": (_("Done"), "good"),
        "failed": (_("Could not be sent"), "bad"),
        "late": (_("Overdue by %(span)s") % late, "bad"),
        "read": (_("Read"), ""),
        "open": (_("Not read yet"), "warn"),
    }[slip.standing]


def asked_in(
    form: Mapping[str, str], *, chosen: Sequence[str] = (), files: Sequence[File] = ()
) -> tuple[Whom, Question]:
    """What somebody typed of a question, and the files that they chose and added. Raises Refused."""
    asked = Question(
        question=form.get("question", ""),
        cause=form.get("cause", ""),
        due_at=moment_in(form),
        tried=form.get("tried", ""),
        chosen=[whole_number(one) or 0 for one in chosen],
        files=files,
    )
    return whom_in(form), asked


def whom_in(form: Mapping[str, str]) -> Whom:
    """Whom somebody chose to ask: a kind, of a colleague or a desk with which one (`person:7`)."""
    to, _colon, which = form.get("to", "").partition(":")
    chosen = number_in({"which": which}, "which")
    return Whom(
        to=to,
        person=chosen if to == To.PERSON else None,
        desk=chosen if to == To.DESK else None,
        name=form.get("name", ""),
        address=form.get("address", ""),
    )


def written_in(form: Mapping[str, str], *, case: Case) -> Written:
    """What somebody typed of a message slip. Raises Refused."""
    return Written(
        is_settled=is_of_store(case.company_id, form.get("address", "")),
        to_name=form.get("name", ""),
        to_address=form.get("address", ""),
        caller=form.get("caller", ""),
        call_back=form.get("call_back", ""),
        words=form.get("words", ""),
        due_at=moment_in(form),
        language=form.get("language", "ja"),
    )


def moment_in(form: Mapping[str, str]) -> datetime | None:
    """The time that a form names; None for none. Raises Refused."""
    written = form.get("due", "").strip()
    try:
        return read_moment(written) if written else None
    except Refused as refused:
        raise Refused(str(refused), field="due") from None


def number_in(form: Mapping[str, str], name: str) -> int | None:
    """A whole number that a form holds; None for anything else."""
    return whole_number(form.get(name, "").strip())


def title_for(one: Escalation) -> str:
    """What a draft of an article could be called: the first line of the question."""
    return one.question.split("\n", 1)[0][:_LONGEST_TITLE]


def usual_due(desk: Desk) -> str:
    """By when, as a form is offered it: after half a day of the desk's working hours. One query."""
    now = clock.now()
    return _local(calendar_for(desk).after(now, _USUAL_TIME) or now + _USUAL_TIME)


def _whom(one: Escalation, slip: Slip | None) -> str:
    if one.to == To.PERSON and one.person:
        return one.person.name
    if one.to == To.DESK and one.desk:
        return one.desk.name
    if slip is not None:
        return slip.to_name
    return str(one.get_to_display())


def _local(at: datetime) -> str:
    return at.astimezone(clock.TOKYO).strftime(_LOCAL)
