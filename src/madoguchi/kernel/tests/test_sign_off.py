"""The signature of a desk: where it stands, and that it stands once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.pieces import Kind
from madoguchi.kernel.sign_off import bare_words, signed_off, without_sign_off

SIGN = "――――\n窓口\nhelp@shop.example"


def whole(text: str, signature: str = SIGN) -> str:
    return "".join(piece.text for piece in signed_off(text, signature))


@pytest.mark.parametrize(
    ("typed", "leaves"),
    [
        ("はい。", f"はい。\n\n{SIGN}"),
        ("はい。\n\n", f"はい。\n\n{SIGN}\n\n"),
        ("はい。\n\n> いつですか\n> 教えて", f"はい。\n\n{SIGN}\n\n> いつですか\n> 教えて"),
        ("はい。\n＞いつですか\n", f"はい。\n\n{SIGN}\n\n＞いつですか\n"),
        ("はい。\n\n美咲さんのメール：\n> いつ", f"はい。\n\n{SIGN}\n\n美咲さんのメール：\n> いつ"),
        ("> いつですか\n明日です。", f"> いつですか\n明日です。\n\n{SIGN}"),
        ("> いつですか\n明日です。\n> どこで\n", f"> いつですか\n明日です。\n\n{SIGN}\n\n> どこで\n"),
    ],
)
def test_it_stands_below_the_words_and_above_what_they_quote(typed: str, leaves: str) -> None:
    assert whole(typed) == leaves


@pytest.mark.parametrize(
    "typed",
    [
        f"はい。\n\n{SIGN}",
        f"はい。\n{SIGN}\n\n",
        f"はい。\n\n{SIGN}\n\n> いつですか",
        f"はい。\n\n> いつですか\n\n{SIGN}",
        "はい。\n\n  ――――\r\n窓口  \r\nhelp@shop.example\r\n",
    ],
)
def test_what_ends_with_it_already_is_left_as_it_is(typed: str) -> None:
    assert whole(typed) == typed


@pytest.mark.parametrize(
    ("typed", "signature"), [("はい。", ""), ("はい。", " \n"), ("", SIGN), ("> いつ\n", SIGN)]
)
def test_nothing_is_put_where_there_is_none_or_nobody_wrote(typed: str, signature: str) -> None:
    assert whole(typed, signature) == typed


def test_its_words_within_the_answer_are_not_its_end() -> None:
    assert whole("窓口\nの者です。", "窓口") == "窓口\nの者です。\n\n窓口"


LINES = st.lists(
    st.sampled_from(["はい。", "> いつ", "＞", "", "  ", "窓口", "――――", "メール:", "help@shop.example"])
)


@given(lines=LINES, end=st.sampled_from(["", "\n", "\n\n", "\r\n"]))
def test_without_it_the_words_are_what_was_typed_and_it_is_never_there_twice(
    lines: list[str], end: str
) -> None:
    typed = "\n".join(lines) + end

    pieces = signed_off(typed, SIGN)

    assert without_sign_off(pieces) == typed
    assert sum(piece.kind == Kind.SIGNATURE for piece in pieces) <= 1
    signed = "".join(piece.text for piece in pieces)
    assert whole(signed) == signed


_LINE = st.text(st.characters(categories=["L", "N", "P"], exclude_characters=">＞"), max_size=8)


@given(lines=st.lists(_LINE, max_size=4), spaces=st.sampled_from(["", " ", "\n", "\u3000"]))
def test_the_bare_words_are_the_same_with_spaces_signature_and_quotation(
    lines: list[str], spaces: str
) -> None:
    typed = "\n".join([*lines, "以上です。"])

    bare = bare_words(typed, SIGN)

    assert bare_words(f"{spaces}{typed}{spaces}\n\n{SIGN}\n\n> いつですか", SIGN) == bare
    assert bare_words(whole(f"{typed}\n\n> いつですか"), SIGN) == bare
    assert bare.endswith("以上です。")
    assert bare_words(f"{typed}一", SIGN) != bare


def test_a_signature_or_a_quotation_alone_has_no_bare_words() -> None:
    assert [bare_words(text, SIGN) for text in ("", SIGN, "> いつですか", f"\n{SIGN}\n")] == [""] * 4
