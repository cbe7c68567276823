"""What figures are reckoned from: one frozen record for each thing that is counted. Pure.

Every record names itself (`ref`) and the events of the log that it was read from (`events`). Times are in seconds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

# Who gives up sooner gave nobody a chance (短時間放棄).
SHORT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Anything that is counted: what it is, the events it rests on, whose desk it was at and who of ours had it."""

    ref: str = ""
    events: tuple[int, ...] = ()
    desk: int | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Record):
    """One call that reached the queue of a desk, or (`blocked`) met a line that was busy.

    `waited` is the time in the queue until it was `answered` or left. `call_back` says that the caller chose to be
    called back, `overflowed` that the call left the queue for something else, such as a message.

    A call that was handed on is one record for each who had it: `turn` is how many had it before. A colleague who took
    it out of the talk (`taken_over`) was not waited for, so this is none that reached a queue.
    """

    at: datetime | None = None
    waited: float = 0
    answered: bool = False
    gave_up: bool = False
    call_back: bool = False
    overflowed: bool = False
    blocked: bool = False
    turn: int = 0
    taken_over: bool = False
    talk: float = 0
    hold: float = 0
    wrap: float = 0

    @property
    def short(self) -> bool:
        """Whether the caller gave up sooner than anybody can answer."""
        return self.gave_up and self.waited < SHORT

    @property
    def handled_for(self) -> float:
        """What it took of somebody's time."""
        return self.talk + self.hold + self.wrap


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Record):
    """One case that was solved. `answered_after` and `solved_after` are in working time of its desk, None where nobody
    answered.

    `said` is how many words of the customer came before it was solved, `contacts` in how many sittings; `wrote_again`
    whether words came for the same matter within the days after, `came_back` whether in another sitting, and `decided`
    that these days are over; `solved_after_then` is by the calendar that held when it was opened, `solved_after` by the
    one of now. `hops` is how often it was passed on, `elsewhere`
    whether that was to another desk than the one they turned to, `escalated`
    whether somebody else was ever asked; `causes` and `receivers` are of what was asked before it was solved and not
    withdrawn. `told_again` (where the customer was asked) is whether they had to explain again, `said_again` whether
    they wrote that they had. `proposal_taken` is whether they took what was proposed to them, None where nobody wrote
    that down or knows.
    """

    answered_after: float | None = None
    solved_after: float = 0
    solved_after_then: float = 0
    said: int = 1
    contacts: int = 1
    wrote_again: bool = False
    came_back: bool = False
    decided: bool = True
    hops: int = 0
    elsewhere: bool = False
    escalated: bool = False
    causes: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    told_again: bool | None = None
    said_again: bool = False
    proposal_taken: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed(Record):
    """One customer of whom a case was solved in the span: whether they `bought` within the days after the first of
    these, and `decided` that these days are over.
    """

    bought: bool = False
    decided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Record):
    """One case whose customer was answered first in the span, or still waited for that at its end: how long, in working
    time by the calendar that held when it was opened.
    """

    waited: float = 0
    answered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Over(Record):
    """One case of which a time ran out: of a clock, or the one that a promise was given at first. `told_before` says
    that the customer heard of each of these times before it ran out.
    """

    told_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordination(Record):
    """Contacts, or the minutes that the company's own people spent on a question about them, which `person` of ours
    asked it for a `cause`.
    """

    contacts: int = 0
    minutes: float = 0
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Record):
    """One case of a span: whether it was `opened` in it, and whether somebody else was `asked` something in it."""

    opened: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Record):
    """One promise whose time is over: `kept` in time or not. `late_at_first` says that the time told at first was not
    kept, and `told_before` that the customer heard of it before that ran out.
    """

    kept: bool = False
    late_at_first: bool = False
    told_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk(Record):
    """One talk of a bot: whether it answered anything (else the customer left), and whether a person was needed within
    72 hours; `left` where it answered nothing and nobody was called either.
    """

    answered: bool = True
    left: bool = False
    needed_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied(Record):
    """How long somebody was on calls of a desk (on hold, too, where that is told apart), wrapped them up, and was ready
    for one (`idle`).
    """

    talk: float = 0
    hold: float = 0
    wrap: float = 0
    idle: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(Record):
    """A call that reached the queue, or an order for so many `yen` that somebody of ours took in a case that began on
    the phone.
    """

    answered: bool = False
    gave_up: bool = False
    yen: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Record):
    """One caller, with so many `calls` until somebody talked with them (`through`) or they tried no more; `left_word`
    says that with the last they chose to be called back or left a message. `desk` is the one that they called first.
    """

    calls: int = 1
    through: bool = False
    left_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Occupied):
    """What somebody did in a stretch of paid time, and what was planned of it."""

    other_contacts: float = 0
    on_queue: float = 0
    worked: float = 0
    paid: float = 0
    unproductive: float = 0
    handled: int = 0
    planned: float = 0
    planned_on_queue: float = 0
    exceptions: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Record):
    """Half an hour of a day: how many contacts were foreseen, and how many came."""

    day: date | None = None
    foreseen: float = 0
    came: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion(Record):
    """One customer's answer to a question: how satisfied (1 to 5), whether they would recommend us (0 to 10), how easy
    it was (1 to 7).
    """

    satisfied: int | None = None
    recommends: int | None = None
    easy: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit(Record):
    """One contact that was looked through: whether something was gravely wrong for the customer, the business, the
    law.
    """

    customer: bool = False
    business: bool = False
    law: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Record):
    """One item that two people judged, each by a mark of their own."""

    one: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(Record):
    """One item to which two people gave points, each by themselves."""

    one: float = 0
    other: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Record):
    """One item of the three fields of an assessment, marked 1 to 4."""

    of: str = ""
    points: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing(Record):
    """The people of a place over some months: how many on average, who left, who came, and who of those left within a
    year.
    """

    average: float = 0
    left: int = 0
    months: float = 12
    hired: int = 0
    left_within_year: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Record):
    """What answering cost, in yen, the company's own time for it included; and what was done for it."""

    yen: float = 0
    handled: int = 0
    solved: int = 0
    company_minutes: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(Record):
    """One thing a customer said of a product, and how long until whoever makes it had read it."""

    reached_after: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Record):
    """One call to somebody: whether they answered, whether nobody of ours was there then, and what came of it."""

    connected: bool = False
    dropped: bool = False
    appointment: bool = False
    contract: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Record):
    """One cell of a survey's quota: how many are wanted, how many were had, how many refused."""

    wanted: int = 0
    had: int = 0
    refused: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Record):
    """A recall: how many things are out there, of how many the owner was reached, and how many are mended."""

    out: int = 0
    reached: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Harassment(Record):
    """Contacts, what was `said` in them, and what was suffered: `cases` in which a senior found harassment,
    `joined_after` for each time a supervisor was called, how many of ours were `met` and are to be spoken with, and
    were in time.
    """

    said: int = 0
    contacts: int = 0
    cases: int = 0
    joined_after: tuple[float, ...] = field(default=())
    met: int = 0
    cared_for: int = 0
    cut_off: int = 0
    solved_after_cut: int = 0
