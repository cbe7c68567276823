"""Calls whose gateway is no more: they end as they stood when it said so last, with what was said until then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.actions import SILENT_FOR, finish, over_of
from madoguchi.channels.phone.flows import flow_that_was
from madoguchi.channels.phone.kept import call_of
from madoguchi.channels.phone.models import GoingCall
from madoguchi.infra import files, scope
from madoguchi.infra.growing import drop_left, left_of, lives
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.actions import Over
from madoguchi.voice.models import Call
from madoguchi.voice.queries import given_up, notice_of
from madoguchi.voice.stretches import spend

logger = structlog.get_logger()
TALK, SAID = "talk", "said"
# So long calls are left to a gateway that is seen to live, as where it has lost the database.
BELIEVED_FOR = timedelta(minutes=15)


def name_of(uid: str, what: str) -> str:
    """Under which name something of a call grows while it goes on."""
    return f"{uid}-{what}"


def finish_what_broke() -> int:
    """End the calls whose gateway has said nothing of them for too long; returns how many. They are called back.

    What is wrong with one, as where the disk is full, keeps no other from being ended: it is logged, and tried again
    with the next round.
    """
    now = clock.now()
    return sum(_guarded(pk, company, now) for company, pk in given_up(silent_since=now - SILENT_FOR))


def _guarded(pk: int, company: int, now: datetime) -> bool:
    try:
        return _finish(pk, company, now)
    except Exception:  # whatever it is about this one must not keep the others from being ended
        logger.exception("broken_call_not_ended", call=pk)
        return False


def _finish(pk: int, company: int, now: datetime) -> bool:
    with scope.acting_for([company]):
        call = Call.objects.select_related("entry_point").get(pk=pk)
        going = GoingCall.objects.filter(uid=call.uid).first()
        if going and call.alive_at > now - BELIEVED_FOR and lives(going.gateway):
            return False
        over = _as_it_stood(call, going)
    finish(call.uid, over, company=company)
    for what in (TALK, SAID):
        drop_left(name_of(call.uid, what), company=company)
    return True


def note_stands(uid: str, standing: dict[str, Any], *, gateway: str, company: int) -> None:
    """Write down how a call stands that a gateway holds, so that it can be ended as it was."""
    values = {"company_id": company, "gateway": gateway, "standing": standing, "at": clock.now()}
    GoingCall.objects.update_or_create(uid=uid, defaults=values)


def _as_it_stood(call: Call, going: GoingCall | None) -> Over:
    stood, heard = _stood(call, going.standing if going else {}), going.at if going else call.alive_at
    begun = [*(span.begin for span in stood.spans), *(ring.begin for ring in stood.rings)]
    last = max(call.alive_at, heard, *begun)
    ended, _verbs = logic.step(stood, logic.Broken(last))
    talk, said = _grown(call, TALK, sides=sounds.SIDES), _grown(call, SAID, sides=1)
    spoken = sounds.length_of_wav(said) if said else timedelta()
    over = over_of(ended, sound=said, talk=talk, spoken=spoken)
    if over.outcome == logic.Outcome.CALL_BACK or (over.outcome == logic.Outcome.MESSAGE and said):
        return over
    place = call.offered_at if settings.CALLS_GO_OUT else None
    return replace(over, outcome=logic.Outcome.BROKEN, place_since=place)


def _grown(call: Call, what: str, *, sides: int) -> files.Kept | None:
    """What was recorded, kept as that of any call; None where it is too short to be heard."""
    name, company = name_of(call.uid, what), call.company_id
    length = sum(map(len, left_of(name, company=company)))
    if length < sounds.RATE * sounds.WIDTH * sides:
        return None

    def wav() -> Iterator[bytes]:
        yield sounds.head_of_wav(length, sides=sides)
        yield from left_of(name, company=company)

    return files.put_sealed(wav(), company=company)


def _stood(call: Call, told: dict[str, Any]) -> logic.Call:
    """As its gateway said; of one that it has said nothing of, or nothing that can be read, only that it rang, was
    taken, and went on is known.
    """
    begun = logic.calling(call.caller, call.offered_at, notice=notice_of(call.entry_point))
    outgoing = call.direction == Call.Direction.OUTBOUND
    flow = begun.flow if outgoing else flow_that_was(call.entry_point, call.flow)
    if told:
        try:
            return call_of(told, flow)
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # of another version of ours
            logger.warning("call_stands_unreadably", call=call.uid, error=repr(error)[:200])
    if outgoing:
        return begun
    blank = logic.Call(flow=flow, caller=call.caller, at_work=True, offered_at=call.offered_at)
    rang = spend(blank, logic.Spent.RING, call.offered_at)
    if call.answered_at is None:
        return rang
    return spend(replace(rang, answered_at=call.answered_at), logic.Spent.MENU, call.answered_at)
