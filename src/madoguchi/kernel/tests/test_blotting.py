"""What is kept is blotted however it is written; what is not stands; and no letter more or less than before."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.blotting import DOT, NOTHING, Blotter, blotted, blotter

KNOWN = {
    "name": ["髙橋 美咲"],
    "kana": ["タカハシ ミサキ"],
    "email": ["misaki@home.example"],
    "phone": ["090-1234-5678"],
    "member": ["M-1024"],
    "address": ["〒102-0001 東京都千代田区1-2-3 ハイツ窓口203"],
}
ALL = blotter(KNOWN, unseen=KNOWN)
OTHER = blotter({"name": ["美咲野 花"], "phone": ["03-1234-5678"]}, unseen={"name", "phone"})
STRICT = blotter(KNOWN, unseen=KNOWN, loosely=False)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("髙橋 美咲です。", "•• ••です。"),
        ("高橋美咲と申します", "••••と申します"),
        ("高橋様の件", "••様の件"),
        ("ﾀｶﾊｼ ﾐｻｷ", "•••• •••"),
        ("たかはしみさき", "•••••••"),
        ("０９０ー１２３４ー５６７８へ", "•••••••••••••へ"),
        ("+81 90 1234 5678", "••• •• •••• ••••"),
        ("下4桁は1234-5678", "下4桁は•••••••••"),
        ("〇九〇一二三四五六七八", "•••••••••••"),
        ("ＭＩＳＡＫＩ＠home.example", "•••••••••••••••••••"),
        ("会員番号 m1024", "会員番号 •••••"),
        ("千代田区一丁目2番3号ハイツ窓口203", "•••••••••••••••••••"),
        ("102-0001", "••••••••"),
        ("美\n咲", "•\n•"),
        ("ん゙" * 10 + "髙橋 美咲", "ん゙" * 10 + "•• ••"),
        ("ก่ q̃ 美咲 ん゙", "ก่ q̃ •• ん゙"),
        ("+81 90 1234 5678M1024", "••• •• •••• •••••••••"),
        ("会員M1024髙橋 美咲", "会員••••••• ••"),
    ],
)
def test_however_it_is_written(text: str, left: str) -> None:
    assert ALL(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "加藤様の鉄瓶",
        "2026-11-30 に届く",
        "注文 20261130-0001",
        "M-10245",
        "1,024円",
        "美しい花が咲く",
        "渋谷区1-2-3",
    ],
)
def test_what_is_nobodys_stands(text: str) -> None:
    assert ALL(text) == text


def test_what_is_known_is_blotted_though_it_begins_like_a_short_phone_number() -> None:
    known = {
        "email": ["0abc@home.example"],
        "phone": ["045-111"],
        "member": ["001234"],
        "address": ["〒060-0001 札幌市中央区北一条西2丁目"],
    }
    hides = blotter(known, unseen=known)

    text = "会員001234、〒060-0001、0ABC@home.example、045111、数0120-45"
    assert hides(text) == f"会員{DOT * 6}、{DOT * 9}、{DOT * 17}、{DOT * 6}、数0120-45"


def test_a_mark_of_its_own_goes_with_the_letter_before_it() -> None:
    hides = blotter({"kana": ["ヤマダ"]}, unseen={"kana"})

    assert (hides("ﾔﾏﾀﾞ様"), hides(unicodedata.normalize("NFD", "ヤマダ様"))) == (
        f"{DOT * 4}様",
        f"{DOT * 4}様",
    )


def test_mail_and_phone_of_others_only_loosely() -> None:
    text = "03-9999-8888 か other@x.example、高橋様"

    assert (ALL(text), STRICT(text)) == ("•••••••••••• か •••••••••••••••、••様", text)
    assert ALL("0120ok@x.example か 0120-45") == f"{DOT * 16} か 0120-45"


@pytest.mark.parametrize("other", ["090-1234-5679", "03 9876 5432", "1024"])
@pytest.mark.parametrize("written", ["090-1234-5678", "09012345678"])
def test_a_known_number_is_found_beside_another_one(written: str, other: str) -> None:
    dots = DOT * len(written)
    assert STRICT(f"{written} {other} {written}\n{other}") == f"{dots} {other} {dots}\n{other}"


def test_what_is_not_kept_stands() -> None:
    only = blotter(KNOWN, unseen={"phone", "memo"})

    assert only("髙橋 美咲 090-1234-5678") == "髙橋 美咲 •••••••••••••"
    assert blotter(KNOWN, unseen=()).is_none
    assert NOTHING("髙橋 美咲") == "髙橋 美咲"


@given(
    st.text(max_size=80),
    st.sampled_from(["髙橋 美咲", "misaki@home.example", "090-1234-5678"]),
    st.text(max_size=80),
)
def test_it_keeps_its_length_its_lines_and_nothing_of_it(before: str, secret: str, after: str) -> None:
    text = f"{before} {secret} {after}"

    left = ALL(text)

    assert len(left) == len(text)
    assert [at for at, one in enumerate(left) if one.isspace()] == [
        at for at, one in enumerate(text) if one.isspace()
    ]
    assert all(one in (DOT, old) for one, old in zip(left, text, strict=True))
    assert secret not in unicodedata.normalize("NFKC", left) or secret in unicodedata.normalize(
        "NFKC", before + after
    )


@given(
    st.lists(
        st.sampled_from(["髙橋 美咲", "美咲野", "花様", "03-1234-5678", "090-", "が", " ", "x@y.example"])
    )
)
def test_of_several_all_is_blotted_that_one_of_them_blots(pieces: list[str]) -> None:
    text = "".join(pieces)

    left = blotted(text, [ALL, NOTHING, OTHER])

    alone = zip(ALL(text), OTHER(text), left, text, strict=True)
    assert all(now == DOT if DOT in (one, other) else now in (DOT, stood) for one, other, now, stood in alone)


PIECES = [
    "髙橋",
    "美咲",
    "タカハシ",
    "みさき",
    "様",
    "misaki",
    "@home",
    ".example",
    "０９０",
    "〇九〇",
    "-",
    "1234",
    "一二三四",
]
PIECES += [
    "5678",
    "+81",
    "90",
    "M",
    "1024",
    "〒102",
    "0001",
    "東京都",
    "千代田区",
    "1-2-3",
    "一丁目",
    "ハイツ窓口203",
    " ",
    "x",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_what_is_not_looked_for_could_not_have_been_found(pieces: list[str]) -> None:
    # given blotters that try every way of writing, whatever stands in the text
    text = "".join(pieces)
    for blot in (ALL, STRICT, OTHER):
        trying = Blotter(*([replace(way, needs="") for way in ways] for ways in (blot.known, blot.spaced)))

        # then they find no more
        assert blot(text) == trying(text)


@pytest.mark.parametrize(
    "many", ["a.", "a@", "a@a.", "a", "0-", "+81-", "81" + "-" * 40, "東京都", "1丁目", "M1024"]
)
def test_a_long_text_of_almost_what_is_kept_is_gone_through_once(many: str) -> None:
    # What went through it anew from each letter would take minutes.
    text = many * (200_000 // len(many))

    left = ALL(text)

    assert len(left) == len(text)
    assert set(left) <= {*text, DOT}
