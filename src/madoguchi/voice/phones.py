"""The phones of people of ours: ready or not, which call rings at them, and what they do on it.

A phone is one row, so that a call is taken by one statement, whichever gateway and web server ask for it. What a person
wishes of a call goes to the gateway that holds it, on a channel, when the transaction commits.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases.actions import add_note, assign, move_to_desk, note_told_again
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk
from madoguchi.infra import fleeting
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all, fetch_one
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.queries import staff_of_desk, works_at
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.promises.models import Promise
from madoguchi.routing import also
from madoguchi.routing.queries import not_absent
from madoguchi.routing.shifts import off_duty
from madoguchi.voice.events import CallHandedOn, CallPutThrough, CallWrappedUp
from madoguchi.voice.logic import dialable
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.queries import call_by_uid, case_of, message_to_come
from madoguchi.voice.sip_models import registered

PHONE = system("phone")
CHANNEL = "madoguchi_phones"
# Told to the screens of one person.
PHONE_NEWS = "phone"
# A page that has not been heard of for so long cannot ring; it says every fifteen seconds that it is there.
HEARD_WITHIN = timedelta(seconds=40)
LONGEST_OFFER = 20_000
State = AgentPhone.State


@dataclass(frozen=True, slots=True)
class Lines:
    """The three lines that matter: what it is about, what comes next, what was promised, and by when; and whether the
    caller had to explain it `again`.
    """

    summary: str = ""
    next_step: str = ""
    promises: str = ""
    due: datetime | None = None
    again: bool = False

    def written(self) -> str:
        """As a note has them; empty where none is filled in."""
        named = (
            (_("Summary"), self.summary),
            (_("Next step"), self.next_step),
            (_("Promises"), self.promises),
        )
        return "\n".join(f"{name}: {words.strip()}" for name, words in named if words.strip())


_TAKE = """
    UPDATE voice_agentphone SET state = 'ringing', call = %(call)s, role = %(role)s, since = %(now)s, offer = '',
        answer = '', held = false, secret = false, asks = 0, outside_there = false, telephone = EXISTS (
            SELECT 1 FROM voice_sipphone AS own
            WHERE own.user_id = voice_agentphone.user_id AND own.registered_until > %(now)s
        )
    WHERE user_id = (
        SELECT user_id FROM voice_agentphone
        WHERE state = 'ready' AND seen_at > %(heard)s AND user_id = ANY(%(people)s)
        ORDER BY since, user_id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING user_id
"""
_LET_GO = """
    UPDATE voice_agentphone SET since = %(now)s, offer = '', answer = '', held = false, secret = false, asks = 0,
        outside_there = false, state = CASE WHEN state = 'talking' AND connected AND role = '' THEN 'wrapping'
            WHEN %(away)s OR role IN ('listen', 'whisper', 'join') THEN 'away' ELSE 'ready' END,
        call = CASE WHEN state = 'talking' AND connected AND role = '' THEN call ELSE '' END,
        connected = false, telephone = false, role = ''
    WHERE call = %(call)s AND state IN ('ringing', 'talking') AND (%(person)s = 0 OR user_id = %(person)s)
    RETURNING user_id
"""


def take_phone(
    *,
    desk: int,
    company: int,
    call: str,
    person: int = 0,
    aside: bool = False,
    among: Collection[int] | None = None,
    message: int | None = None,
) -> int | None:
    """Have the phone ring of who is free at a desk for longest, or of one person there; whose it is, if anybody's.
    `aside` is who is asked by a colleague who has the call. Where it can ring at some alone, it is one `among` them.
    What is hard on whoever answers rings at who is spared that only where nobody else is free; `message` says what it
    is about where the call itself is not written down yet.

    One statement: two calls never ring at one person. Who has said that they are away is not rung, and who belongs to
    the company, not to who answers for it, never is.
    """
    wanted = _who_may_be_rung(desk, company, person, among)
    if not wanted:
        return None
    if len(wanted) > 1:
        wanted = _spared_last(wanted, call, message)
    now = clock.now()
    with transaction.atomic():
        role = AgentPhone.Role.ASKED.value if aside else ""
        values = {"call": call, "now": now, "heard": now - HEARD_WITHIN, "people": wanted, "role": role}
        row = fetch_one(_TAKE, values)
        if row:
            _tell(int(row[0]), company=company, desk=desk)
            _tell_others(call, int(row[0]), company=company, desk=desk)
    return int(row[0]) if row else None


def is_anybody_free(*, desk: int, company: int, among: Collection[int] | None = None) -> bool:
    """Whether `take_phone` would find somebody at a desk now."""
    return bool(_who_may_be_rung(desk, company, 0, among))


def _who_may_be_rung(desk: int, company: int, person: int, among: Collection[int] | None) -> list[int]:
    """Who is ready, of these who is not away, and of these whose shift goes on: mostly nobody is, and one query says
    so.
    """
    staff = staff_of_desk(desk, company=company).values("pk")
    ready = AgentPhone.objects.filter(state=State.READY, seen_at__gt=clock.now() - HEARD_WITHIN)
    people = list(ready.filter(user_id__in=staff).values_list("user_id", flat=True))
    wanted = [one for one in people if person in (0, one) and (among is None or one in among)]
    wanted = not_absent(wanted) if wanted else []
    over = off_duty(wanted, desk=desk) if wanted else set()
    return [one for one in wanted if one not in over]


def _spared_last(people: list[int], call: str, message: int | None) -> list[int]:
    """These people without those who are to be spared what is hard, where the case of a call is that, unless nobody
    were left. Of a customer who calls on, it is the case of the last call. Nine queries at most, two to four mostly.
    """
    told = message or message_to_come(call)
    case = Message.objects.filter(pk=told).values_list("case_id", flat=True).first() if told else None
    if case is None or not also.hard([case]):
        return people
    spared = also.spared(people)
    return [one for one in people if one not in spared] or people


@transaction.atomic
def let_go(call: str, person: int, *, away: bool) -> None:
    """Who rang or talked on a call (0: anybody) has nothing to do with it any more: who talked wraps up, who did not
    answer is away, and others are ready.
    """
    held = Call.objects.filter(uid=call).first()
    rows = fetch_all(_LET_GO, {"now": clock.now(), "away": away, "call": call, "person": person})
    for (one,) in rows if held else ():
        _tell(one, company=held.company_id, desk=held.desk_id)
    if rows and not away:
        announce_free()
    if held and person:
        AgentPhone.objects.filter(call=call, asks=person).update(asks=0)
        _tell_others(call, person, company=held.company_id, desk=held.desk_id)


@transaction.atomic
def lead(call: str, person: int, before: int) -> None:
    """Who was asked talks with the caller from now on, and the case that was theirs who asked becomes theirs."""
    AgentPhone.objects.filter(user_id=person, call=call).update(role="", connected=True)
    if (held := call_by_uid(call)) is None:
        return
    case = case_of(held)
    where = {"company": held.company_id, "desk": held.desk_id}
    record(CallPutThrough(**where, call=held.pk, person=before, to=person), by=PHONE)
    if case and case.assignee_id == before and case.continued_in_id is None:
        with suppress(Refused):
            assign(case, to=person, by=PHONE)
    _give_case(held, person)
    _tell_others(call, before, **where)


@transaction.atomic
def set_ready(*, ready: bool, by: Actor) -> AgentPhone:
    """Take calls from now on, or none. Raises NotAllowed, or Refused while one is not wrapped up."""
    phone = own_phone(by)
    if phone.state not in (State.AWAY, State.READY):
        raise Refused(_("Finish the call first."))
    wanted = State.READY if ready else State.AWAY
    if phone.state != wanted:
        phone.state, phone.since = wanted, clock.now()
    phone.seen_at = clock.now()
    phone.save()
    announce_free()
    return phone


@transaction.atomic
def put_away(person: int, company: int, desk: int) -> None:
    """Who leaves for the day takes no calls any more, until they say so of their phone. A call that they have goes on,
    and is not followed by another.
    """
    phone = AgentPhone.objects.filter(user_id=person, state=State.READY)
    if phone.update(state=State.AWAY, since=clock.now()):
        _tell(person, company=company, desk=desk)


def still_here(*, by: Actor) -> None:
    """The page of the phone is open, and can ring."""
    now = clock.now()
    seen = {"seen_at": now}
    AgentPhone.objects.update_or_create(
        user_id=_id(by), defaults=seen, create_defaults={"since": now, "seen_at": now}
    )


def gone_away(*, by: Actor) -> None:
    """The page of the phone is closed or loaded anew: until it says again that it is there, no call comes, but to who
    has a telephone that is registered.
    """
    idle = AgentPhone.objects.filter(user_id=_id(by), state__in=(State.READY, State.AWAY))
    idle = idle.exclude(user_id__in=registered(clock.now()).values("user_id"))
    idle.update(seen_at=clock.now() - HEARD_WITHIN)


@transaction.atomic
def answer_call(*, offer: str, by: Actor) -> None:
    """Answer what rings, or come back to the call that one is on, with an offer of sound (SDP).

    Raises Conflict where there is no such call any more, and Refused for what is no offer.
    """
    if not 0 < len(offer) <= LONGEST_OFFER:
        raise Refused(_("The browser offered no sound."))
    phone = own_phone(by)
    if phone.state not in (State.RINGING, State.TALKING):
        raise Conflict(_("The call is not there any more."))
    require_here(phone)
    if phone.telephone:
        raise Refused(_("Your telephone rings. Answer it there."))
    if phone.state == State.RINGING:
        phone.since = clock.now()
    phone.state, phone.offer, phone.answer = State.TALKING, offer, ""
    phone.save()
    announce_wish(phone, "answer")


@transaction.atomic
def ask_of_call(what: str, *, by: Actor, to: int = 0, desk: int = 0) -> None:
    """Have something done on the call that one is on: hang_up, hold, resume, pause, record, decline or transfer. Who
    has asked a colleague also takes the customer back, puts them through, or takes them back with the colleague (join).

    Raises Conflict where there is none, and where one only hears it or was asked and wishes more than to leave.
    """
    phone = own_phone(by)
    may_be = (State.RINGING,) if what == "decline" else (State.TALKING,)
    if phone.state not in may_be or (phone.role and what not in ("decline", "hang_up")):
        raise Conflict(_("The call is not there any more."))
    if what == "decline" and _is_outside(phone):
        # Their telephone goes on ringing until the carrier gives up; the page is free at once.
        let_go(phone.call, phone.user_id, away=True)
        return
    require_here(phone)
    if what in ("put_through", "join") and not (phone.outside_there or helper_of(phone.call)):
        raise Conflict(_("Whom you asked is not on the call."))
    if what in ("hold", "resume", "back", "join"):
        phone.held = what == "hold"
        # Who is outside stands there until the gateway has let them go.
        phone.asks = min(phone.asks, 0)
    if what in ("pause", "record"):
        phone.secret = what == "pause"
    phone.save()
    if held := call_by_uid(phone.call):
        _tell_others(held.uid, phone.user_id, company=held.company_id, desk=held.desk_id)
    announce_wish(phone, what, to=to, desk=desk)


@transaction.atomic
def keep_unrecorded(*, on: bool, by: Actor) -> bool:
    """Pause the recording of one's talk while something is asked that is not to be kept, or go on with it; whether that
    is news. Nothing where one has no talk on a page, or had paused it already.
    """
    phone = own_phone(by)
    if phone.state != State.TALKING or phone.role or phone.secret == on or _is_outside(phone):
        return False
    ask_of_call("pause" if on else "record", by=by)
    return True


def press_keys(keys: str, *, by: Actor) -> None:
    """Send keys to the other side of one's talk, as where a menu answers whom we call. They are kept nowhere.

    Raises Conflict where one has no talk, and Refused without a key of a telephone.
    """
    with transaction.atomic():
        phone = own_phone(by)
        if phone.state != State.TALKING or phone.role or phone.held or not phone.connected:
            raise Conflict(_("The call is not there any more."))
        require_here(phone)
        if not (known := dialable(keys)):
            raise Refused(_("Type keys of a telephone: 0 to 9, * and #."), field="keys")
        announce_wish(phone, "press", keys=known)


def offer_of(person: int, *, call: str) -> str:
    """What somebody's browser offers for a call; empty where it does not any more."""
    rows = AgentPhone.objects.filter(user_id=person, call=call).values_list("offer", flat=True)
    return rows.first() or ""


@transaction.atomic
def give_answer(person: int, *, call: str, sdp: str) -> None:
    """What the gateway answers to somebody's browser. Nothing for a call that is not in scope, or not yet written."""
    if held := call_by_uid(call):
        AgentPhone.objects.filter(user_id=person, call=call).update(answer=sdp, offer="")
        tell_phone(person, held)


@transaction.atomic
def note_connected(call: str, person: int, *, desk: int = 0) -> None:
    """Write down that somebody and a caller can hear one another: there will be something to wrap up. `desk` is the
    one they answer at, where the call was handed on to another: from then on it is that desk's. As `give_answer` for a
    call that is not there, and for somebody who has left it meanwhile.
    """
    if held := call_by_uid(call):
        phone = AgentPhone.objects.filter(user_id=person, call=call)
        if phone.update(connected=True) and not phone.exclude(role="").exists():
            if desk and (place := Desk.objects.filter(pk=desk, company=held.company_id).first()):
                held.desk = place
                held.save(update_fields=["desk"])
            _give_case(held, person)
        tell_phone(person, held)
        _tell_others(call, person, company=held.company_id, desk=held.desk_id)


@transaction.atomic
def take_outside(call: str, person: int) -> None:
    """Write down that who was rung at a telephone outside has answered there, even if they had declined on the page."""
    rung = Q(call=call, state=State.RINGING) | Q(call="", state__in=(State.AWAY, State.READY))
    talking = {"state": State.TALKING, "call": call, "since": clock.now()}
    AgentPhone.objects.filter(rung, user_id=person).update(**talking)
    note_connected(call, person)


@transaction.atomic
def hand_on(*, to: int, desk: int, lines: Lines, by: Actor) -> None:
    """Hand the caller on: to a colleague who is free, or to whoever is free at another desk of the company. Who takes
    them sees the lines beside the case before they answer. The case goes along: to that desk, and to who answers.

    Raises Conflict where there is no call of one's own, NotFound for who does not work there, and Refused without any
    words.
    """
    phone = own_phone(by)
    call = call_by_uid(phone.call)
    if phone.state != State.TALKING or phone.role or call is None:
        raise Conflict(_("The call is not there any more."))
    require_here(phone)
    place = Desk.objects.filter(pk=desk or call.desk_id, company=call.company_id).first()
    if not (to or desk) or place is None:
        raise NotFound
    if to and (to == by.id or not works_at(to, desk=place.pk, company=call.company_id)):
        raise NotFound
    text = lines.written()
    if not text:
        raise Refused(_("Say in a line what it is about: who takes the call sees it first."), field="summary")
    if case := case_of(call):
        add_note(case, text=text, by=by)
        _let_case_go(case, place if desk else None, by)
    fact = CallHandedOn(
        **(_where(call, case) | {"desk": call.desk_id}),
        call=call.pk,
        person=phone.user_id,
        to=to or None,
        from_desk=call.desk_id,
        to_desk=place.pk,
    )
    record(fact, by=by)
    announce_wish(phone, "transfer", to=to, desk=place.pk)


def _let_case_go(case: Case, desk: Desk | None, by: Actor) -> None:
    if desk:
        move_to_desk(case, to=desk, by=by)
    elif case.assignee_id == by.id:
        assign(case, to=None, by=by)


def _give_case(call: Call, person: int) -> None:
    """Who talks with the customer is responsible where nobody is; what a colleague has under way stays theirs."""
    case = case_of(call)
    if case and case.assignee_id is None and case.continued_in_id is None:
        with suppress(Refused):  # the case may have gone to a desk where they do not work
            assign(case, to=person, by=PHONE)


def wrap_up(*, code: str, lines: Lines, ready: bool, by: Actor) -> Call:
    """Say what came of the call that one was on: a code, and lines of words, which become a note in its case; what was
    promised by some time is one's own to keep from then on.

    Raises Conflict where there is no such call, or none any more that they see: the phone is free of it then. Raises
    Refused without a code, and for a time by which nothing is promised or can be.
    """
    with transaction.atomic():
        phone = own_phone(by)
        if phone.state != State.WRAPPING:
            raise Conflict(_("The call was wrapped up already."))
        call = Call.objects.select_for_update().filter(uid=phone.call).first()
        if call is not None:
            _wrap_up(phone, call, code, lines, by)
        phone.state, phone.call, phone.since = State.READY if ready else State.AWAY, "", clock.now()
        phone.save()
        announce_free()
    if call is None:
        raise Conflict(_("The call is not there any more."))
    return call


def _wrap_up(phone: AgentPhone, call: Call, code: str, lines: Lines, by: Actor) -> None:
    if code not in Call.Code.values:
        raise Refused(_("Choose what came of the call."), field="code")
    seconds = round((clock.now() - phone.since).total_seconds())
    call.code, call.wrap_seconds = code, call.wrap_seconds + seconds
    call.save(update_fields=["code", "wrap_seconds"])
    case = case_of(call)
    text = lines.written()
    if case and text:
        add_note(case, text=text, by=by)
    if case and lines.again and (heard := _message_of(call, case)):
        note_told_again(case, message=heard, by=by)
    if case and lines.due:
        kind = Promise.Kind.CALL_BACK if code == Call.Code.CALL_BACK else Promise.Kind.OTHER
        told = Told(kind=kind, words=lines.promises, due_at=lines.due, owner=by.id)
        make_promise(case, told, by=by)
    fact = CallWrappedUp(**_where(call, case), call=call.pk, person=phone.user_id, code=code, seconds=seconds)
    record(fact, by=by)


def _message_of(call: Call, case: Case) -> int | None:
    """What stands in the case of the call, else what was said there last."""
    newest = case.messages.order_by("-at", "-id").values_list("pk", flat=True)
    return call.message_id or newest.first()


def announce_free() -> None:
    """Have the gateways look whether somebody is free for a call that waits."""
    fetch_all("SELECT pg_notify(%s, %s)", [CHANNEL, ""])


def tell_phone(person: int, call: Call) -> None:
    """Have somebody's phone look anew."""
    _tell(person, company=call.company_id, desk=call.desk_id)


def _id(by: Actor) -> int:
    if by.id is None or not by.may_anywhere(Permission.CASE_REPLY):
        raise NotAllowed(Permission.CASE_REPLY)
    return by.id


def own_phone(by: Actor) -> AgentPhone:
    """One's own phone, which nobody else changes until the transaction is over. Raises NotAllowed."""
    person = _id(by)
    now = clock.now()
    AgentPhone.objects.get_or_create(user_id=person, defaults={"since": now, "seen_at": now})
    return AgentPhone.objects.select_for_update().get(user_id=person)


def require_here(phone: AgentPhone) -> None:
    """Raises Refused for a call that is on a telephone outside: nothing can be done to it from a page."""
    if _is_outside(phone):
        raise Refused(_("This call is on your telephone. Answer it, hold it and hang up there."))


def _is_outside(phone: AgentPhone) -> bool:
    call = call_by_uid(phone.call)
    return call is not None and call.outside


def _where(call: Call, case: Case | None) -> dict[str, Any]:
    return case.where if case else {"company": call.company_id, "desk": call.desk_id}


def announce_wish(phone: AgentPhone, what: str, **more: int | str) -> None:
    """Have the gateway that holds one's call hear what one wishes of it."""
    words = json.dumps({"call": phone.call, "person": phone.user_id, "what": what, **more})
    fetch_all("SELECT pg_notify(%s, %s)", [CHANNEL, words])


def helper_of(call: str) -> AgentPhone | None:
    """The phone of who was asked, once they hear who asked them."""
    return (
        AgentPhone.objects.filter(call=call, role=AgentPhone.Role.ASKED, connected=True).first()
        if call
        else None
    )


def _tell_others(call: str, person: int, *, company: int, desk: int) -> None:
    """Who has to do with a call beside this person sees at once how it stands."""
    for one in AgentPhone.objects.filter(call=call).exclude(user_id=person).values_list("user_id", flat=True):
        _tell(one, company=company, desk=desk)


def _tell(person: int, *, company: int, desk: int) -> None:
    fleeting.tell(fleeting.News(PHONE_NEWS, company, desk, 0, person=person))
