"""Masking never shows more than it promises, whatever stands in a field."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.customers.queries import DOT, mask, show
from madoguchi.kernel.actor import EVERYTHING_SHOWN, DataScope, narrowest_common

FIELDS = ("name", "kana", "email", "phone", "address", "memo")
words = st.text(
    alphabet=st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters=DOT), max_size=60
)
addresses = st.from_regex(r"[a-z0-9.+_-]{1,20}@([a-z0-9-]{1,10}\.){1,3}[a-z]{2,6}", fullmatch=True)
scopes = st.builds(DataScope, st.frozensets(st.sampled_from(FIELDS)), st.frozensets(st.sampled_from(FIELDS)))


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("髙橋 美咲", "髙••••"),
        ("林", "••••"),
        ("", ""),
        ("misaki@home.example", "mi••••@••••.example"),
        ("mi@home.example", "m••••@••••.example"),
        ("m@home.co.jp", "••••@••••.jp"),
        ("090-1234-5678", "090••••••78"),
        ("０９０１２３４５６７８", "０９０••••••７８"),
        ("+819012345678", "+81••••••78"),
        ("1234567", "1••••"),
        ("連絡は misaki@home.example まで、電話は不可", "連••••"),
        ("misaki@home.exampleへ", "m••••"),
        ("a@b@home.example", "a••••"),
        ("@home", "@••••"),
        ("misaki@home", "m••••"),
        ("〒100-0001 東京都千代田区1-2", "〒10••••••-2"),
    ],
)
def test_enough_to_recognise_and_not_to_use(value: str, seen: str) -> None:
    assert mask(value) == seen


@given(words)
def test_at_most_five_letters_of_anything_are_seen_and_never_all(value: str) -> None:
    shown = mask(value)
    if not value:
        assert shown == ""
        return
    assert DOT * 4 in shown
    assert shown != value
    head, _dots, tail = shown.partition(DOT * 4)
    tail = tail.replace(DOT, "")
    assert value.startswith(head)
    if re.fullmatch(r"@\.[A-Za-z]{2,20}", tail):
        assert value.endswith(tail[1:])
        assert len(head) <= 2
    else:
        assert value.endswith(tail)
        assert len(head) + len(tail) <= 5
        assert len(head) + len(tail) < len(value) or len(value) == 1


@given(addresses)
def test_of_an_address_two_letters_and_the_country_at_most(address: str) -> None:
    local, _, domain = address.rpartition("@")
    head, rest = mask(address).split(DOT * 4 + "@" + DOT * 4)
    assert local.startswith(head)
    assert len(head) == min(2, len(local) - 1)
    assert rest == "." + domain.rpartition(".")[2]


@given(words, st.sampled_from(FIELDS), scopes)
def test_a_field_is_shown_masked_or_hidden_and_nothing_between(
    value: str, field: str, data_scope: DataScope
) -> None:
    seen = show(value, field, data_scope)
    if field in data_scope.hidden:
        assert seen == ""
    elif field in data_scope.masked:
        assert seen == mask(value)
    else:
        assert seen == value


@given(st.lists(scopes, min_size=1, max_size=4))
def test_a_further_capacity_never_shows_less(held: list[DataScope]) -> None:
    common = narrowest_common(held)
    for field in FIELDS:
        if any(field not in s.hidden | s.masked for s in held):
            assert field not in common.hidden | common.masked
        elif all(field in s.hidden for s in held):
            assert field in common.hidden
        else:
            assert field in common.masked
    assert not common.masked & common.hidden


def test_nobody_without_a_capacity_is_asked() -> None:
    assert narrowest_common([]) == EVERYTHING_SHOWN


ADDRESSES = [
    "victim@home.example",
    "ｖｉｃｔｉｍ＠home．example",
    "victim(at)home.example",
    "'victim@home.example'",
]


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_in_place_of_a_name_is_seen_as_addresses_are(name: str) -> None:
    assert show(name, "name", DataScope(hidden=frozenset({"email"}))) == ""
    assert "ictim" not in show(name, "name", DataScope(masked=frozenset({"email"})))
    assert show(name, "name", DataScope(hidden=frozenset({"name"}))) == name


def test_a_name_with_an_address_in_it_is_kept_by_either() -> None:
    name = "Misaki victim@home.example"

    assert [show(name, "name", DataScope(hidden=frozenset({field}))) for field in ("name", "email")] == [
        "",
        "",
    ]
    assert show(name, "name", DataScope()) == name


@pytest.mark.parametrize("name", ["髙橋 美咲", "山田@営業部", "Dr. M. Takahashi", ""])
def test_a_name_is_a_name(name: str) -> None:
    assert show(name, "name", DataScope(hidden=frozenset({"email"}))) == name
