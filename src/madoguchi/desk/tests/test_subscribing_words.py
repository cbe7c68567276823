"""What is read to a customer before a subscription begins, word for word, and how often something is sent."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.utils.translation import override

from madoguchi.commerce.models import Order, OrderLine, SubscriptionTerms
from madoguchi.commerce.subscriptions import Agreed
from madoguchi.desk.subscribing import day_in, rhythm_of, typed_in, words_of
from madoguchi.kernel.errors import Refused
from madoguchi.storefronts.actions.connecting import domain_of


def said(*, least: int, **more: Any) -> list[str]:
    order = Order(payment=Order.Payment.TRANSFER)
    line = OrderLine(name="煎茶", quantity=2)
    usual: dict[str, Any] = {"every": 1, "unit": "month", "first_on": date(2027, 1, 31)}
    agreed = Agreed(**usual | more, line=1, total=None, terms=None, said="", once=uuid4())
    terms = SubscriptionTerms(words="解約は電話でも承ります。", notice_days=5, least_orders=least)
    with override("ja"):
        return words_of(order, line, agreed, terms, 2_160).split("\n")


def test_all_that_the_law_wants_said_is_said() -> None:
    assert said(least=1) == [
        "これは定期購入です。解約のお申し出があるまで続きます。",
        "お届けするもの: 煎茶 × 2、1か月ごと。",
        "次の注文日は 2027-01-31 です。",
        "1回の代金は税・送料込みで ¥2,160 です。お支払い: 銀行振込。",
        "解約・休止・1回とばしは、注文日の 5 日前まで承ります（次の分は 2027-01-26 まで）。",
        "解約は電話でも承ります。",
    ]


@pytest.mark.parametrize(
    ("least", "words"),
    [
        (2, "初回を含めて最低 2 回のお約束です。これからの分は合計 ¥2,160 です。"),
        (3, "初回を含めて最低 3 回のお約束です。これからの分は合計 ¥4,320 です。"),
        (6, "初回を含めて最低 6 回のお約束です。これからの分は合計 ¥10,800 です。"),
    ],
)
def test_how_many_are_taken_at_least_and_what_they_come_to(least: int, words: str) -> None:
    assert said(least=least)[4] == words


@pytest.mark.parametrize(
    ("every", "unit", "words"),
    [
        (1, "week", "1週間ごと"),
        (2, "week", "2週間ごと"),
        (4, "week", "4週間ごと"),
        (1, "month", "1か月ごと"),
        (2, "month", "2か月ごと"),
        (12, "month", "12か月ごと"),
    ],
)
def test_how_often(every: int, unit: str, words: str) -> None:
    with override("ja"):
        assert rhythm_of(every, unit) == words
    assert words in said(least=1, every=every, unit=unit)[1]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("line=7&rhythm=2+month&first_on=2027-01-31&total=2160", (7, 2, "month", date(2027, 1, 31), 2_160)),
        ("line=7&rhythm=4+week&first_on=2027-01-31", (7, 4, "week", date(2027, 1, 31), None)),
        ("line=x&rhythm=x&first_on=x&total=x", (0, 1, "month", None, None)),
        ("line=-1&rhythm=1+day&first_on=2027-02-30", (0, 1, "month", None, None)),
        ("", (0, 1, "month", None, None)),
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(written: str, read: tuple[Any, ...]) -> None:
    typed = typed_in(QueryDict(written).dict())

    assert (typed.line, typed.every, typed.unit, typed.first_on, typed.total) == read


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-01-31", date(2027, 1, 31)),
        ("2027-02-29", None),
        ("31.1.2027", None),
        ("", None),
        ("明日", None),
    ],
)
def test_a_day_as_forms_send_it(written: str, day: date | None) -> None:
    assert day_in(written) == day


@pytest.mark.parametrize(
    "written",
    [
        "hanamoto.myshopify.com",
        "Hanamoto.MyShopify.com",
        "https://hanamoto.myshopify.com",
        "https://hanamoto.myshopify.com/admin/settings",
        "  hanamoto.myshopify.com.  ",
        "ｈａｎａｍｏｔｏ.myshopify.com",
    ],
)
def test_the_domain_of_a_shop_however_it_was_copied(written: str) -> None:
    assert domain_of(written) == "hanamoto.myshopify.com"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hanamoto",
        "hanamoto.jp",
        "www.hanamoto.jp",
        ".myshopify.com",
        "-a.myshopify.com",
        "a b.myshopify.com",
        "a.b.myshopify.com",
        "myshopify.com",
        "hanamoto.myshopify.com.example",
    ],
)
def test_what_is_no_domain_of_a_shop_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        domain_of(written)

    assert refused.value.field == "domain"
