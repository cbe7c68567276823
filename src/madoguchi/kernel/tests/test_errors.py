"""Several inputs that are wrong are told at once."""

import pytest

from madoguchi.kernel.errors import Problems, Refused


def refuse(words: str, field: str = "", **others: str) -> str:
    raise Refused(words, field=field, others=others)


def test_all_that_is_refused_is_told_with_the_first_in_front() -> None:
    wrong = Problems()

    read = [
        wrong.of(lambda: "right", ""),
        wrong.of(lambda: refuse("empty", "name"), "-"),
        wrong.of(lambda: refuse("late", "due", name="again", at="never"), "-"),
    ]

    with pytest.raises(Refused, match="empty") as refused:
        wrong.end()
    assert read == ["right", "-", "-"]
    assert refused.value.field == "name"
    assert refused.value.fields == {"name": "empty", "due": "late", "at": "never"}


def test_what_must_hold_of_an_input_is_told_where_it_does_not() -> None:
    wrong = Problems()
    wrong.unless(True, "never told", "name")
    wrong.unless(False, "too many", "count")
    wrong.unless(False, "told second", "count")

    with pytest.raises(Refused) as refused:
        wrong.end()
    assert refused.value.fields == {"count": "too many"}


def test_what_names_no_input_is_told_by_itself_at_once() -> None:
    wrong = Problems()
    wrong.of(lambda: refuse("empty", "name"), "")

    with pytest.raises(Refused, match="nothing") as refused:
        wrong.of(lambda: refuse("nothing"), "")
    assert refused.value.fields == {}


def test_where_nothing_is_wrong_nothing_is_refused() -> None:
    wrong = Problems()

    assert wrong.of(lambda: 7, 0) == 7
    wrong.end()
