"""What is told of a change: runs of words as a person reads them, whatever the two texts are. Pure."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.knowledge import diff
from madoguchi.knowledge.diff import Piece, compare

texts = st.text(alphabet="返品は日以内カナーab1 0。、\n\r\u3000々𠮷", max_size=40)


def told(before: str, after: str) -> str:
    """The pieces as one writes them by hand: -gone-, +new+."""
    signs = {"same": "", "gone": "-", "new": "+"}
    return "".join(f"{signs[one.kind]}{one.text}{signs[one.kind]}" for one in compare(before, after))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("", "", ""),
        ("", "新しい", "+新しい+"),
        ("古い", "", "-古い-"),
        ("同じ。", "同じ。", "同じ。"),
        ("第1版", "第2版", "第-1-+2+版"),
        ("返品は8日以内です", "返品は14日以内です", "返品は-8-+14+日以内です"),
        ("10,000円", "12,000円", "-10-+12+,000円"),
        ("カタカナ", "カナ", "-カタカナ-+カナ+"),
        ("送料は無料", "送料は原則無料", "送料は-無料-+原則無料+"),
        ("佐々木様", "佐藤様", "-佐々木様-+佐藤様+"),
        ("Wi-Fi対応", "Wi-Fi非対応", "Wi-Fi-対応-+非対応+"),
        ("在庫あり（残り3点）", "在庫あり", "在庫あり-（残り3点）-"),
        ("在庫あり", "在庫あり（残り3点）", "在庫あり+（残り3点）+"),
        ("a\nb", "a\n\nb", "a-\n-+\n\n+b"),
        ("ＡＢＣ", "ＡＢＤ", "ＡＢ-Ｃ-+Ｄ+"),
        ("ABC_1", "ABC_2", "-ABC_1-+ABC_2+"),
        ("10%引き", "20%引き", "-10-+20+%引き"),
        ("3日で500円", "5日で700円", "-3日で500-+5日で700+円"),
        ("3日以内500円", "5日以内700円", "-3-+5+日以内-500-+700+円"),
        ("3\n5です", "4\n6です", "-3-+4+\n-5-+6+です"),
    ],
)
def test_a_change_is_told_by_words(before: str, after: str, change: str) -> None:
    assert told(before, after) == change


@given(texts)
def test_what_did_not_change_is_one_piece(text: str) -> None:
    assert compare(text, text) == ([Piece("same", text)] if text else [])


@given(texts)
def test_all_of_a_first_text_is_new_and_all_of_a_last_is_gone(text: str) -> None:
    assert compare("", text) == ([Piece("new", text)] if text else [])
    assert compare(text, "") == ([Piece("gone", text)] if text else [])


@given(texts, texts)
def test_pieces_hold_something_and_neighbours_differ(before: str, after: str) -> None:
    pieces = compare(before, after)

    assert all(one.text for one in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))
    assert ("new", "gone") not in [(one.kind, other.kind) for one, other in pairwise(pieces)]


@settings(max_examples=40)
@given(texts, texts)
def test_a_text_too_long_for_words_is_told_by_lines_and_still_whole(before: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "_MOST_WORDS", 3)
        pieces = compare(before, after)

    assert "".join(one.text for one in pieces if one.kind != "new") == before
    assert "".join(one.text for one in pieces if one.kind != "gone") == after


def test_of_a_very_long_text_whole_lines_change() -> None:
    # given as many words in each line as make the whole too long for words
    lines = [f"{number}。" * 500 + "\n" for number in range(5)]
    changed = [*lines[:2], "別の行。\n", *lines[3:]]

    pieces = compare("".join(lines), "".join(changed))

    assert [(one.kind, one.text) for one in pieces] == [
        ("same", lines[0] + lines[1]),
        ("gone", lines[2]),
        ("new", "別の行。\n"),
        ("same", lines[3] + lines[4]),
    ]
