"""Talk scripts as text and as a tree: the same thing, whichever way one writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.steps import Step, added, changed, labels_to, path_to, read, written
from madoguchi.knowledge.trees import ROOT, moved, removed, walked

TEXT = """\
お名前とお電話番号を伺えますか。
~ お名前と でんわ番号を 教えてください。
> 画面のお名前と比べる

- 一致した
  ありがとうございます。
  - 届かない
    お調べします。
- 一致しない
  > 折り返しにする"""
SCRIPT = (
    Step(
        *(1, 0, "", "お名前とお電話番号を伺えますか。", "画面のお名前と比べる"),
        "お名前と でんわ番号を 教えてください。",
    ),
    Step(2, 1, "一致した", "ありがとうございます。"),
    Step(3, 2, "届かない", "お調べします。"),
    Step(4, 1, "一致しない", "", "折り返しにする"),
)


def test_text_is_read_as_steps_and_written_as_it_was() -> None:
    assert read(TEXT) == SCRIPT
    assert written(SCRIPT) == TEXT
    assert [one.id for one in path_to(SCRIPT, 3)] == [1, 2, 3]
    assert labels_to(SCRIPT, 3) == ("一致した", "届かない")


def test_whoever_writes_it_by_hand_may_set_it_in_as_they_like() -> None:
    by_hand = (
        "はい、窓口です。\n-   注文\n\tご注文番号は？\n\t-  ない\n\t\tお名前は？\n- その他\n  伺います。"
    )
    told = [(one.id, one.parent, one.label, one.said) for one in read(by_hand)]
    assert told == [
        (1, 0, "", "はい、窓口です。"),
        (2, 1, "注文", "ご注文番号は？"),
        (3, 2, "ない", "お名前は？"),
        (4, 1, "その他", "伺います。"),
    ]


@pytest.mark.parametrize(("sign", "field"), [("", "said"), ("> ", "hint"), ("はい\n~ ", "plain")])
def test_what_is_too_long_is_refused_and_never_cut(sign: str, field: str) -> None:
    [step] = read(f"{sign}{'あ' * 2_000}")
    assert getattr(step, field) == "あ" * 2_000

    with pytest.raises(Refused, match="2000") as error:
        read(f"{sign}{'あ' * 2_001}")
    assert error.value.field == field


def test_plain_words_alone_are_refused_for_who_does_not_wish_them_hears_nothing() -> None:
    with pytest.raises(Refused, match="ふだんの言い方") as error:
        read("始め\n- 次\n  ~ やさしい ことば")

    assert error.value.field == "said"


_WORDS = st.text("あいう> -~\\\n\t　a1", max_size=12)
_LABELS = st.text("あいうえおabc", min_size=1, max_size=5)


@given(st.lists(st.tuples(st.integers(1, 8), _LABELS, _WORDS, _WORDS, _WORDS), max_size=8), _WORDS)
def test_what_is_written_is_read_again_as_it_was(
    rows: list[tuple[int, str, str, str, str]], first: str
) -> None:
    script = read("始め")
    script = changed(script, Step(ROOT, 0, "", f"{first}。", ""))
    for parent, label, said, hint, plain in rows:
        try:
            script = added(script, Step(0, parent, label, said, hint, plain))
        except Refused:
            continue
    told = [(one.label, one.said, one.hint, one.plain, depth) for one, depth in walked(script)]

    again = read(written(script))

    assert [(one.label, one.said, one.hint, one.plain, depth) for one, depth in walked(again)] == told
    assert written(again) == written(script)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("始め\n- はい", "「はい」：話す内容、または行う内容を入力してください。"),
        ("始め\n- はい\n  a\n- はい。\n  b", "「最初のステップ」に同じ返答が2つあります。"),
        (
            "始め\n" + "\n".join(f"- {n}\n  a" for n in range(10)),
            "「最初のステップ」の返答は9個までです（1個ずつキーが付きます）。",
        ),
        ("始め\n- …\n  a", "お客様の返答を入力してください。"),
    ],
)
def test_what_nobody_could_walk_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(text)


def test_a_step_moves_and_goes_with_all_below() -> None:
    assert [one.id for one, _depth in walked(moved(SCRIPT, 4, by=-1))] == [1, 4, 2, 3]
    assert removed(SCRIPT, 2) == (SCRIPT[0], SCRIPT[3])
    assert removed(SCRIPT, ROOT) == SCRIPT
