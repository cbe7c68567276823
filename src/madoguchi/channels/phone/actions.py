"""What becomes of a call when it is over: its row, and, where somebody is to look at it, a case."""

from datetime import timedelta

from django.utils import translation

from madoguchi.channels.phone.record import CallRecord, encode
from madoguchi.infra import scope
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, File
from madoguchi.voice.actions import Over, end_call, tie_call
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call
from madoguchi.voice.queries import becomes_case, earlier_try, given_up, unremembered
from madoguchi.voice.wording import subject_of, words_of

# A gateway says every ten seconds that its calls go on.
SILENT_FOR = timedelta(seconds=90)
LANGUAGE = "ja"


def finish(uid: str, over: Over, *, company: int) -> None:
    """Write down how a call went, and hand it to intake if somebody is to look at it. May be done twice.

    The row and what is handed over are stored together; what is made of it comes after.
    """
    with scope.acting_for([company]):
        call = end_call(uid, over)
        if call is None or not becomes_case(call):
            return
        raw = encode(_record(call, over))
        arrival = receive(raw=raw, entry_point=call.entry_point, source=f"call {uid}", channel=Channel.PHONE)
    if arrival is not None:
        handle(arrival, company=company)
    remember(company, call.pk)


def remember(company: int, call: int) -> bool:
    """Tie a call to the message that became of it; whether there was one to tie."""
    with scope.acting_for([company]):
        return tie_call(Call.objects.get(pk=call))


def finish_what_broke() -> int:
    """End the calls whose gateway has said nothing of them for too long; returns how many. They are called back."""
    found = given_up(silent_since=clock.now() - SILENT_FOR)
    for company, pk in found:
        with scope.acting_for([company]):
            call = Call.objects.get(pk=pk)
        finish(call.uid, _broken(call), company=company)
    return len(found)


def remember_what_was_left() -> int:
    """Tie calls to their messages where a gateway was killed between the two; returns how many."""
    left = unremembered(ended_before=clock.now() - SILENT_FOR)
    return sum(remember(company, call) for company, call in left)


def _broken(call: Call) -> Over:
    """Nobody knows more of it than that it rang, was taken, and went on until its gateway fell silent."""
    begin, end = call.answered_at or call.offered_at, call.alive_at
    spans: tuple[Span, ...] = (Span(Spent.RING, call.offered_at, begin),)
    if call.answered_at:
        spans = (*spans, Span(Spent.MENU, begin, end))
    return Over(
        outcome=Outcome.BROKEN,
        ended_by=By.FAULT,
        answered_at=call.answered_at,
        ended_at=end,
        spans=spans,
    )


def _record(call: Call, over: Over) -> CallRecord:
    earlier = earlier_try(call)
    with translation.override(LANGUAGE):
        text = words_of(
            call.outcome,
            spoken=over.spoken,
            lasted=over.ended_at - call.offered_at,
            waited=timedelta(seconds=call.wait_seconds),
            keys=call.keys,
            withheld=not call.caller,
        )
        subject = subject_of(call.outcome)
    return CallRecord(
        uid=call.uid,
        caller=call.caller,
        subject=subject,
        text=text,
        language=LANGUAGE,
        follows=earlier.uid if earlier else "",
        files=(File("message.wav", "audio/wav", over.sound),) if over.sound else (),
    )
