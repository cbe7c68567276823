"""How a call that is over ended, and what its time went by with. Pure."""

from datetime import datetime, timedelta

from madoguchi.voice.terms import By, Call, Outcome, Span, Spent

LEAST_MESSAGE = timedelta(seconds=1)


def outcome(call: Call) -> Outcome:
    """How a call that is over ended."""
    if call.outgoing and call.answered_at is None:
        return Outcome(call.missed) if call.missed else Outcome.STOPPED
    if call.answered_at is None and call.ended_by == By.US:
        return Outcome.REJECTED
    if spoken(call) >= LEAST_MESSAGE:
        return Outcome.MESSAGE
    if call.call_back:
        return Outcome.CALL_BACK
    if call.ended_by == By.FAULT:
        return Outcome.BROKEN
    if any(span.spent == Spent.TALK for span in call.spans):
        return Outcome.TALKED
    if call.ended_by == By.US:
        return Outcome.INFORMED
    return Outcome.SHORT if lasted(call) < timedelta(seconds=call.flow.short) else Outcome.ABANDONED


def lasted(call: Call) -> timedelta:
    """From the first ring to the end of a call that is over."""
    assert call.offered_at is not None
    assert call.ended_at is not None
    return call.ended_at - call.offered_at


def spoken(call: Call) -> timedelta:
    """How long the caller's message is."""
    return spent(call.spans, Spent.MESSAGE)


def waited_since(call: Call) -> datetime | None:
    """Since when a caller waited in a queue, who then chose to be called back; None for others."""
    return next((span.begin for span in call.spans if call.call_back and span.spent == Spent.WAIT), None)


def spent(spans: tuple[Span, ...], on: Spent) -> timedelta:
    """How much time of a call went by with something."""
    ended = (span.end - span.begin for span in spans if span.spent == on and span.end)
    return sum(ended, timedelta())
