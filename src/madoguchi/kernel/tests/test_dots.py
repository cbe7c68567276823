"""What stood behind dots is put back where somebody wrote around them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.blotting import DOT, blotter
from madoguchi.kernel.dots import Uncovered, put_back

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


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("宛先は••様。••様ではない", None),
        ("宛先は••様。差出人は••様", None),
        ("受取人は••様。送り主は••様", None),
        ("至急。差出人••様。宛先は••様です", "至急。差出人山田様。宛先は鈴木様です"),
        ("差出人の••様。宛先は••様", "差出人の山田様。宛先は鈴木様"),
        ("宛先は••様", "宛先は鈴木様"),
        ("差出人••様。宛先は••様。差出人••様", None),
    ],
)
def test_nobody_gets_the_name_of_another(typed: str, left: str | None) -> None:
    """Two names of one length are told apart by what stands beside them, or not at all."""
    shown, original = "差出人••様。宛先は••様", "差出人山田様。宛先は鈴木様"

    assert put_back(typed, shown=shown, original=original) == left


def test_a_list_of_names_is_added_to_at_its_end() -> None:
    shown, original = "・••様\n・••様\n・••様", "・山田様\n・鈴木様\n・佐藤様"

    assert put_back(f"{shown}\n・済み", shown=shown, original=original) == f"{original}\n・済み"


@pytest.mark.parametrize(
    "typed",
    [
        "ご担当: ••••\n• 返品\n• 修理\n• 交換",
        "ご担当: ••••\n• 返品",
        "ご担当: ••••\n・返品\n・交換",
        "至急 ••••",
    ],
)
def test_bullets_of_the_text_itself_are_anybodys(typed: str) -> None:
    shown, original = "ご担当: ••••\n• 返品\n• 交換", "ご担当: 髙橋美咲\n• 返品\n• 交換"

    left = put_back(typed, shown=shown, original=original, whole=True)

    assert left == typed.replace("••••", "髙橋美咲")


@given(
    st.lists(
        st.sampled_from(["080 0007 9190", "08000079190", "髙橋 美咲", "髙橋美咲", "か", " "]), max_size=4
    ).map("、".join),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["あ", "7", " ", "-", "X"])), max_size=4),
)
def test_whatever_is_typed_between_dots_no_letter_behind_them_is_shown(
    original: str, added: list[tuple[int, str]]
) -> None:
    blot = blotter(
        {"name": ["髙橋 美咲"], "phone": ["080-0007-9190"]}, unseen={"name", "phone"}, loosely=False
    )
    typed = blot(original)
    for at, letter in added:
        typed = typed[:at] + letter + typed[at:]
    try:
        left = put_back(typed, shown=blot(original), original=original, blot=blot)
    except Uncovered:
        return

    if left not in (None, original):
        assert all(now == DOT for now, was in zip(blot(str(left)), typed, strict=True) if was == DOT)


def test_a_number_is_not_shown_by_what_is_typed_between_its_parts() -> None:
    blot = blotter({"phone": ["080-0007-9190"]}, unseen={"phone"}, loosely=False)
    original = "電話 080 0007 9190 か 08000079190"
    for typed in ("電話 ••• あ •••• い •••• か •••••••••••", "電話 ••• •••• •••• か 7•••••••••••"):
        with pytest.raises(Uncovered):
            put_back(typed, shown=blot(original), original=original, blot=blot)
