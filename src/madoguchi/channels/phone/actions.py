"""What becomes of a call when it is over: its row, and, where somebody is to look at it, a case."""

from datetime import timedelta

from django.conf import settings
from django.utils import translation

from madoguchi.channels.phone.models import GoingCall
from madoguchi.channels.phone.record import CallRecord, encode
from madoguchi.infra import scope
from madoguchi.infra.files import Kept
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.actions import Over, end_call, tie_call
from madoguchi.voice.logic import Outcome
from madoguchi.voice.models import Call
from madoguchi.voice.phones import let_go, tell_phone
from madoguchi.voice.queries import (
    becomes_case,
    earlier_try,
    end_of,
    recorded,
    tries_before,
    unremembered,
)
from madoguchi.voice.wording import RANG, subject_of, words_of, words_of_ring, words_of_tries

# A gateway says every ten seconds that its calls go on.
SILENT_FOR = timedelta(seconds=90)
LANGUAGE = "ja"


def finish(uid: str, over: Over, *, company: int) -> None:
    """Write down how a call went, and hand it to intake if somebody is to look at it. May be done twice.

    The row and what is handed over are stored together; what is made of it comes after.
    """
    with scope.acting_for([company]):
        let_go(uid, 0, away=False)
        call = end_call(uid, over)
        GoingCall.objects.filter(uid=uid).delete()
        if call is None or call.direction == Call.Direction.OUTBOUND or not becomes_case(call):
            return
        arrival = _receive(call, _record(call, over))
    _make_case(arrival, call)


def over_of(
    call: logic.Call,
    *,
    sound: Kept | None,
    talk: Kept | None = None,
    spoken: timedelta = timedelta(),
    calls_out: bool | None = None,
) -> Over:
    """How a call went that is over, with what was recorded of it. Only where calls go out is a place kept: also that of
    who was cut off by us.
    """
    assert call.ended_at is not None
    keeps_place = settings.CALLS_GO_OUT if calls_out is None else calls_out
    how = logic.outcome(call)
    since = call.offered_at if how == Outcome.BROKEN else logic.waited_since(call)
    return Over(
        outcome=how,
        ended_by=call.ended_by,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        spans=call.spans,
        keys=call.keys,
        sound=sound,
        talk=talk,
        rings=call.rings,
        pauses=call.pauses,
        place_since=since if keeps_place else None,
        spoken=spoken,
        purpose=call.purpose,
        notice=call.flow.notice,
        notified_at=call.notified_at,
    )


def announce(uid: str, *, company: int, person: int) -> None:
    """Make a case of a call that begins to ring at somebody, so that they see it before they answer. May be done
    twice.
    """
    with scope.acting_for([company]):
        call = Call.objects.get(uid=uid)
        earlier = earlier_try(call)
        with translation.override(LANGUAGE):
            said = {"product": _product(call), "purpose": call.purpose, "tried": _tried(call)}
            subject, text = subject_of(RANG), words_of_ring(withheld=not call.caller, **said)
        told = CallRecord(
            uid=uid,
            caller=call.caller,
            subject=subject,
            text=text,
            language=LANGUAGE,
            follows=earlier.uid if earlier else "",
        )
        arrival = _receive(call, told)
    _make_case(arrival, call)
    with scope.acting_for([company]):
        tell_phone(person, call)


def _receive(call: Call, told: CallRecord) -> int | None:
    source = f"call {call.uid}"
    return receive(raw=encode(told), entry_point=call.entry_point, source=source, channel=Channel.PHONE)


def _make_case(arrival: int | None, call: Call) -> None:
    if arrival is not None:
        handle(arrival, company=call.company_id)
    remember(call.company_id, call.pk)


def remember(company: int, call: int) -> bool:
    """Tie a call to the message that became of it; whether there was one to tie."""
    with scope.acting_for([company]):
        return tie_call(Call.objects.get(pk=call))


def remember_what_was_left() -> int:
    """Tie calls to their messages where a gateway was killed between the two; returns how many."""
    left = unremembered(ended_before=clock.now() - SILENT_FOR)
    return sum(remember(company, call) for company, call in left)


def _product(call: Call) -> str:
    return str(call.product) if call.product_id else ""


def _tried(call: Call) -> str:
    return words_of_tries([one.outcome for one in tries_before(call)]) if call.tries > 1 else ""


def _record(call: Call, over: Over) -> CallRecord:
    sounds = {"message.wav": over.sound, "talk.wav": over.talk}
    announced = call.message_id is not None
    earlier = earlier_try(call)
    with translation.override(LANGUAGE):
        text = words_of(
            call.outcome,
            spoken=over.spoken,
            lasted=over.ended_at - call.offered_at,
            waited=timedelta(seconds=call.wait_seconds),
            keys=call.keys,
            withheld=not call.caller,
            recorded=bool(over.sound or over.talk) or not call.outside,
            product=_product(call),
            purpose=call.purpose,
            tried=_tried(call),
        )
        subject = subject_of(call.outcome)
    return CallRecord(
        uid=end_of(call.uid) if announced else call.uid,
        caller=call.caller,
        subject=subject,
        text=text,
        language=LANGUAGE,
        follows=call.uid if announced else earlier.uid if earlier else "",
        files=tuple(recorded(name, sound) for name, sound in sounds.items() if sound),
    )
