"""Whom a note names with @, whoever works at the desk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.actions.note import named_in
from madoguchi.people.models import User

FAMILIES = ["森", "森田", "森本", "佐藤", "田", "田中", "Sato", "長谷川"]
GIVEN = ["美咲", "翔", "健", "Ken", "花子"]


def staff(*names: str) -> list[User]:
    return [User(pk=number, name=name) for number, name in enumerate(names, 1)]


def called(text: str, *names: str) -> list[str]:
    return [person.name for person in named_in(text, staff(*names))]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@森 美咲 さん、お願いします", ["森 美咲"]),
        ("@森美咲さん、お願いします", ["森 美咲"]),
        ("＠森さん、お願いします", ["森 美咲"]),
        ("＠森さんと@青木さん", ["森 美咲", "青木 翔"]),
        ("@青木 @森 @青木", ["森 美咲", "青木 翔"]),
        ("森さんに聞きました", []),
        ("support@森.example ではありません", ["森 美咲"]),
        ("@ 森", []),
        ("@鈴木さん", []),
        ("@", []),
        ("", []),
    ],
)
def test_by_full_name_or_family_name_after_an_at(text: str, named: list[str]) -> None:
    assert called(text, "森 美咲", "青木 翔") == named


def test_a_family_name_that_two_bear_names_neither() -> None:
    assert called("@佐藤さん", "佐藤 花子", "佐藤 健") == []
    assert called("@佐藤 健さん", "佐藤 花子", "佐藤 健") == ["佐藤 健"]
    assert called("@佐藤花子さん", "佐藤 花子", "佐藤 健") == ["佐藤 花子"]


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    both = ("森 美咲", "森田 翔")
    assert called("@森田さん", *both) == ["森田 翔"]
    assert called("@森さん", *both) == ["森 美咲"]
    assert called("@森田さん @森さん", *both) == ["森 美咲", "森田 翔"]


def test_two_of_the_same_full_name_are_both_named() -> None:
    assert called("@佐藤 健", "佐藤 健", "佐藤 健") == ["佐藤 健", "佐藤 健"]


people = st.lists(st.builds("{} {}".format, st.sampled_from(FAMILIES), st.sampled_from(GIVEN)), max_size=6)
texts = st.lists(st.sampled_from(["@", "＠", " ", "さん", "、", *FAMILIES, *GIVEN]), max_size=12).map("".join)


@given(texts, people)
def test_who_is_named_stands_in_the_text_after_an_at(text: str, names: list[str]) -> None:
    for name in called(text, *names):
        family, full = name.split()[0], "".join(name.split())
        assert any(f"{at}{known}" in text for at in "@＠" for known in (name, full, family))


@given(people)
def test_everybody_can_be_named_in_full(names: list[str]) -> None:
    text = " ".join(f"@{name}、" for name in names)
    assert called(text, *names) == names


@given(st.text(alphabet=st.sampled_from([*"森田佐藤さん 、"])), people)
def test_without_an_at_nobody_is_named(text: str, names: list[str]) -> None:
    assert called(text, *names) == []


@given(texts, people)
def test_the_order_of_colleagues_makes_no_difference(text: str, names: list[str]) -> None:
    assert sorted(called(text, *names)) == sorted(called(text, *reversed(names)))
