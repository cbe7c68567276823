"""What is newly written in a mail is told from what came along; what is doubtful stays new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.reply_text import Reply, split_reply
from madoguchi.channels.email.tests import (
    written,
    written_abroad,
    written_japan,
    written_kept,
    written_programs,
)
from madoguchi.kernel.pieces import Kind

TABLES = (written, written_abroad, written_japan, written_kept, written_programs)
MAILS = {name: mail for table in TABLES for name, mail in table.MAILS.items()}
LETTERS = {Kind.NEW: "n", Kind.QUOTE: "q", Kind.FORWARD: "f", Kind.SIGNATURE: "s"}


def read(name: str) -> tuple[str, list[str]]:
    """A mail of the table: its text, and what each of its lines is."""
    lines = MAILS[name].strip("\n").replace("·", " ").split("\n")
    return "\n".join(line[2:] for line in lines), [line[0] for line in lines]


def letters(reply: Reply) -> list[str]:
    """What each line was found to be."""
    return [LETTERS[p.kind] for p in reply.pieces for _ in p.text.removesuffix("\n").split("\n")]


@pytest.mark.parametrize("name", MAILS)
def test_each_line_of_a_mail_is_what_a_person_would_say_it_is(name: str) -> None:
    text, expected = read(name)

    reply = split_reply(text)

    assert list(zip(letters(reply), text.split("\n"), strict=True)) == list(
        zip(expected, text.split("\n"), strict=True)
    )


@pytest.mark.parametrize("name", MAILS)
def test_what_is_new_holds_nothing_more_to_fold(name: str) -> None:
    new = split_reply(read(name)[0]).new

    assert split_reply(new).new == new


def test_no_two_mails_of_the_tables_have_one_name() -> None:
    assert len(MAILS) == sum(len(table.MAILS) for table in TABLES)


class TestNew:
    def test_new_pieces_are_joined_without_blank_lines_around_them(self) -> None:
        assert split_reply(read("answers between")[0]).new == (
            "佐藤です。下記の通り回答いたします。\n\n赤でお願いします。\n\nMです。"
        )

    def test_what_is_hidden_is_the_rest(self) -> None:
        reply = split_reply(read("iPhone")[0])

        assert reply.hidden == (
            "iPhoneから送信\n\n2026/08/01 10:00、青空商店 <support@shop.example>のメール:\n\n"
            "> 交換の品を本日発送いたします。"
        )

    def test_a_text_without_anything_to_fold_stays_as_it_is(self) -> None:
        assert split_reply("\n 届きました。\n\n").new == "\n 届きました。\n\n"

    @pytest.mark.parametrize("subject", ["Fwd: 発送のお知らせ", "FW: Your order", "WG: Paket", "転送: 発送"])
    def test_the_subject_tells_a_forward_from_a_reply(self, subject: str) -> None:
        text, _ = read("Outlook for Windows, Japanese")

        assert letters(split_reply(text, subject=subject)).count("f") == 6
        assert letters(split_reply(text, subject="Re: 発送")).count("q") == 6


PIECES = st.sampled_from(
    [line[2:] for mail in MAILS.values() for line in mail.strip("\n").split("\n")]
    + ["", " ", "\u3000", "\x85", "\u2028", ">", "> ", "-- ", "--", "----------"]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("\n".join), st.text(max_size=200))


class TestAnyText:
    @given(TEXTS)
    def test_the_pieces_are_the_text(self, text: str) -> None:
        assert "".join(piece.text for piece in split_reply(text).pieces) == text

    @given(TEXTS)
    def test_new_lines_stand_in_the_text_in_their_order(self, text: str) -> None:
        lines = iter(text.split("\n"))

        for line in split_reply(text).new.split("\n"):
            assert any(line == other or line == other.rstrip() for other in lines)

    @given(TEXTS)
    def test_some_words_are_new(self, text: str) -> None:
        assert bool(split_reply(text).new.strip()) == bool(text.strip())

    @pytest.mark.parametrize(
        "piece",
        [
            *("> ", ">\n", "\n", " ", "-- \n", "a:\n", "On 2024-01-01 10:00 a@b wrote", "iPhoneから送信\n"),
            *("----------\n", "From: x@y\n", "2024/1/1 ", "a wrote:\n\n\n\n", "a\n> b\n", "転送", "=-"),
            "TEL 03-1234-5678\n-----\n",
        ],
    )
    def test_a_megabyte_of_anything_is_read(self, piece: str) -> None:
        text = piece * (1_000_000 // len(piece))

        assert "".join(piece.text for piece in split_reply(text).pieces) == text
