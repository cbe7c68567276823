"""The stretches of a call: what its time goes by with, rings and pauses, by table and whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice.stretches import (
    SECRET_AFTER_KEY,
    close,
    is_paused,
    no_more_ringing,
    not_recorded,
    recorded_again,
    rings,
    spend,
    talk_on,
)
from madoguchi.voice.terms import CALLER, Call, Pause, Phase, Ring, Span, Spent, Wait
from madoguchi.voice.tests.test_talks import AOKI, MORI, TALKING, at

BARE = replace(TALKING, spans=(), rings=(), pauses=())
TALK, HOLD = Span(Spent.TALK, at(10)), Span(Spent.HOLD, at(20))
WAS_TALK = replace(TALK, end=at(20))


@pytest.mark.parametrize(
    ("before", "on", "after"),
    [
        ((), Spent.TALK, (Span(Spent.TALK, at(20)),)),
        ((TALK,), Spent.TALK, (TALK,)),  # of the same, it goes on
        ((TALK,), Spent.HOLD, (WAS_TALK, HOLD)),
        ((WAS_TALK,), Spent.TALK, (WAS_TALK, Span(Spent.TALK, at(20)))),  # it was over
        ((WAS_TALK, HOLD), Spent.TALK, (WAS_TALK, replace(HOLD, end=at(20)), Span(Spent.TALK, at(20)))),
    ],
)
def test_every_moment_is_spent_on_one_thing(
    before: tuple[Span, ...], on: Spent, after: tuple[Span, ...]
) -> None:
    assert spend(replace(BARE, spans=before), on, at(20)).spans == after


def test_what_is_over_ends_once() -> None:
    over = close(replace(BARE, spans=(TALK,)), at(20))

    assert over.spans == (WAS_TALK,)
    assert close(over, at(30)) is over
    assert close(BARE, at(30)) is BARE


def test_who_rings_is_known_with_whether_they_answered() -> None:
    first = no_more_ringing(rings(BARE, AOKI, at(1)), at(5))
    second = no_more_ringing(rings(first, MORI, at(6), aside=True), at(9), answered=True)

    assert (rings(BARE, AOKI, at(1)).ringing, second.ringing) == (AOKI, 0)
    assert second.rings == (Ring(AOKI, at(1), at(5)), Ring(MORI, at(6), at(9), answered=True, aside=True))
    assert no_more_ringing(second, at(10), answered=True) is second  # nobody rings


BY_KEYS, BY_AOKI = Pause(CALLER, at(10)), Pause(AOKI, at(10))


@pytest.mark.parametrize(
    ("before", "person", "after"),
    [
        ((), CALLER, (Pause(CALLER, at(20)),)),
        ((), AOKI, (Pause(AOKI, at(20)),)),
        ((BY_KEYS,), CALLER, (BY_KEYS,)),
        ((BY_AOKI,), AOKI, (BY_AOKI,)),
        ((BY_AOKI,), CALLER, (BY_AOKI,)),  # keys do not end what somebody wished
        ((BY_KEYS,), AOKI, (replace(BY_KEYS, end=at(20)), Pause(AOKI, at(20)))),
        ((replace(BY_AOKI, end=at(15)),), CALLER, (replace(BY_AOKI, end=at(15)), Pause(CALLER, at(20)))),
    ],
)
def test_a_pause_is_of_who_wished_it(
    before: tuple[Pause, ...], person: int, after: tuple[Pause, ...]
) -> None:
    call = not_recorded(replace(BARE, pauses=before), person, at(20))

    assert (call.pauses, is_paused(call)) == (after, True)
    again = recorded_again(call, at(30))
    assert (again.pauses[-1].end, is_paused(again)) == (at(30), False)
    assert recorded_again(again, at(40)) is again


@pytest.mark.parametrize(
    ("secret", "verbs"),
    [(0, []), (-1, []), (1, [Wait(SECRET_AFTER_KEY)]), (9, [Wait(SECRET_AFTER_KEY)])],
)
def test_after_a_hold_only_what_keys_paused_is_recorded_by_itself(secret: int, verbs: list[Wait]) -> None:
    held = replace(BARE, phase=Phase.HOLDING, held=True, secret=secret, spans=(HOLD,))

    call, done = talk_on(held, at(30))

    assert (call.phase, call.held, call.secret, done) == (Phase.TALKING, False, secret, verbs)
    assert call.spans == (replace(HOLD, end=at(30)), Span(Spent.TALK, at(30)))


ACTS: dict[str, Callable[[Call, Any], Call]] = {
    "talk": lambda call, when: spend(call, Spent.TALK, when),
    "hold": lambda call, when: spend(call, Spent.HOLD, when),
    "close": close,
    "ring": lambda call, when: call if call.ringing else rings(call, AOKI, when),
    "answered": lambda call, when: no_more_ringing(call, when, answered=True),
    "not answered": no_more_ringing,
    "keys": lambda call, when: not_recorded(call, CALLER, when),
    "wished": lambda call, when: not_recorded(call, AOKI, when),
    "again": recorded_again,
}


@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=40))
def test_stretches_never_overlap_and_only_the_last_goes_on(acts: list[str]) -> None:
    call = BARE
    for second, act in enumerate(acts):
        call = ACTS[act](call, at(second))
    everything: tuple[tuple[Any, ...], ...] = (call.spans, call.rings, call.pauses)
    for stretches in everything:
        for one, following in pairwise(stretches):
            assert one.begin <= one.end <= following.begin
    assert bool(call.ringing) == any(ring.end is None for ring in call.rings)
    assert is_paused(call) == any(pause.end is None for pause in call.pauses)
