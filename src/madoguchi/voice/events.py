"""What can happen to calls. None of them holds a number: who called stands in the call's own row."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class AnnouncementChanged(Fact):
    """A recording that callers of a company hear was uploaded, or an earlier one is heard again; `version` counts."""

    kind: ClassVar[str] = "announcement.changed"
    name: str
    version: int


@fact
class AnnouncementRemoved(Fact):
    """A recording that callers of a company heard was deleted, with all its versions."""

    kind: ClassVar[str] = "announcement.removed"
    name: str


@fact
class CallBegan(Fact):
    """Somebody calls a number of a desk; for the so manieth time (`tries`) until somebody talks with them, the last
    time by the call `before`.
    """

    kind: ClassVar[str] = "call.began"
    call: int
    entry_point: int
    withheld: bool
    tries: int = 1
    before: int | None = None


@fact
class CallDivided(Fact):
    """A rule (`named`) of its desk sent a call that waits to another desk, chosen in this way (`chosen_by`) by two
    numbers (`own`, `whole`), after it had waited so many `seconds` elsewhere. `desk` is where the rules are.
    """

    kind: ClassVar[str] = "call.divided"
    call: int
    named: str
    chosen_by: str
    to_desk: int
    own: int
    whole: int
    seconds: int = 0


@fact
class CallCameBack(Fact):
    """A call that waits went back to the desk that it came to, from the one (`from_desk`) to which a rule had sent it
    so many `seconds` ago: no rule is for it any more (`reason` rules), or `nobody` is at the phones.
    """

    kind: ClassVar[str] = "call.came_back"
    call: int
    from_desk: int
    reason: str
    seconds: int


@fact
class OutsideContactSet(Fact):
    """Somebody outside is one to whom callers may be put through, or (`there` is false) no more; who by name stands
    beside the log.
    """

    kind: ClassVar[str] = "company.outside_contact_set"
    contact: int
    there: bool


@fact
class CallAskedOutside(Fact):
    """A `person` of ours put the caller on hold and had a contact outside called."""

    kind: ClassVar[str] = "call.asked_outside"
    call: int
    person: int
    contact: int


@fact
class CallPutThroughOutside(Fact):
    """A `person` of ours left the caller to a contact outside."""

    kind: ClassVar[str] = "call.put_through_outside"
    call: int
    person: int
    contact: int


@fact
class CallPlanned(Fact):
    """The customer of a call is to be called back, and keeps the place in the queue until then."""

    kind: ClassVar[str] = "call.planned"
    call: int
    entry_point: int


@fact
class PlanDropped(Fact):
    """Who was to be called back (after `call`) is not tried any more, after so many tries, for a `reason`."""

    kind: ClassVar[str] = "call.plan_dropped"
    call: int
    entry_point: int
    tries: int
    reason: str


@fact
class CallPlaced(Fact):
    """We call a customer from a number of a desk, for the so manieth time; at a `person` of ours it rings first."""

    kind: ClassVar[str] = "call.placed"
    call: int
    entry_point: int
    person: int
    tries: int


@fact
class CallNoticePlayed(Fact):
    """Who called, or was called, heard to its end at `at` that the talk is recorded, by this recording (`notice`)."""

    kind: ClassVar[str] = "call.notice_played"
    call: int
    at: str
    notice: str


@fact
class NumberNoticeChanged(Fact):
    """At a number another recording says from now on that talks are recorded: their names `before` and `after`; without
    one none is recorded.
    """

    kind: ClassVar[str] = "phone_number.notice_changed"
    entry_point: int
    before: str
    after: str


@fact
class CallEnded(Fact):
    """A call is over: how it ended, who ended it, and each of its stretches (ring, menu, wait, talk, hold, transfer,
    message); of each is said how many had the caller before (`turn`), and where somebody `outside` had them.
    """

    kind: ClassVar[str] = "call.ended"
    call: int
    entry_point: int
    outcome: str
    ended_by: str
    spans: list[dict[str, Any]]


@fact
class RecordingPaused(Fact):
    """A talk was not recorded from `at` on, for so many seconds: somebody wished so, or (None) keys were pressed."""

    kind: ClassVar[str] = "call.recording_paused"
    call: int
    person: int | None
    at: str
    seconds: int


@fact
class CallRemembered(Fact):
    """A call became a message in a case."""

    kind: ClassVar[str] = "call.remembered"
    call: int
    message: int


@fact
class CallTranscribed(Fact):
    """A program wrote down what is said in a recording; the words stand beside it."""

    kind: ClassVar[str] = "call.transcribed"
    call: int
    recording: int


@fact
class RecordingHeard(Fact):
    """Somebody listened to what was recorded on a call, or saved it; told once an hour for each."""

    kind: ClassVar[str] = "call.recording_heard"
    call: int
    recording: int


@fact
class RecordingsGone(Fact):
    """What was recorded on a call was deleted, so many (`count`), as the company keeps recordings for `days` days."""

    kind: ClassVar[str] = "call.recordings_gone"
    call: int
    count: int
    days: int


@fact
class RecordingTermSet(Fact):
    """A company said for how many days recordings are kept; 0 is as long as the calls. A shorter time counts from
    `begins_at` on; without one it counts at once.
    """

    kind: ClassVar[str] = "recording_term.set"
    days: int
    begins_at: str = ""


@fact
class CallRang(Fact):
    """A call rang at somebody of ours: for how long, and whether they answered it. `aside` is who was asked by a
    colleague, and did not take the call.
    """

    kind: ClassVar[str] = "call.rang"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    answered: bool
    seconds: int
    aside: bool = False


@fact
class CallConsulted(Fact):
    """Who talked on a call (`person`) asked a colleague while the customer was on hold."""

    kind: ClassVar[str] = "call.consulted"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    to: int


@fact
class CallHandedOn(Fact):
    """Who talked on a call (`person`) handed it on without a word to whoever takes it: to a colleague (`to`), or to
    whoever is free at a desk (`to_desk`); `from_desk` is where they had it.
    """

    kind: ClassVar[str] = "call.handed_on"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    to: int | None
    from_desk: int
    to_desk: int


@fact
class CallPutThrough(Fact):
    """Who talked on a call (`person`) left it to the colleague whom they had asked."""

    kind: ClassVar[str] = "call.put_through"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    to: int


@fact
class CallWatched(Fact):
    """A supervisor (`person`) came to a call of one of theirs (`agent`), or is on it in another way: `how` is listen,
    whisper (heard by the agent alone) or join.
    """

    kind: ClassVar[str] = "call.watched"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    agent: int
    how: str


@fact
class CallWrappedUp(Fact):
    """Who talked on a call said what came of it (`code`), so many seconds after it."""

    kind: ClassVar[str] = "call.wrapped_up"
    among_colleagues: ClassVar[bool] = True
    call: int
    person: int
    code: str
    seconds: int


@fact
class PhoneSpent(Fact):
    """Somebody's phone was ready, talking or wrapping (`doing`) from `begin` to `end`: on a `call` of a desk, or, ready
    for one, at all these `desks` of a company; told to each company whose calls they answer. What lasts long is told
    piece by piece.
    """

    kind: ClassVar[str] = "phone.spent"
    among_colleagues: ClassVar[bool] = True
    person: int
    doing: str
    begin: str
    end: str
    desks: list[int]
    call: int | None = None


@fact
class FlowChanged(Fact):
    """What callers meet at a number was changed."""

    kind: ClassVar[str] = "phone_flow.changed"
    entry_point: int
    version: int


@fact
class NumberProductChanged(Fact):
    """A number is for another product from now on, or for none: their codes `before` and `after`."""

    kind: ClassVar[str] = "phone_number.product_changed"
    entry_point: int
    product: int | None
    before: str
    after: str


@fact
class OutsidePhoneSet(Fact):
    """It was said, or taken back (`there`), that a person is rung at a telephone outside; nobody is told at which."""

    kind: ClassVar[str] = "person.outside_phone_set"
    person: int
    there: bool


@fact
class SipPhoneSet(Fact):
    """A person was given a SIP telephone, or a new secret for it, or has none any more (`there`)."""

    kind: ClassVar[str] = "person.sip_phone_set"
    person: int
    there: bool
