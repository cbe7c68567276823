"""On a colleague's call: who is asked by whom, and supervisors who listen, whisper or join."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import add_note
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.people.queries import employers_by_desk, works_at
from madoguchi.voice.events import CallConsulted, CallWatched
from madoguchi.voice.logic import How
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import Lines, announce_wish, own_phone, require_here, tell_phone
from madoguchi.voice.queries import call_by_uid, calls_for, case_of

State, Role = AgentPhone.State, AgentPhone.Role
WATCHING = (Role.LISTEN, Role.WHISPER, Role.JOIN)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class GoesOn:
    """A talk that goes on, which a supervisor may come to: whose it is, and since when."""

    call: Call
    agent: str
    since: datetime


@transaction.atomic
def consult(*, to: int, lines: Lines, by: Actor) -> None:
    """Put the customer on hold and ask a colleague of the desk, who sees the lines beside the case before they answer.

    Who is asked for once more before that is settled is asked once. Raises Conflict where there is no call, or somebody
    is asked already; NotFound for who does not work there, and
    Refused without any words.
    """
    phone = own_phone(by)
    call = call_by_uid(phone.call)
    if phone.state != State.TALKING or phone.role or call is None:
        raise Conflict(_("The call is not there any more."))
    require_here(phone)
    if AgentPhone.objects.filter(call=phone.call, role=Role.ASKED).exists():
        raise Conflict(_("You are asking somebody already."))
    if phone.asks == to and to:
        return
    if phone.asks:
        raise Conflict(_("You are asking somebody already."))
    if to == by.id or not works_at(to, desk=call.desk_id, company=call.company_id):
        raise NotFound
    text = lines.written()
    if not text:
        raise Refused(_("Say in a line what it is about: who is asked sees it first."), field="summary")
    case = case_of(call)
    if case:
        add_note(case, text=text, by=by)
    phone.held, phone.asks = True, to
    phone.save(update_fields=["held", "asks"])
    where = case.where if case else {"company": call.company_id, "desk": call.desk_id}
    record(CallConsulted(**where, call=call.pk, person=phone.user_id, to=to), by=by)
    announce_wish(phone, "consult", to=to)


@transaction.atomic
def watch(*, call: str, how: str, by: Actor) -> None:
    """Come to a talk of somebody whom one leads, or be on it in another way: hear it (listen), be heard by who talks
    with the customer alone (whisper), or by both (join). They are told at once, and it is told in the log.

    Raises NotFound for a call of others, Conflict where nobody talks on it any more, somebody else watches it, or one
    is on a call oneself, and Refused for no such way.
    """
    phone, told = own_phone(by), call_by_uid(call)
    talks = AgentPhone.objects.filter(call=call, role=Role.TALKS, state=State.TALKING, connected=True)
    agent = talks.exclude(user_id=phone.user_id).first()
    if told is None or told.outside or not may_watch(by, told, agent.user_id if agent else phone.user_id):
        raise NotFound
    if how not in list(How):
        raise Refused(_("Choose how to be on the call."), field="how")
    free = phone.state in (State.AWAY, State.READY)
    on_it = phone.state == State.TALKING and phone.call == call and phone.role in WATCHING
    others = AgentPhone.objects.filter(call=call, role__in=WATCHING).exclude(user_id=phone.user_id)
    if not (free or on_it) or agent is None or others.exists():
        raise Conflict(_("This call cannot be listened to now."))
    if not on_it:
        phone.state, phone.call, phone.since = State.TALKING, call, clock.now()
        phone.offer, phone.answer, phone.connected, phone.held, phone.secret = "", "", False, False, False
        phone.telephone = False
    phone.role = how
    phone.save()
    where = {"company": told.company_id, "desk": told.desk_id}
    fact = CallWatched(**where, call=told.pk, person=phone.user_id, agent=agent.user_id, how=how)
    record(fact, by=by)
    announce_wish(phone, "watch", how=how)
    tell_phone(agent.user_id, told)


@transaction.atomic
def stop_watching(*, by: Actor) -> bool:
    """Leave a call that one watches; whether one did. Also where its gateway is no more."""
    phone = own_phone(by)
    if phone.role not in WATCHING:
        return False
    announce_wish(phone, "hang_up")
    phone.state, phone.since, phone.offer, phone.answer = State.AWAY, clock.now(), "", ""
    told, phone.call, phone.role, phone.connected = call_by_uid(phone.call), "", "", False
    phone.save()
    if told:
        for one in AgentPhone.objects.filter(call=told.uid).values_list("user_id", flat=True):
            tell_phone(one, told)
    return True


def may_watch(by: Actor, call: Call, agent: int) -> bool:
    """Whether somebody leads who answers this call: a supervisor or manager of an operator for whom both work at its
    desk. At a desk that operators share nobody hears the people of another, and people of the company never do: they
    see, and do not direct.
    """
    return _leads(by, call, agent, employers_by_desk([call.desk_id]))


def _leads(by: Actor, call: Call, agent: int, employers: Mapping[int, Mapping[int, set[int]]]) -> bool:
    if by.id is None:
        return False
    mine = {
        grant.operator
        for grant in by.grants
        if grant.covers(company=call.company_id, desk=call.desk_id) and grant.allows(Permission.CALL_WATCH)
    }
    working = employers.get(call.desk_id, {})
    return bool(mine & working.get(by.id, set()) & working.get(agent, set()))


def talks_going_on(by: Actor) -> list[GoesOn]:
    """The talks to which somebody may come now, the longest first."""
    wide, single = by.companies_with(Permission.CALL_WATCH), by.desks_with(Permission.CALL_WATCH)
    if by.id is None or not (wide or single):
        return []
    phones = AgentPhone.objects.filter(state=State.TALKING, role=Role.TALKS, connected=True).exclude(
        user_id=by.id
    )
    held = {phone.call: phone for phone in phones.select_related("user")}
    calls = list(calls_for(by).filter(uid__in=held, outside=False).exclude(state=Call.State.ENDED))
    employers = employers_by_desk({call.desk_id for call in calls})
    seen = (call for call in calls if _leads(by, call, held[call.uid].user_id, employers))
    told = (GoesOn(call, held[call.uid].user.name, held[call.uid].since) for call in seen)
    return sorted(told, key=lambda one: one.since)[:MOST_SHOWN]


def others_on(phone: AgentPhone) -> list[AgentPhone]:
    """Who else has to do with the call of a phone, or hears it ring."""
    if not phone.call:
        return []
    return list(
        AgentPhone.objects.filter(call=phone.call).exclude(pk=phone.pk).select_related("user").order_by("pk")
    )
