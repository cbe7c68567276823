"""Which words rise: by customers, not by how often one writes it, and only what no article knows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.gaps.rising import ENOUGH, LEAST_CUSTOMERS, Rise, rising


def people(count: int, *words: str, of: int) -> list[frozenset[str]]:
    """So many customers write these words, of so many who write something."""
    return [frozenset({"注文", *words})] * count + [frozenset({"注文"})] * (of - count)


def test_a_new_word_of_many_is_found_with_its_figures():
    [found] = rising(people(8, "ギフト券", of=100), people(2, "ギフト券", of=400), known={"注文"})

    # 2·(8·ln(8/2) + 2·ln(2/8)), for 10 of 500 lets 2 be expected this week and 8 before
    assert found == Rise("ギフト券", 8, 100, 2, 400, round(2 * (8 * math.log(4) + 2 * math.log(0.25)), 2))
    assert found.strength == 16.64


@pytest.mark.parametrize(
    ("now", "before", "known", "why"),
    [
        (people(8, "返品", of=100), people(2, "返品", of=400), {"返品", "注文"}, "an article knows it"),
        (people(8, "返品", of=100), people(32, "返品", of=400), {"注文"}, "it is as usual"),
        (people(2, "返品", of=100), people(40, "返品", of=400), {"注文"}, "it falls"),
        (people(3, "返品", of=100), people(0, "返品", of=400), {"注文"}, "too few write it"),
        (people(8, "返品", of=100), [], {"注文"}, "nothing is there to compare with"),
        (people(8, "券", "2027", "ab", of=100), people(0, of=400), {"注文"}, "it names nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_told(now, before, known, why):
    assert rising(now, before, known) == [], why


def test_the_strongest_stands_first():
    now = [*people(9, "新店舗", of=50), *people(12, "アプリ障害", of=50)]
    words = [one.word for one in rising(now, people(0, of=400), {"注文"})]
    assert words == ["アプリ障害", "新店舗"]


@given(st.integers(0, 60), st.integers(60, 200), st.integers(0, 60), st.integers(60, 400))
def test_whatever_is_told_rises_and_is_enough(now, now_of, before, before_of):
    found = rising(people(now, "語句", of=now_of), people(before, "語句", of=before_of), {"注文"})
    for one in found:
        assert one.strength >= ENOUGH
        assert one.now >= LEAST_CUSTOMERS
        assert one.now * before_of > one.before * now_of
