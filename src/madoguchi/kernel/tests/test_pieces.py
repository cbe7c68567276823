"""Pieces of a message, and the way they are kept beside its text."""

import pytest

from madoguchi.kernel.pieces import (
    Kind,
    Piece,
    is_answered_within,
    lengths_of,
    newly_written,
    pieces_of,
)

TEXT = "はい。\n\n> 色は？\n赤です。\n-- \n佐藤"
PIECES = [
    Piece(Kind.NEW, "はい。\n\n"),
    Piece(Kind.QUOTE, "> 色は？\n"),
    Piece(Kind.NEW, "赤です。\n"),
    Piece(Kind.SIGNATURE, "-- \n佐藤"),
]


def test_new_pieces_are_joined() -> None:
    assert newly_written(PIECES) == "はい。\n\n赤です。"


def test_a_text_that_is_all_new_stays_as_it_is() -> None:
    assert newly_written([Piece(Kind.NEW, "\n はい。\n")]) == "\n はい。\n"


def test_lengths_give_the_pieces_back() -> None:
    assert lengths_of(PIECES) == [("new", 5), ("quote", 6), ("new", 5), ("signature", 6)]
    assert pieces_of(TEXT, lengths_of(PIECES)) == PIECES


def test_nothing_is_kept_where_all_is_new() -> None:
    assert lengths_of([Piece(Kind.NEW, "はい。")]) == []
    assert pieces_of("はい。", []) == [Piece(Kind.NEW, "はい。")]


def test_what_no_length_accounts_for_is_new() -> None:
    assert pieces_of("> a\nb", [("quote", 4)]) == [Piece(Kind.QUOTE, "> a\n"), Piece(Kind.NEW, "b")]


OURS = "佐藤様\n\n色は赤と青のどちらがよろしいでしょうか。\nサイズはお決まりでしょうか。\n青空商店"
HEAD = "差出人: 青空商店 <support@shop.example>\n件名: ご注文の件\n\n"


@pytest.mark.parametrize(
    ("quoted", "answered"),
    [
        (OURS, False),
        (HEAD + OURS, False),
        (HEAD + OURS.replace("どちらが", "どちらが\n "), False),
        (HEAD + OURS + "\n\n差出人: 佐藤\n件名: 注文\n\n佐藤様\n注文します。", False),
        (HEAD + OURS.replace("か。\nサ", "か。\n赤でお願いします。\nサ"), True),
        (HEAD + OURS.replace("か。\n青空", "か。\n→Mです\n青空"), True),
        ("\n".join(f"> {line}" for line in OURS.replace("か。\nサ", "か。\n赤\nサ").split("\n")), False),
        ("別の話です。\n関係ありません。", False),
        ("", False),
    ],
)
def test_answers_stand_between_the_lines_of_what_was_said(quoted: str, answered: bool) -> None:
    assert is_answered_within(quoted, OURS) == answered


def test_nothing_is_answered_in_words_that_nobody_said() -> None:
    assert not is_answered_within(HEAD + OURS, "")


def test_a_greeting_that_comes_again_in_older_mail_is_not_the_one_that_was_repeated() -> None:
    ours = "お世話になっております。\n発送しました。"
    quoted = f"{HEAD}{ours}\n差出人: 佐藤\nまだでしょうか。\n{HEAD}お世話になっております。\n確認します。"

    assert not is_answered_within(quoted, ours)
