"""What stood behind dots is put back where somebody wrote around them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.blotting import DOT, blotter
from madoguchi.kernel.dots import put_back

ORIGINAL = "髙橋 美咲様へ 090-1234-5678 まで"
SHOWN = "•• ••様へ ••••••••••••• まで"
BLOT = blotter({"name": ["髙橋 美咲"], "phone": ["090-1234-5678"]}, unseen={"name", "phone"}, loosely=False)


def test_the_words_above_are_what_a_reader_is_shown() -> None:
    assert BLOT(ORIGINAL) == SHOWN


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (SHOWN, ORIGINAL),
        (f"  {SHOWN}\r\n", ORIGINAL),
        (f"至急: {SHOWN}\n済み", f"至急: {ORIGINAL}\n済み"),
        ("••••様", None),
        ("••• ••様へ ••••••••••••• まで", None),
        (SHOWN + SHOWN, None),
        ("•• ••様", "髙橋 美咲様"),
        ("••様", None),
        ("••••••••••••• へ", "090-1234-5678 へ"),
        ("ほかのこと", "ほかのこと"),
        ("", ""),
        ("• 一つ目\n• •• ••様 •••••••••••••", "• 一つ目\n• 髙橋 美咲様 090-1234-5678"),
    ],
)
def test_what_is_put_back(typed: str, left: str | None) -> None:
    assert put_back(typed, shown=SHOWN, original=ORIGINAL) == left


@pytest.mark.parametrize("typed", ["", "ほかのこと", "•• ••様", "•••••••••••••", "••様"])
def test_where_all_must_stay_nothing_is_left_out(typed: str) -> None:
    assert put_back(typed, shown=SHOWN, original=ORIGINAL, whole=True) is None


@given(
    st.lists(st.sampled_from(["髙橋 美咲", "090-1234-5678", "鉄瓶", "•", "様"]), max_size=6).map("、".join),
    st.text(st.characters(exclude_characters=[DOT, "\r"], exclude_categories=["Cs"]), max_size=8),
    st.text(st.characters(exclude_characters=[DOT, "\r"], exclude_categories=["Cs"]), max_size=8),
)
def test_whatever_is_written_before_and_behind_the_words_between_are_the_original(
    original: str, before: str, behind: str
) -> None:
    shown = BLOT(original)

    left = put_back(f"{before}|{shown}|{behind}", shown=shown, original=original, whole=True)

    assert left == f"{before}|{original}|{behind}"


@given(st.sampled_from([SHOWN, "••", "•• ••", DOT, "様", ""]), st.sampled_from([SHOWN, "•• ••様", "•••", ""]))
def test_dots_of_what_is_kept_are_never_what_is_saved(first: str, second: str) -> None:
    """Whatever is typed: it is refused, or holds all that was kept."""
    left = put_back(first + second, shown=SHOWN, original=ORIGINAL, whole=True)

    assert left is None or all(part in left for part in ("髙橋", "美咲様", "090-1234-5678"))
