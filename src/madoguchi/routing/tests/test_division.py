"""To which desk a case goes: which rule fits, whom it chooses, and that shares are kept."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.routing.division import (
    Asked,
    By,
    Choice,
    Load,
    Place,
    Rule,
    choose,
    first_fit,
    fits,
    next_share,
)

A, B, C = 1, 2, 3
BOTH = (Place(desk=A), Place(desk=B))
ANY = Rule(name="すべて", by=By.SHARE, places=BOTH)
# A Monday.
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=TOKYO)


def asked(**more: Any) -> Asked:
    return replace(Asked(at=NOON, channel="email", subject="炊飯器の返品について"), **more)


@pytest.mark.parametrize(
    ("rule", "case", "expected"),
    [
        ({}, {}, True),
        ({"channels": frozenset({"chat"})}, {}, False),
        ({"channels": frozenset({"chat", "email"})}, {}, True),
        ({"tags": frozenset({"返品"})}, {"tags": frozenset({"返品", "急ぎ"})}, True),
        ({"tags": frozenset({"返品"})}, {"tags": frozenset({"急ぎ"})}, False),
        ({"matters": frozenset({7})}, {"matter": 7}, True),
        ({"matters": frozenset({7})}, {}, False),
        ({"words": ("返品", "交換")}, {}, True),
        ({"words": ("ｼﾞｭｰｻｰ",)}, {"subject": "ジューサーが動かない"}, True),
        ({"words": ("交換",)}, {}, False),
        ({"hours": (9 * 60, 18 * 60)}, {}, True),
        ({"hours": (9 * 60, 12 * 60)}, {}, False),
        ({"hours": (12 * 60, 18 * 60)}, {}, True),
        ({"hours": (18 * 60, 9 * 60)}, {}, False),
        ({"hours": (18 * 60, 9 * 60)}, {"at": NOON.replace(hour=18)}, True),
        ({"hours": (18 * 60, 9 * 60)}, {"at": NOON.replace(hour=8, minute=59)}, True),
        ({"days": frozenset({0})}, {}, True),
        ({"days": frozenset({1, 2})}, {}, False),
        # What comes after midnight belongs to the evening before.
        ({"days": frozenset({6}), "hours": (18 * 60, 9 * 60)}, {"at": NOON.replace(hour=3)}, True),
        ({"days": frozenset({0}), "hours": (18 * 60, 9 * 60)}, {"at": NOON.replace(hour=3)}, False),
        ({"days": frozenset({0}), "hours": (18 * 60, 9 * 60)}, {"at": NOON.replace(hour=23)}, True),
    ],
)
def test_which_cases_a_rule_is_for(rule: dict[str, Any], case: dict[str, Any], expected: bool) -> None:
    assert fits(replace(ANY, **rule), asked(**case)) is expected


def test_the_first_rule_that_fits_decides_and_without_one_the_case_stays() -> None:
    chats, mails = replace(ANY, channels=frozenset({"chat"})), replace(ANY, name="メール")
    assert first_fit([chats, mails, ANY], asked()) == (1, mails)
    assert first_fit([chats], asked()) is None


LOADS = {A: Load(waiting=4, here=2, able=0), B: Load(waiting=3, here=1, able=1)}


@pytest.mark.parametrize(
    ("by", "places", "loads", "expected"),
    [
        (By.LOAD, BOTH, LOADS, (A, 4, 2)),
        (By.LOAD, BOTH, {A: Load(waiting=0), B: Load(waiting=9, here=1)}, (B, 9, 1)),
        (By.LOAD, BOTH, {}, (A, 0, 0)),
        (By.SKILL, BOTH, LOADS, (B, 1, 1)),
        (By.SKILL, BOTH, {}, (A, 0, 0)),
        (By.PRICE, (Place(desk=A, price=300), Place(desk=B, price=280)), LOADS, (B, 1, 2)),
        (By.ORDER, BOTH, LOADS, (A, 1, 2)),
        (By.ORDER, (Place(desk=A, most=4), Place(desk=B)), LOADS, (B, 2, 2)),
        (By.PRICE, (Place(desk=A, price=300), Place(desk=B, price=280, most=3)), LOADS, (A, 2, 2)),
        # Where all are full, the case goes where it would have gone.
        (By.ORDER, (Place(desk=A, most=1), Place(desk=B, most=1)), LOADS, (A, 1, 2)),
    ],
)
def test_whom_a_rule_chooses(
    by: By, places: tuple[Place, ...], loads: dict[int, Load], expected: tuple[int, int, int]
) -> None:
    rule = replace(ANY, by=by, places=places)
    desk, own, whole = expected
    assert choose(rule, loads, {}) == Choice(desk=desk, rule=rule, own=own, whole=whole)


def test_a_share_says_how_many_it_had_and_who_is_left_out_gets_nothing() -> None:
    assert choose(ANY, {}, {A: 3, B: 2}) == Choice(desk=B, rule=ANY, own=2, whole=5)
    assert choose(ANY, {}, {A: 3, B: 2}, without=[B]) == Choice(desk=A, rule=ANY, own=3, whole=3)
    assert choose(ANY, {}, {}, without=[A, B]) is None


@given(weights=st.lists(st.integers(1, 100), min_size=1, max_size=6), turns=st.integers(1, 120))
def test_at_any_moment_each_has_had_its_part_within_one_case(weights: list[int], turns: int) -> None:
    places = tuple(Place(desk=n, weight=weight) for n, weight in enumerate(weights))
    given_so_far = dict.fromkeys(range(len(weights)), 0)
    most = 1 - Fraction(1, 2 * len(weights) - 2) if len(weights) > 1 else 0
    for turn in range(1, turns + 1):
        given_so_far[next_share(places, given_so_far).desk] += 1
        for place in places:
            part = Fraction(place.weight * turn, sum(weights))
            assert abs(part - given_so_far[place.desk]) <= most
