"""Characters that line ends have cut are whole again; text that nobody has cut stays as it is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email import wrapped
from madoguchi.channels.email.charsets import decode

CHARSETS = {
    "utf-8": ("utf-8", wrapped.utf8_joined),
    "shift_jis": ("cp932", wrapped.cp932_joined),
    "euc-jp": ("euc_jp", wrapped.euc_joined),
    "iso-2022-jp": ("iso2022_jp", wrapped.jis_joined),
}
EACH = pytest.mark.parametrize(
    ("label", "codec", "joined"), [(name, *more) for name, more in CHARSETS.items()]
)


def letters(codec: str) -> st.SearchStrategy[str]:
    """Any character that a charset can write, and line ends."""
    return st.one_of(
        st.sampled_from("\n\r !"), st.characters(codec=codec, exclude_characters="\x1b¢£¬‖−〜¥‾")
    )


def sentences(codec: str) -> st.SearchStrategy[str]:
    """Words that are Japanese beyond doubt, wrapped anywhere between their characters."""
    words = st.sampled_from(
        ["お世話になります", "返品したい", "ソ連の表", "注文番号 A-1001", "ありがとう。", "\n", "\r\n"]
    )
    return st.lists(words, min_size=1).map("".join).filter(lambda text: not text.isascii())


@EACH
@given(data=st.data())
def test_whatever_is_written_right_stays_as_it_is(
    label: str, codec: str, joined: Callable[[bytes], bytes], data: st.DataObject
) -> None:
    written = data.draw(st.text(letters(codec))).encode(codec)

    assert joined(written) == written


@EACH
@given(data=st.data())
def test_lines_that_end_between_characters_are_read_as_they_are(
    label: str, codec: str, joined: Callable[[bytes], bytes], data: st.DataObject
) -> None:
    text = data.draw(sentences(codec))

    found = decode(text.encode(codec), label)

    assert (found.text, found.repaired) == (text, False)


@EACH
@given(data=st.data(), width=st.integers(5, 90), end=st.sampled_from([b"\n", b"\r\n"]))
def test_lines_of_any_number_of_bytes_hold_the_same_words(
    label: str, codec: str, joined: Callable[[bytes], bytes], data: st.DataObject, width: int, end: bytes
) -> None:
    text = data.draw(sentences(codec)).replace("\r", "")
    written = text.encode(codec)
    cut = end.join(written[at : at + width] for at in range(0, len(written), width))

    found = decode(cut, label)

    assert "".join(found.text.split()) == "".join(text.split())
