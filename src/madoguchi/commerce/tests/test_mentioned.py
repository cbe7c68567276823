"""Products, numbers of pieces and places to deliver to, read from what somebody writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.mentioned import Place, place_mentioned, products_mentioned
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(world: World) -> int:
    """A kettle, two sizes of tea and a tea that is called like part of theirs, a shirt in two colours."""
    ours = world.ours.company
    make_variant(ours, code="NB-01", name="南部鉄瓶", price=13_200)
    make_variant(ours, code="TEA-1", name="宇治煎茶 100g", price=1_080)
    make_variant(ours, code="TEA-10", name="宇治煎茶 200g", price=1_980)
    make_variant(ours, code="TEA-0", name="煎茶", price=500)
    make_variant(ours, code="S-W", product="S", name="麻シャツ", variant="白", price=5_000)
    make_variant(ours, code="S-K", product="S", name="麻シャツ", variant="紺", price=5_000)
    make_variant(world.theirs.company, code="X-1", name="よその鉄瓶")
    return ours.pk


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("南部鉄瓶をお願いします。", [("NB-01", 1)]),
        ("・宇治煎茶 100g 3袋\n・南部鉄瓶 ×2", [("TEA-1", 3), ("NB-01", 2)]),
        ("宇治煎茶200gを三つと、2個の南部鉄瓶を", [("TEA-10", 3), ("NB-01", 2)]),
        ("南部鉄瓶(13,200円)を1個", [("NB-01", 1)]),
        ("品番tea-10を5袋ください", [("TEA-10", 5)]),
        ("TEA-1 x2", [("TEA-1", 2)]),
        ("煎茶を2袋", [("TEA-0", 2)]),
        ("麻シャツの紺を2枚", [("S-K", 2)]),
        ("麻シャツを2枚", [("S-W", 2), ("S-K", 2)]),
        ("南部鉄瓶 二個", [("NB-01", 2)]),
        ("南部鉄瓶✕12", [("NB-01", 12)]),
        ("南部鉄瓶 1,200円", [("NB-01", 1)]),
        ("南部鉄瓶 250g", [("NB-01", 1)]),
        ("南部鉄瓶 0個", [("NB-01", 1)]),
        ("南部鉄瓶を\n3個", [("NB-01", 1)]),
        ("南部鉄瓶、宇治煎茶100g 2袋", [("NB-01", 1), ("TEA-1", 2)]),
        ("南部鉄瓶を2個。やはり南部鉄瓶を3個。", [("NB-01", 2)]),
        ("ＮＢ－０１を２個", [("NB-01", 2)]),
        ("NB-011とTEA-100", []),
        ("よその鉄瓶", []),
        ("", []),
    ],
)
def test_what_is_named_is_found_with_how_many(
    world: World, company: int, text: str, found: list[tuple[str, int]]
) -> None:
    with world.ours.scope():
        assert [(one.variant.code, one.count) for one in products_mentioned(text, company=company)] == found


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
