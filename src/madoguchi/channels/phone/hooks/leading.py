"""A call that a carrier holds, led from one webhook to the next: what is told goes through the logic of calls, and what
comes out is the document that the carrier is given.

Between two webhooks a call is a row, so any web process goes on with it. What is told twice, or late, changes nothing.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.urls import reverse

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.actions import announce
from madoguchi.channels.phone.flows import flow_in_force, flow_that_was, own_sounds
from madoguchi.channels.phone.hooks import documents, heard
from madoguchi.channels.phone.hooks.documents import Places, document
from madoguchi.channels.phone.hooks.ending import write_down
from madoguchi.channels.phone.hooks.seeking import ahead_of, outside, taken
from madoguchi.channels.phone.kept import Standing, as_json, call_of, standing_of
from madoguchi.channels.phone.models import CarriedCall, CarrierAccount
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound
from madoguchi.voice import logic
from madoguchi.voice.actions import (
    Begun,
    begin_call,
    keep_alive,
    note_answered,
    note_waits,
    note_waits_no_more,
)
from madoguchi.voice.flow import Flow
from madoguchi.voice.logic import Event, Phase, Verb
from madoguchi.voice.outside import note_answered_outside, note_over_outside
from madoguchi.voice.phones import let_go, take_outside
from madoguchi.voice.queries import is_at_work
from madoguchi.voice.waits import about

logger = structlog.get_logger()
# A caller of whom nothing is heard so long after they should have been is there no more.
LATE = timedelta(minutes=10)
# The carrier may say so much later than it stops ringing somebody that it did.
RINGS_ON = timedelta(minutes=1)


@dataclass
class Led:
    """A call in one webhook, and what is to be done when the row is stored."""

    row: CarriedCall
    call: logic.Call
    standing: Standing
    at: datetime
    after: list[Callable[[], object]] = field(default_factory=list)

    def hear(self, *events: Event) -> None:
        """Something happened. What follows from it at once is heard after it."""
        waiting = deque(events)
        while waiting:
            self.call, verbs = logic.step(self.call, waiting.popleft())
            for verb in verbs:
                waiting.extend(self._do(verb))

    def _do(self, verb: Verb) -> Iterable[Event]:
        self.standing = self.standing.carry_out(verb, self.at)
        match verb:
            case logic.Answer():
                note_answered(self.row.uid, at=self.at)
                yield logic.Answered(self.at)
            case logic.Park(seconds=0, first=first):
                self.row.queue = self.call.step
                self.row.waits_since = self.call.offered_at if first else self.at
                desk = None if first else self.call.desk
                since, purpose = self.call.since or self.at, self.call.purpose
                note_waits(self.row.uid, self.row.queue, since=since, desk=desk, purpose=purpose)
                if not first:
                    yield self._parked(ahead_of(self.row))
            case logic.Unpark():
                self.row.queue, self.row.waits_since = "", None
                note_waits_no_more(self.row.uid, at=self.at, answered=self.call.phase == Phase.TALKING)
            case logic.Play(sounds=(), loop=False):
                yield logic.Played(self.at)
            case logic.Release(person=person, away=away):
                let_go(self.row.uid, person, away=away)

    def _parked(self, ahead: int) -> logic.Parked:
        known = about(self.row.entry_point, self.call.flow, self.call.step, ahead=ahead)
        return logic.Parked(self.at, ahead, known)

    def look_for_somebody(self) -> None:
        """Have somebody's telephone ring who is free, where the caller waits for anybody."""
        if not self.standing.seeks or self.call.ringing or self.call.phase != Phase.WAITING:
            return
        if (ahead := ahead_of(self.row)) != self.call.ahead:
            self.hear(self._parked(ahead))
        if self.call.phase != Phase.WAITING:
            return
        if person := taken(self.row, desk=self.standing.desk, ahead=ahead, at=self.at):
            self.hear(logic.Ringing(self.at, person))
            told = partial(announce, self.row.uid, company=self.row.company_id, person=person)
            self.after.append(told)


def begin(point: EntryPoint, said: Mapping[str, str]) -> str:
    """Somebody calls: the first document of the call; the last one of a call that is known. Raises NotFound for what is
    no call.
    """
    sid = heard.name_of(said)
    if not sid:
        raise NotFound
    with scope.acting_for([point.company_id]):
        row = CarriedCall.objects.select_for_update().filter(entry_point=point, sid=sid).first()
        if row is not None:
            return row.document or documents.nothing_more()
        led, new = _begun(point, sid, said)
        if not new:
            return led.row.document or documents.nothing_more()
        others = CarriedCall.objects.filter(entry_point=point, over_at=None).exclude(pk=led.row.pk).count()
        led.hear(logic.Offered(led.at, free=led.call.flow.takes_one_more(others)))
        led.look_for_somebody()
        _store(led)
    _afterwards(led)
    return led.row.document


def go_on(point: EntryPoint, uid: str, what: str, number: int, said: Mapping[str, str]) -> str:
    """Something happened on a call: the next document. What was told before, or is of a document that is not the last
    one, is answered by the last one. Raises NotFound for no such call.
    """
    with scope.acting_for([point.company_id]):
        row = CarriedCall.objects.select_for_update().filter(entry_point=point, uid=uid).first()
        sid = heard.name_of(said, "ParentCallSid" if what == "connected" else "CallSid")
        if row is None or row.sid != sid:
            raise NotFound(uid)
        if row.done and not row.document:
            return documents.nothing_more()
        led = _led(row)
        _keep_recording(row, number, said)
        if what == "connected":
            return _connect(led) if number == row.number else documents.nothing_more()
        if what == "kept" or number != row.number or row.over_at:
            row.save(update_fields=["recordings"])
            led.after.append(partial(write_down, row.pk, company=row.company_id))
        else:
            if what == "recorded" and not said.get("RecordingSid"):  # nothing was said
                row.pieces -= 1
            led.hear(*heard.events_of(what, said, led.call, led.standing, led.at))
            led.look_for_somebody()
            _store(led)
    _afterwards(led)
    return row.document


def hang_up(point: EntryPoint, said: Mapping[str, str]) -> None:
    """The carrier says that a call is over, or how it stands; only the former is news. An end that comes before the
    beginning is written down, so that the beginning finds it.
    """
    sid = heard.name_of(said)
    if not sid or not heard.is_over(said):
        return
    with scope.acting_for([point.company_id]):
        rows = CarriedCall.objects.select_for_update().filter(entry_point=point, sid=sid)
        row = rows.first()
        led, new = (_led(row), False) if row else _begun(point, sid, said)
        if not (row or new):  # it began just now
            led = _led(rows.get())
        if led.row.over_at:
            return
        led.hear(logic.HungUp(led.at))
        _store(led)
    _afterwards(led)


def lose(pk: int, *, company: int) -> None:
    """Nothing was heard of a call for too long: nobody is there any more. May be done twice."""
    with scope.acting_for([company]):
        row = CarriedCall.objects.select_for_update().get(pk=pk)
        if row.over_at or row.due_at > clock.now():
            return
        led = _led(row)
        led.hear(logic.Lost(led.at))
        _store(led)
    _afterwards(led)


def _begun(point: EntryPoint, sid: str, said: Mapping[str, str]) -> tuple[Led, bool]:
    now = clock.now()
    flow, version = flow_in_force(point)
    flow = _unrecorded(flow)
    account = CarrierAccount.objects.defer("token").filter(entry_point=point).first()
    caller = heard.caller(said, carrier=account.api if account else "")
    call = logic.Call(flow=flow, caller=caller, at_work=is_at_work(point.desk, now))
    row, new = CarriedCall.objects.get_or_create(
        entry_point=point,
        sid=sid,
        defaults={
            "company_id": point.company_id,
            "uid": uuid.uuid4().hex,
            "flow": version,
            "seen_at": now,
            "due_at": now + LATE,
        },
    )
    if new:
        begin_call(point, Begun(uid=row.uid, caller=caller, flow=version, at=now, outside=True))
    return Led(row, call, Standing(), now), new


def _unrecorded(flow: Flow) -> Flow:
    """What is said on a call that a carrier holds is recorded by nobody here, so nobody is told that it is."""
    return replace(flow, notice="")


def _led(row: CarriedCall) -> Led:
    if row.over_at:
        # Nothing is known of it any more but that it is over.
        ended = logic.Call(flow=flow_that_was(row.entry_point, 0), caller="", at_work=True)
        return Led(row, logic.step(ended, logic.Lost(row.over_at))[0], Standing(), clock.now())
    flow = _unrecorded(flow_that_was(row.entry_point, row.flow))
    return Led(row, call_of(row.call, flow), standing_of(row.standing), clock.now())


def _connect(led: Led) -> str:
    """Who was rung answers: they and the caller hear one another as soon as the carrier knows that we know."""
    if person := led.call.ringing:
        note_answered_outside(led.row.uid, at=led.at)
        take_outside(led.row.uid, person)
        led.hear(logic.Connected(led.at, person))
        _store(led, next_one=False)
    return documents.nothing_more()


def _store(led: Led, *, next_one: bool = True) -> None:
    row = led.row
    over = led.call.phase == Phase.ENDED
    if over or not (led.call.ringing or led.call.agent):
        note_over_outside(row.uid, at=led.at)
    row.number += next_one
    if next_one:
        row.document = document(led.call, led.standing, _places(led), led.at)
        row.pieces += led.standing.records
        led.standing = replace(led.standing, turn=led.standing.turn + (not led.call.ringing))
    row.call, row.standing = as_json(led.call), as_json(led.standing)
    row.seen_at, row.due_at = led.at, _due(led)
    if over:
        row.over_at, row.waits_since, row.queue = led.call.ended_at, None, ""
        led.after.append(partial(write_down, row.pk, company=row.company_id))
    row.save()
    keep_alive([row.uid])


def _afterwards(led: Led) -> None:
    """What follows a webhook fails for itself: the call goes on, and what is over is looked at again every minute."""
    for work in led.after:
        try:
            work()
        except Exception:
            logger.exception("phone_after_webhook", call=led.row.uid)


def _due(led: Led) -> datetime:
    if led.call.ringing:  # the carrier says within that time whether they answered
        return led.at + timedelta(seconds=led.standing.seeks) + RINGS_ON
    until = max(led.standing.until or led.at, led.at)
    return until + LATE + timedelta(seconds=documents.MOST_TALK if led.call.agent else 0)


def _places(led: Led) -> Places:
    point, row = led.row.entry_point, led.row
    address = point.address.removeprefix("+")

    def onward(what: str) -> str:
        return settings.BASE_URL + reverse("portal:call_goes_on", args=[address, row.uid, what, row.number])

    own = own_sounds(point.company_id)

    def sound(name: str, part: int | None) -> str:
        shown = own[name].digest if name in own else name
        url = settings.BASE_URL + reverse("portal:call_sound", args=[address, shown])
        return url if part is None else f"{url}?part={part}"

    def lasts(name: str) -> float:
        return own[name].milliseconds / 1000 if name in own else sounds.seconds_of(name)

    phone = outside(point).get(led.call.ringing, "") if led.call.ringing else ""
    return Places(onward, sound, lasts, point.address, phone)


def _keep_recording(row: CarriedCall, number: int, said: Mapping[str, str]) -> None:
    """Where the carrier keeps a piece of the caller's words, each of one document."""
    sid, url = heard.name_of(said, "RecordingSid"), said.get("RecordingUrl", "")[:500]
    if sid and url and not row.done and number not in (one["number"] for one in row.recordings):
        row.recordings = [*row.recordings, {"number": number, "url": url}]
