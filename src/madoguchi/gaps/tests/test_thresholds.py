"""Where a rise begins to count, and what a word and a group must be; and who has not read an article, counted. Pure."""

import pytest

from madoguchi.gaps.alike import LEAST_CUSTOMERS, LEAST_QUESTIONS, Question, groups_of
from madoguchi.gaps.rising import ENOUGH, Rise, rising
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.actions import mark_read
from madoguchi.knowledge.queries import NotYet
from madoguchi.knowledge.ranking.apart import Ranker


def found(word: str, now: int, now_of: int, before: int, before_of: int) -> list[Rise]:
    """What is told of a word that so many of so many customers write."""
    here = [frozenset([word])] * now + [frozenset()] * (now_of - now)
    there = [frozenset([word])] * before + [frozenset()] * (before_of - before)
    return rising(here, there, known=set())


@pytest.mark.parametrize(
    ("now", "now_of", "before", "before_of", "strength"),
    [
        (4, 100, 0, 400, 12.88),
        (5, 100, 0, 400, 16.09),
        (10, 100, 5, 400, 15.32),
        (20, 100, 20, 400, 17.85),
        (50, 100, 100, 400, 14.62),
        (100, 100, 100, 400, 89.26),
    ],
)
def test_a_rise_is_told_with_its_strength(now, now_of, before, before_of, strength):
    [one] = found("アプリ", now, now_of, before, before_of)
    assert (one.now, one.now_of, one.before, one.before_of) == (now, now_of, before, before_of)
    assert one.strength == strength
    assert one.strength >= ENOUGH


@pytest.mark.parametrize(
    ("now", "now_of", "before", "before_of"),
    [(4, 100, 1, 400), (4, 200, 0, 400), (8, 100, 8, 400), (25, 100, 100, 400), (4, 4, 0, 4), (0, 0, 9, 400)],
)
def test_what_chance_may_have_done_is_not_told(now, now_of, before, before_of):
    assert found("アプリ", now, now_of, before, before_of) == []


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("アプリ", True),
        ("券", False),
        ("電子券", True),
        ("app", True),
        ("qr", False),
        ("2027", False),
        ("a1b2", False),
        ("5g対応", True),
    ],
)
def test_only_what_can_name_something_is_told(word, told):
    assert bool(found(word, 10, 100, 0, 400)) is told


@pytest.mark.parametrize(
    ("questions", "customers", "told"),
    [
        (LEAST_QUESTIONS, LEAST_CUSTOMERS, True),
        (LEAST_QUESTIONS - 1, LEAST_CUSTOMERS, False),
        (LEAST_QUESTIONS, LEAST_CUSTOMERS - 1, False),
        (10, 10, True),
    ],
)
def test_a_group_is_told_from_so_many_questions_of_so_many_people_on(questions, customers, told):
    asked = [Question(n, n % customers, frozenset(["ギフト", "包装"])) for n in range(questions)]
    assert bool(groups_of(asked)) is told


def test_groups_are_the_same_whenever_they_are_made():
    texts = ["ギフト 包装", "包装 料金", "アプリ 起動", "アプリ 認証", "ギフト 料金", "アプリ 料金"] * 3
    asked = [Question(n, n, frozenset(text.split())) for n, text in enumerate(texts)]
    assert groups_of(asked) == groups_of(asked)
    assert sum(len(group.questions) for group in groups_of(asked)) <= len(asked)


def test_the_process_that_reads_tells_words_once_each_and_holds_nothing():
    ranker = Ranker()
    told = ranker.answer({"texts": ["返品、返品、返品", "送料はいくらですか", ""]})
    assert told["words"][0] == ["返品"]
    assert "送料" in told["words"][1]
    assert told["words"][2] == []
    assert ranker.answer({"key": "x", "text": "返品"}) == {"need": "x"}


def test_who_has_not_read_is_counted_with_and_without_a_name():
    assert NotYet([], 0).count == 0
    assert NotYet(["青木", "林"], 3).count == 5


@pytest.mark.django_db
def test_nothing_is_read_by_what_is_no_person():
    with pytest.raises(NotAllowed):
        mark_read([], by=system("bot"))
