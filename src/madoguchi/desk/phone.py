"""Somebody's phone in the browser, as its owner sees it: the call, who calls, and their case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from madoguchi.cases.blotted import blotter_of, shown_to
from madoguchi.cases.models import Case, Note
from madoguchi.cases.queries import other_cases, visible
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.customers.queries import CustomerView, show, view_of
from madoguchi.desk.called import Called, called_at
from madoguchi.desk.calling import Candidate, candidates
from madoguchi.desk.feelings import Felt, held_in
from madoguchi.desk.knowing import Knowing, knowing_of
from madoguchi.desk.lately import Piece, Promised, Touch, last_bought, last_contacts, still_promised
from madoguchi.desk.merging import number_of
from madoguchi.desk.scripting import Opening, opening_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import written_phone
from madoguchi.people.models import User
from madoguchi.people.queries import staff_of_desk
from madoguchi.routing.models import State
from madoguchi.routing.queries import not_absent, worker_of
from madoguchi.voice.beside_phones import WATCHING, others_on
from madoguchi.voice.by_hand import is_by_hand
from madoguchi.voice.models import AgentPhone, Call, OutsideContact
from madoguchi.voice.outside_contacts import contact_of, contacts_for
from madoguchi.voice.phones import HEARD_WITHIN
from madoguchi.voice.queries import call_by_uid, case_of, phone_of, phones_ready, tries_before
from madoguchi.voice.sip_models import SipPhone
from madoguchi.voice.sip_phones import sip_phone_of
from madoguchi.voice.wording import length

EARLIER, MOST_TRIES = 3, 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another case of who calls."""

    number: str
    case: Case


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked beside a call, a colleague or somebody outside, and whether they hear who asks."""

    name: str
    connected: bool


@dataclass(frozen=True)
class Shown:
    """A phone with its call, as far as its owner may see them. `number` names the case, `said` is its newest note,
    `knowing` what is worth knowing of the customer, `promised` what they still wait for, and `bought` what they ordered
    last; `contacts` are the last ones, and `candidates` who else may be calling. `tried` are calls before this one in
    which nobody talked with them, the newest first, and some of them only. `opening` is how callers of the number are
    spoken with.
    """

    phone: AgentPhone
    call: Call | None = None
    caller: str = ""
    waited: str = ""
    case: Case | None = None
    number: str = ""
    customer: CustomerView | None = None
    knowing: Knowing = field(default_factory=Knowing)
    said: str = ""
    promised: Sequence[Promised] = ()
    bought: Sequence[Piece] = ()
    earlier: Sequence[Earlier] = ()
    others: Sequence[AgentPhone] = ()
    by_hand: bool = False
    tried: Sequence[Call] = ()
    contacts: Sequence[Touch] = ()
    candidates: Sequence[Candidate] = ()
    opening: Opening | None = None

    @cached_property
    def called(self) -> Called | None:
        """What is to be known of the number that was called, by whoever has the call."""
        return called_at(self.call) if self.call and not self.calls_out else None

    @property
    def felt(self) -> Sequence[Felt]:
        """How the customer of the case feels, as somebody judged."""
        return held_in(self.case) if self.case else ()

    @property
    def calls_out(self) -> bool:
        """Whether the call is one that we make."""
        return self.call is not None and self.call.direction == Call.Direction.OUTBOUND

    @property
    def asked(self) -> Asked | None:
        """Who is asked beside the call."""
        if contact := contact_of(self.phone):
            return Asked(contact.name, connected=self.phone.outside_there)
        found = (one for one in self.others if one.role == AgentPhone.Role.ASKED)
        return next((Asked(one.user.name, connected=one.connected) for one in found), None)

    @property
    def asks(self) -> AgentPhone | None:
        """The phone of who talks with the customer, where that is somebody else."""
        return next((one for one in self.others if not one.role), None) if self.phone.role else None

    @property
    def watcher(self) -> AgentPhone | None:
        """The phone of a supervisor who is on the call, so that everybody on it knows."""
        return next((one for one in self.others if one.role in WATCHING), None)

    @property
    def watches(self) -> bool:
        """Whether its owner is such a supervisor."""
        return self.phone.role in WATCHING

    @property
    def at_telephone(self) -> bool:
        """Whether the call rings at a telephone of theirs and not in the browser."""
        return self.phone.telephone or (self.call is not None and self.call.outside)

    @property
    def sip_phone(self) -> SipPhone | None:
        """Their SIP telephone, if they have one."""
        return sip_phone_of(self.phone.user_id)

    @property
    def silenced_by(self) -> str:
        """What its owner has said to be, where no call rings because of that; else nothing."""
        absent = not not_absent([self.phone.user_id])
        return str(State(worker_of(self.phone.user_id).state).label) if absent else ""


def phone_shown(actor: Actor) -> Shown:
    """The phone of who looks."""
    assert actor.id is not None
    phone = phone_of(actor.id)
    call = call_by_uid(phone.call)
    if call is None:
        return Shown(phone)
    others, mine = others_on(phone), is_by_hand(call)
    tried = tries_before(call)[:MOST_TRIES] if call.tries > 1 else ()
    scope_of_data = actor.data_scope(company=call.company_id)
    caller = show(written_phone(call.caller), "phone", scope_of_data) if call.caller else ""
    waited = length(phone.since - call.offered_at) if phone.since > call.offered_at else length(timedelta())
    case = case_of(call)
    if case is None or not visible(actor).filter(pk=case.pk).exists():
        opening = opening_of(call, None, reader=actor)
        return Shown(phone, call, caller, waited, others=others, by_hand=mine, tried=tried, opening=opening)
    note = Note.objects.filter(case=case).order_by("-id").first()
    blot = blotter_of(case, actor=actor)
    earlier = [shown_to(one, actor=actor) for one in other_cases(case, actor=actor, most=EARLIER)]
    shown_to(case, actor=actor)
    return Shown(
        phone,
        call,
        caller,
        waited,
        case,
        number_of(case),
        view_of(case.customer, actor=actor),
        knowing_of(case.customer, actor=actor),
        blot(note.text) if note else "",
        still_promised(case, actor=actor),
        last_bought(case, actor=actor),
        [Earlier(number_of(one), one) for one in earlier],
        others,
        mine,
        tried,
        last_contacts(case, actor=actor, without=call.message_id),
        candidates(case, actor=actor),
        opening_of(call, case, reader=actor),
    )


def outside_of(shown: Shown) -> list[OutsideContact]:
    """Whom outside the customer of a talk may be put through to."""
    talks = shown.phone.state == AgentPhone.State.TALKING and not shown.phone.role
    return contacts_for(shown.call) if talks and shown.call else []


def colleagues(shown: Shown, *, actor: Actor) -> tuple[list[User], list[Desk]]:
    """To whom a call may be handed on: people of its desk who are free, and the company's other desks."""
    call = shown.call
    if call is None:
        return [], []
    staff = {one.pk: one for one in staff_of_desk(call.desk_id, company=call.company_id)}
    free = phones_ready(staff, heard_after=clock.now() - HEARD_WITHIN) - {actor.id}
    desks = [one for one in desks_of(actor) if one.company_id == call.company_id and one.pk != call.desk_id]
    return [staff[pk] for pk in staff if pk in free], desks
