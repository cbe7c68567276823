"""What a customer is told of an order that has not come, and how its form is read. No database."""

from datetime import datetime
from uuid import UUID

import pytest
from django.http import QueryDict
from django.utils.translation import override

from madoguchi.commerce.models import Decision, Order, Parcel
from madoguchi.desk.parcels import Sent
from madoguchi.desk.returns import counts_in
from madoguchi.desk.whereabouts import Place, asked_in, words_for
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused

DUE = datetime(2026, 12, 4, 9, 5, tzinfo=TOKYO)
ORDER = Order(number=1001)
ONCE = "6f1cf1c4-6c6d-4a34-9d8a-0f3d9a1b2c3d"


def sent(state: str, carrier: str = "yamato", slip: str = "") -> Sent:
    return Sent(Parcel(state=state, carrier=carrier, slip=slip), slip, "", ())


@pytest.mark.parametrize(
    ("parcel", "words"),
    [
        (None, "ご注文 O-1001 は、現在発送の準備中です。"),
        (sent("preparing"), "ご注文 O-1001 は、現在「発送の準備中」です。"),
        (sent("handed_over"), "ご注文 O-1001 は、現在「配送会社へお渡し済み」です。"),
        (
            sent("in_transit", slip="123456789013"),
            "ご注文 O-1001 は、現在「配送中」です(ヤマト運輸、お問い合わせ番号 1234-5678-9013)。",
        ),
        (
            sent("absent", "sagawa", "123456789013"),
            "ご注文 O-1001 は、現在「ご不在のため持ち戻り」です(佐川急便、お問い合わせ番号 1234-5678-9013)。",
        ),
        (
            sent("delivered", "japan_post", "EE123456785JP"),
            "ご注文 O-1001 は、現在「配達完了」です(日本郵便、お問い合わせ番号 EE123456785JP)。",
        ),
        (
            sent("returned", "other", "A100"),
            "ご注文 O-1001 は、現在「当店へ返送済み」です(配送会社、お問い合わせ番号 A100)。",
        ),
    ],
)
def test_first_the_customer_is_told_where_it_is(parcel: Sent | None, words: str) -> None:
    first, _what_next = words_for("wait", ORDER, parcel, DUE).split("\n")

    assert first == words


@pytest.mark.parametrize(
    ("choice", "parcel", "words"),
    [
        ("wait", None, "恐れ入りますが、到着まで今しばらくお待ちいただけますでしょうか。"),
        (
            "ask_carrier",
            sent("in_transit", "sagawa"),
            "佐川急便に状況を確認しております。12月4日 09:05までに結果をご連絡いたします。",
        ),
        (
            "ask_carrier",
            None,
            "配送会社に状況を確認しております。12月4日 09:05までに結果をご連絡いたします。",
        ),
        (
            "ask_warehouse",
            None,
            "倉庫に発送の状況を確認しております。12月4日 09:05までに結果をご連絡いたします。",
        ),
        (
            "resend",
            sent("returned"),
            "同じ商品を改めてお送りいたします。代金はいただきません。"
            "発送しましたら、お問い合わせ番号をお知らせいたします。",
        ),
        (
            "refund",
            sent("returned"),
            "お届けできなかった商品の代金を返金いたします。手続きが済みましたら、改めてご連絡いたします。",
        ),
    ],
)
def test_then_what_is_done_in_japanese_whatever_staff_read(
    choice: str, parcel: Sent | None, words: str
) -> None:
    with override("en"):
        _where, what_next = words_for(choice, ORDER, parcel, DUE).split("\n")

    assert what_next == words


@pytest.mark.parametrize("choice", Decision.Choice.values)
@pytest.mark.parametrize("state", [None, *Parcel.State.values])
def test_there_are_words_for_every_choice_in_every_state(choice: str, state: str | None) -> None:
    said = words_for(choice, ORDER, sent(state) if state else None, DUE)

    assert said.startswith("ご注文 O-1001 は、")
    assert "{" not in said
    assert said.endswith("。")


def test_what_was_typed_is_read() -> None:
    form = QueryDict(
        f"order=7&parcel=8&choice=resend&reason=動きなし&words=お待ちください&due=2026-12-04T09:05&once={ONCE}"
        "&line=1&count=2&line=2&count=０&tell=1"
    )

    asked = asked_in(form)

    assert (asked.order, asked.parcel, asked.choice, asked.once) == (7, 8, "resend", UUID(ONCE))
    assert (asked.reason, asked.words, asked.due) == ("動きなし", "お待ちください", "2026-12-04T09:05")
    assert (asked.pieces, asked.tell) == ({1: "2", 2: "０"}, True)


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("order=x", "order", 0),
        ("order=-7", "order", 0),
        ("order=７", "order", 0),
        (f"order={'9' * 19}", "order", 0),
        (f"order={'9' * 18}", "order", 10**18 - 1),
        ("parcel=1.5", "parcel", 0),
        ("choice=pray", "choice", ""),
        ("", "choice", ""),
        ("choice=wait", "choice", "wait"),
        (f"reason={'a' * 400}", "reason", "a" * 300),
        (f"words={'a' * 3000}", "words", "a" * 2_000),
        (f"due={'1' * 99}", "due", "1" * 30),
        ("line=1&count=12345678", "pieces", {1: "123456"}),
        ("line=1", "pieces", {}),
        ("line=x&count=1", "pieces", {0: "1"}),
        ("tell=0", "tell", False),
        ("tell=yes", "tell", False),
        ("", "tell", True),
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(query: str, name: str, value: object) -> None:
    assert getattr(asked_in(QueryDict(query)), name) == value


def test_a_form_without_its_key_gets_one_of_its_own() -> None:
    first, second = (asked_in(QueryDict("once=nonsense")).once for _form in range(2))

    assert first != second


def test_a_page_with_a_problem_answers_so() -> None:
    asked = asked_in(QueryDict(""))

    assert [Place(asked=asked, orders=(), problem=said).status for said in ("", "何か")] == [200, 422]


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("line=1&count=2&line=3&count=4", {1: 2, 3: 4}),
        ("line=1&count=２", {1: 2}),
        ("line=1&count=+3+", {1: 3}),
        ("line=1&count=", {1: 0}),
        ("line=1&count=007", {1: 7}),
        ("line=x&count=1&line=2&count=1", {2: 1}),
        (f"line={'9' * 5000}&count=1&line=2&count=1", {2: 1}),
        ("line=1", {}),
        ("", {}),
    ],
)
def test_how_many_come_back_is_read_in_any_figures(query: str, counts: dict[int, int]) -> None:
    assert counts_in(QueryDict(query)) == counts


@pytest.mark.parametrize("count", ["一つ", "-1", "1.5", "1234567", "2個"])
def test_what_is_no_number_of_pieces_is_refused(count: str) -> None:
    form = QueryDict(mutable=True)
    form.update({"line": "1", "count": count})
    with override("en"), pytest.raises(Refused) as caught:
        counts_in(form)
    assert (caught.value.field, str(caught.value)) == ("pieces", "Write how many come back.")
