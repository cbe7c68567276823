"""Pieces of a message, and the way they are kept beside its text."""

from madoguchi.kernel.pieces import Kind, Piece, lengths_of, newly_written, pieces_of

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
