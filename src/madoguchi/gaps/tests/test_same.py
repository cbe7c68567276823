"""When what is found is what was found before, and whose words count once. Without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.gaps.actions.searching import Material, _by_customer, _is_same, _of_group, _of_word
from madoguchi.gaps.alike import Group, Question
from madoguchi.gaps.models import Gap
from madoguchi.gaps.queries import Said
from madoguchi.gaps.rising import Rise

NOON = datetime(2027, 8, 2, 3, 0, tzinfo=UTC)
WORD, QUESTIONS = Gap.Kind.WORD, Gap.Kind.QUESTIONS


def said(pk: int, customer: int = 1, hours: int = 0) -> Said:
    return Said(pk, NOON + timedelta(hours=hours), customer)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (Gap(kind=WORD, words=["券"]), Gap(kind=WORD, words=["券"]), True),
        (Gap(kind=WORD, words=["券"]), Gap(kind=WORD, words=["箱"]), False),
        (Gap(kind=WORD, words=["券"], messages=[1]), Gap(kind=WORD, words=["箱"], messages=[1]), False),
        (Gap(kind=WORD, words=["券"]), Gap(kind=QUESTIONS, words=["券"]), False),
        (
            Gap(kind=QUESTIONS, words=["包装"], messages=[1, 2, 3]),
            Gap(kind=QUESTIONS, words=["包装", "箱"], messages=[2, 3, 4]),
            True,
        ),
        (
            Gap(kind=QUESTIONS, words=["包装"], messages=[1, 2, 3]),
            Gap(kind=QUESTIONS, words=["箱"], messages=[3, 4, 5]),
            False,
        ),
        (Gap(kind=QUESTIONS, words=["包装"]), Gap(kind=QUESTIONS, words=["箱"]), False),
        (Gap(kind=QUESTIONS, words=["包装"]), Gap(kind=QUESTIONS, words=["包装"], messages=[4]), True),
    ],
)
def test_a_word_is_the_same_word_and_a_group_the_same_questions(old, new, same):
    assert _is_same(old, new) is same
    assert _is_same(new, old) is same


def test_all_that_one_customer_wrote_is_one():
    words = {1: frozenset("ab"), 2: frozenset("bc"), 3: frozenset("d")}
    found = _by_customer([said(1, 7), said(2, 7), said(3, 8)], words)
    assert sorted(map(sorted, found)) == [["a", "b", "c"], ["d"]]


def test_what_is_read_twice_is_read_once():
    material = Material(NOON, [said(1), said(2)], [said(3)], [said(2), said(4)])
    assert material.messages == [1, 2, 3, 4]


def test_a_word_is_kept_with_its_figures_when_it_was_first_written_and_the_newest_that_have_it():
    material = Material(NOON, [said(1), said(2, hours=1), said(3, hours=2)], [], [])
    words = {1: frozenset(["箱"]), 2: frozenset(["券"]), 3: frozenset(["券", "箱"])}

    gap = _of_word(Rise("券", 5, 40, 1, 160, 14.2), material, words)

    assert (gap.kind, gap.words, gap.messages) == (WORD, ["券"], [3, 2])
    assert gap.figures == {"now": 5, "now_of": 40, "before": 1, "before_of": 160, "strength": 14.2}
    assert gap.first_at == NOON + timedelta(hours=1)


def test_a_group_is_kept_with_how_many_ask_how_often():
    asked = [said(1, 7), said(2, 8, hours=1), said(3, 7, hours=2)]
    group = Group(("包装", "箱"), tuple(Question(one.id, one.customer, frozenset()) for one in asked))

    gap = _of_group(group, Material(NOON, [], [], asked))

    assert (gap.kind, gap.words, gap.messages) == (QUESTIONS, ["包装", "箱"], [3, 2, 1])
    assert (gap.figures, gap.first_at) == ({"questions": 3, "customers": 2}, NOON)
