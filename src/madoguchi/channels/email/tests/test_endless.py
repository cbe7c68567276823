"""What a stranger makes as long as they like is read in one pass: else none of these tests would end."""

import pytest

from madoguchi.channels.email import autoreply, html, language, pace, repeated, signatures, structure
from madoguchi.channels.email.headers import Address, addresses_of, parameters_of
from madoguchi.channels.email.reports import _COPY_BELOW
from madoguchi.channels.email.trust import trust_in

LONG = 1_000_000


def test_words_without_an_address_around_them() -> None:
    assert addresses_of(f"Taro {'a' * LONG}; jiro@x.example") == (Address("", "jiro@x.example"),)


def test_a_name_in_which_an_address_may_stand() -> None:
    sender = Address("a" * LONG + " info@bank.example", "x@evil.example")

    assert trust_in({}, sender, servers=(), ours=()).name_claims == "info@bank.example"


def test_addresses_without_brackets_among_words() -> None:
    assert addresses_of("Taro taro@x.example") == (Address("Taro", "taro@x.example"),)


def test_blanks_before_a_parameter() -> None:
    assert parameters_of("\t" * LONG + "=") == ("=", {})


@pytest.mark.parametrize("value", ["text/plain charset=utf-8", "text/plain \tcharset =utf-8"])
def test_a_lost_semicolon_is_put_back(value: str) -> None:
    assert parameters_of(value) == ("text/plain", {"charset": "utf-8"})


def test_a_parameter_alone() -> None:
    assert parameters_of("charset=utf-8") == ("", {"charset": "utf-8"})


def test_blanks_in_a_subject() -> None:
    assert language.language_of("", f"注文した品が届かないので{' ' * LONG}x", "utf-8") == "ja"
    assert autoreply._SAYS_AUTOMATIC.match(" " * LONG) is None


@pytest.mark.parametrize(("line", "drawn"), [("_" * LONG, True), ("_" * LONG + "x", False)])
def test_lines_that_seem_drawn(line: str, drawn: bool) -> None:
    assert (signatures._RULER.match(line) is not None) is drawn


def test_blanks_behind_a_sender() -> None:
    lines = [f"From:{' ' * LONG}x", "Date: 2026-01-02", "Subject: x"]

    assert repeated.end_of_header_block(lines, 0) == 3


def test_lines_in_a_report() -> None:
    assert _COPY_BELOW.search("-" * LONG + "\n") is None


def test_a_boundary_of_blanks() -> None:
    assert structure._UNDECLARED.search(b"\n--" + b"\t" * 20 * LONG) is None


def test_pictures_that_never_end() -> None:
    assert not html.shows_from_elsewhere("<img " * LONG)
    assert html.shows_from_elsewhere("<img " * 10 + 'alt="a<b" src="//x.example/a.png">')


def test_tags_that_never_end() -> None:
    assert html._TOKEN.findall("<" + "a" * LONG) == [("", "", "", "a" * LONG)]


def test_an_answer_of_a_server() -> None:
    assert pace._ADDRESS.sub("", f"{'a' * LONG} <a@x.example> no") == f"{'a' * LONG}  no"
