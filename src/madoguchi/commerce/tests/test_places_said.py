"""Where something is to go, read from what somebody writes: whole, or with what was not read said beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.commerce.places_said import Place, place_mentioned


@given(
    st.from_regex(r"[1-9][0-9]{2}-[0-9]{4}", fullmatch=True, alphabet="0123456789-"),
    st.text(alphabet="京都市中京区三条通河原町東入0123456789-", min_size=1, max_size=30),
    st.sampled_from(["〒", "郵便番号:", "住所:〒", ""]),
    st.sampled_from([" ", "\n", " \n  "]),
)
def test_any_postcode_with_what_follows_is_read_as_it_stands(
    code: str, street: str, label: str, between: str
) -> None:
    street = f"京{street}"

    found = place_mentioned(f"よろしくお願いします。\n{label}{code}{between}{street}\n以上")

    assert found.address == street
    assert found.postcode == code


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "お名前: 伊藤 千尋様\nお届け先:〒604-8005 京都市中京区三条通1-2\n電話 090-1234-5678",
            Place("伊藤 千尋", "604-8005", "京都市中京区三条通1-2", "090-1234-5678"),
        ),
        ("〒6048005\n京都市中京区三条通1-2\n", Place("", "604-8005", "京都市中京区三条通1-2", "")),
        ("住所は東京都千代田区1-2-3です", Place("", "", "東京都千代田区1-2-3", "")),
        ("電話は03-1234-5678です。東京都からです", Place()),
        ("注文番号 1234567 について", Place()),
    ],
)
def test_a_place_is_read_as_it_was_written(text: str, place: Place) -> None:
    assert place_mentioned(text) == place


KAMIMIYA = "東京都渋谷区神宮前1-2-3 神宮ハイツ101"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "〒105-0014\n東京都港区芝1-2-3\n芝ガーデンハイツ 501号室\n小川 由美\n0312345678",
            Place(
                "",
                "105-0014",
                "東京都港区芝1-2-3 芝ガーデンハイツ 501号室",
                "0312345678",
                unread=("小川 由美",),
            ),
        ),
        (
            f"送り先: 〒150-0001 {KAMIMIYA} 田中太郎 電話 03-1234-5678",
            Place("", "150-0001", f"{KAMIMIYA} 田中太郎", "03-1234-5678", unsure=True),
        ),
        (
            f"送り先: 〒150-0001 {KAMIMIYA} 田中 太郎 様 TEL 03(1234)5678",
            Place("田中 太郎", "150-0001", KAMIMIYA, "03(1234)5678"),
        ),
        (f"{KAMIMIYA} 氏名:田中太郎 携帯 09012345678", Place("田中太郎", "", KAMIMIYA, "09012345678")),
        (f"{KAMIMIYA}田中太郎様", Place("田中太郎", "", KAMIMIYA)),
        (
            "東京都渋谷区神宮前1-2-3\nサンライズ\n田中太郎様\nTEL:(03)1234-5678",
            Place("田中太郎", "", "東京都渋谷区神宮前1-2-3", "(03)1234-5678", unread=("サンライズ",)),
        ),
        (
            "〒150-0001\n東京都渋谷区\n神宮前1-2-3\n神宮ハイツ101\n\n南部鉄瓶 ×2",
            Place("", "150-0001", KAMIMIYA),
        ),
        (
            "東京都渋谷区神宮前1-2-3 電話 03‐1234‐5678 神宮ハイツ101",
            Place("", "", "東京都渋谷区神宮前1-2-3", "03-1234-5678", unread=("神宮ハイツ101",)),
        ),
        (f"{KAMIMIYA}\n南部鉄瓶を2個\n注文番号 0312345678", Place("", "", KAMIMIYA)),
        (
            "東京都渋谷区神宮前1-2-3 田中様方\n建物名:芝ビル3F\n氏名:小川 由美",
            Place("小川 由美", "", "東京都渋谷区神宮前1-2-3 田中様方 芝ビル3F"),
        ),
    ],
)
def test_nothing_behind_the_first_line_of_an_address_is_lost_unsaid(text: str, place: Place) -> None:
    assert place_mentioned(text) == place


@given(
    st.lists(
        st.sampled_from(
            [
                "神宮ハイツ101",
                "サンライズ",
                "田中太郎",
                "501号室",
                "A棟 3階",
                "東館デパート前",
            ]
        ),
        max_size=3,
    )
)
def test_each_line_behind_an_address_is_part_of_it_or_said_to_be_unread(lines: list[str]) -> None:
    text = "\n".join(["〒150-0001", "東京都渋谷区神宮前1-2-3", *lines, "03-1234-5678"])

    place = place_mentioned(text)

    read = place.address.removeprefix("東京都渋谷区神宮前1-2-3").strip()
    assert " ".join(filter(None, (read, *place.unread))) == " ".join(lines)
    assert place.phone == "03-1234-5678"
