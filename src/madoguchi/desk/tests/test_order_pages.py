"""Orders at the desk: taken from a case by Enter alone, read back, taken once; and what the customer bought."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Look
from madoguchi.commerce.actions import move_order, set_up_shop, write_policy, write_shipping_rule
from madoguchi.commerce.campaigns import SaidOfCampaign, keep_campaign
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import Order, Variant
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.referrals import give_referral
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer, set_places
from madoguchi.customers.factories import make_customer
from madoguchi.desk.tests.conftest import HTMX, counted, everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra import scope
from madoguchi.infra.models import RateCount
from madoguchi.kernel.actor import DataScope, system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
WHERE = {"recipient": "髙橋 美咲", "address": "京都市中京区三条通河原町東入", "payment": "on_delivery"}


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(
        world.ours.company, code="NB-01", name="南部鉄瓶", kana="ナンブテツビン", price=13_200, stock=4
    )


@pytest.fixture
def form_at(case: Case, number: str) -> str:
    return f"/cases/{number}/order/"


def hidden(answer: str) -> dict[str, Any]:
    """What the form takes along, so that it can be sent as a browser does."""
    found: dict[str, Any] = {"piece": [], "count": []}
    for tag in re.findall(r"<input[^>]*>", answer):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and value and name[1] != "csrfmiddlewaretoken":
            if name[1] in ("piece", "count"):
                found[name[1]].append(value[1])
            else:
                found[name[1]] = value[1]
    return found


def orders() -> list[Any]:
    return everything(Order)


def test_an_order_is_taken_by_enter_alone(
    agent: Client, world: World, case: Case, number: str, form_at: str, kettle: Variant
) -> None:
    opened = hidden(text(agent.get(form_at)))

    # The reading and Enter: it is the only one, and stands there.
    chosen = text(agent.post(form_at, opened | WHERE | {"q": "なんぶ", "do": "next"}))
    assert f'name="piece" value="{kettle.pk}"' in chosen
    # Two of them, and Enter with nothing to look for: it is read back.
    read_back = text(agent.post(form_at, hidden(chosen) | WHERE | {"count": ["2"], "do": "next"}))
    assert "¥26,400" in read_back
    assert "うち消費税 ¥2,400" in read_back
    assert "京都市中京区三条通河原町東入" in read_back
    assert "代金引換" in read_back
    assert orders() == []
    # Enter once more.
    taken = agent.post(form_at, hidden(read_back) | {"do": "place"})

    assert (taken.status_code, taken["Location"]) == (302, f"/cases/{number}/")
    (order,) = orders()
    with world.ours.scope():
        (line,) = in_order(order)
    assert (order.total, order.customer_id, order.case_id) == (26_400, case.customer_id, case.pk)
    assert (order.user, order.recipient, order.payment) == (world.ours.agent, "髙橋 美咲", "on_delivery")
    assert (line.name, line.quantity) == ("南部鉄瓶", 2)
    conversation = text(agent.get(f"/cases/{number}/"))
    assert f"{world.ours.agent.name}さんが注文 O-1001（¥26,400）を受けました" in conversation


@pytest.mark.parametrize(("said", "kept"), [("", "新聞"), ("テレビ", "テレビ")])
def test_an_order_says_through_which_medium_it_was_found(
    agent: Client, world: World, form_at: str, kettle: Variant, said: str, kept: str
) -> None:
    with world.ours.scope():
        world.ours.entry_point.medium = "新聞"
        world.ours.entry_point.save()
    opened = text(agent.get(form_at))
    form = hidden(opened) | WHERE | {"piece": [kettle.pk], "count": ["1"], "medium": said}
    read_back = text(agent.post(form_at, form | {"do": "next"}))
    agent.post(form_at, hidden(read_back) | {"do": "place"})

    assert "空欄のときは、受付口の掲載先の「新聞」になります" in opened
    assert ("購入経路" in read_back) == bool(said)
    [order] = orders()
    assert order.medium == kept
    assert f"<dt>購入経路</dt><dd>{kept}</dd>" in text(agent.get(f"/orders/{order.pk}/"))


def test_a_fee_is_read_back_where_one_is_said(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    form, told = hidden(text(agent.get(form_at))) | WHERE | {"piece": [kettle.pk], "count": ["1"]}, []
    for fee in (None, 660):
        with world.ours.scope():
            said = {"fee": fee, "free_from": None, "regions": {}, "days": 2}
            write_shipping_rule(world.ours.company, **said, by=system("test"))
        read_back = text(agent.post(form_at, form | {"do": "next"}))
        told.append(("<dt>送料</dt>" in read_back, "<dd>¥660</dd>" in read_back, "¥13,200" in read_back))

    assert told == [(False, False, True), (True, True, True)]


def test_pressing_twice_takes_one_order(agent: Client, form_at: str, kettle: Variant) -> None:
    form = hidden(text(agent.get(form_at))) | WHERE | {"piece": [kettle.pk], "count": ["1"]}
    read_back = hidden(text(agent.post(form_at, form | {"do": "next"})))

    for _press in range(2):
        assert agent.post(form_at, read_back | {"do": "place"}).status_code == 302

    assert [order.number for order in orders()] == [1001]


def test_of_two_whose_codes_are_alike_none_is_taken_by_itself(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    alike = make_variant(world.ours.company, code=kettle.code.lower(), name="別の鉄瓶", price=1)

    offered = text(agent.post(form_at, WHERE | {"q": kettle.code, "do": "next"}))

    assert [f'name="add" value="{one.pk}"' in offered for one in (kettle, alike)] == [True, True]
    assert 'name="piece"' not in offered


def test_a_name_that_is_too_long_is_kept_in_the_form_and_refused_with_its_length(
    agent: Client, form_at: str, kettle: Variant
) -> None:
    long = "株式会社" + "長" * 200
    typed = hidden(text(agent.get(form_at))) | WHERE | {"piece": [kettle.pk], "count": ["1"], "do": "next"}

    told = agent.post(form_at, typed | {"recipient": long})

    assert (told.status_code, "204文字" in text(told), long in text(told)) == (422, True, True)
    assert "200" in text(told)
    assert orders() == []


def test_no_browser_cuts_a_name_where_it_is_typed() -> None:
    source = Path(__file__).parents[2]
    names = {"recipient", "address", "phone", "postcode", "caller", "call_back", "who", "name"}
    fields = re.compile(r'<(?:input|textarea)\b[^>]*?\bname="(\w+)"[^>]*?\bmaxlength=')
    cut = [
        f"{path.name}: {found[1]}"
        for app in ("desk", "administration")
        for path in (source / app / "templates").rglob("*.html")
        for found in fields.finditer(path.read_text())
        if found[1] in names
    ]
    assert cut == []


def test_several_are_offered_and_one_is_chosen(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    small = make_variant(world.ours.company, code="NB-02", name="南部鉄瓶 小", price=9_900)

    offered = text(agent.post(form_at, WHERE | {"q": "鉄瓶", "do": "next"}))
    assert [f'name="add" value="{one.pk}"' in offered for one in (kettle, small)] == [True, True]
    assert "在庫 4" in offered
    assert "在庫は不明" in offered
    assert 'name="piece"' not in offered

    chosen = text(agent.post(form_at, WHERE | {"q": "鉄瓶", "add": str(small.pk)}))
    again = text(agent.post(form_at, hidden(chosen) | WHERE | {"add": str(small.pk)}))
    assert hidden(again)["piece"] == [str(small.pk)]
    assert hidden(again)["count"] == ["2"]


def test_what_is_called_just_so_is_put_down_and_figures_may_be_wide(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    small = make_variant(world.ours.company, code="NB-2", name="南部鉄瓶 小", price=9_900)
    make_variant(world.ours.company, code="NB-20", name="南部鉄瓶 大", price=19_900)

    chosen = hidden(text(agent.post(form_at, WHERE | {"q": "ｎｂ－２", "do": "next"})))
    read = text(agent.post(form_at, WHERE | {"piece": [small.pk], "count": ["３"], "do": "read"}))

    assert chosen["piece"] == [str(small.pk)]
    assert "¥29,700" in read


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"q": "鉄瓶", "do": "read", "count": ["1"]}, "「鉄瓶」が「商品」の欄に残っています。"),
        ({"q": "湯呑", "do": "next"}, "「湯呑」という商品は見つかりません。"),
        ({"do": "next"}, "先に商品を選んでください。"),
        ({"do": "place"}, "先に注文を復唱してください。"),
        ({"do": "next", "count": ["三"]}, "数量は 1 から 9999 までで入力してください。"),
        ({"do": "next", "count": ["1"], "address": ""}, "お届け先の住所を入力してください。"),
        ({"do": "next", "count": ["1"], "recipient": " "}, "お届け先のお名前を入力してください。"),
        ({"do": "next", "count": ["1"], "payment": "card"}, "お支払い方法を選んでください。"),
        ({"do": "next", "count": ["1"], "postcode": "60-80"}, "「60-80」は郵便番号として読めません。"),
        ({"do": "next", "count": ["1"], "phone": "昼のみ"}, "「昼のみ」は電話番号として読めません。"),
        ({"do": "next", "count": ["0"]}, "先に商品を選んでください。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    agent: Client, form_at: str, kettle: Variant, form: dict[str, Any], words: str
) -> None:
    pieces = {"piece": [kettle.pk]} if "count" in form else {}
    answer = agent.post(form_at, WHERE | {"note": "夕方に"} | pieces | form)

    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="夕方に"' in text(answer)
    assert orders() == []


def test_more_than_is_in_stock_is_said_before_it_is_taken(
    agent: Client, form_at: str, kettle: Variant
) -> None:
    form = WHERE | {
        "piece": [kettle.pk],
        "count": ["6"],
        "postcode": "〒６０４－８００５",
        "phone": "０７５（０００）００００",
    }
    read_back = text(agent.post(form_at, form | {"do": "next"}))

    assert "南部鉄瓶: 在庫 4、取り寄せ 2" in read_back
    assert "取り寄せ 2点を含めて確定する" in read_back
    assert ("〒604-8005" in read_back, "075-000-0000" in read_back) == (True, True)
    assert agent.post(form_at, hidden(read_back) | {"do": "place"}).status_code == 302
    (order,) = orders()
    assert order.phone == "+81750000000"
    shown = text(agent.get(f"/orders/{order.pk}/"))
    assert ("取り寄せ 2" in shown, "075-000-0000" in shown) == (True, True)


def test_products_are_offered_while_one_types(
    agent: Client, company_staff: Client, stranger: Client, form_at: str, kettle: Variant
) -> None:
    told = agent.get(f"{form_at}products/", {"q": "なんぶ"}).json()
    assert told["products"] == [
        {"id": str(kettle.pk), "name": "南部鉄瓶", "code": "NB-01", "price": "¥13,200", "stock": "在庫 4"}
    ]
    assert agent.get(f"{form_at}products/", {"q": "湯呑"}).json()["products"] == []
    assert company_staff.get(f"{form_at}products/", {"q": "なんぶ"}).status_code == 403
    assert stranger.get(f"{form_at}products/", {"q": "なんぶ"}).status_code == 404


def test_a_price_that_changed_since_is_read_back_again(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    form = WHERE | {"piece": [kettle.pk], "count": ["1"]}
    read_back = hidden(text(agent.post(form_at, form | {"do": "next"})))
    make_variant(world.ours.company, code="NB-01", name="南部鉄瓶", price=14_300)

    answer = agent.post(form_at, read_back | {"do": "place"})

    assert answer.status_code == 409
    assert "もう一度復唱してください" in text(answer)
    assert orders() == []


def test_nonsense_in_the_form_is_as_if_it_were_not_there(agent: Client, form_at: str) -> None:
    nonsense = {
        "piece": ["x", "9" * 30, "-1"],
        "count": ["1", "1", "1"],
        "once": "x",
        "total": "x",
        "add": "x",
    }
    assert agent.post(form_at, WHERE | nonsense | {"do": "next"}).status_code == 422
    assert orders() == []


def test_the_form_opens_with_what_is_known_of_the_customer(
    agent: Client, world: World, case: Case, form_at: str
) -> None:
    with world.ours.scope():
        change_customer(case.customer, address="大阪市北区梅田1-1", by=actor_of(world.ours.agent))
    opened = text(agent.get(form_at))
    assert 'value="髙橋 美咲"' in opened
    assert 'value="大阪市北区梅田1-1"' in opened
    assert opened.count("autofocus") == 1


def test_what_the_contract_keeps_from_a_reader_stays_unseen(
    agent: Client, world: World, case: Case, form_at: str, kettle: Variant
) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        world.ours.engagement.masked = ["address", "phone"]
        world.ours.engagement.hidden = ["name"]
        world.ours.engagement.save()
    assert actor_of(world.ours.agent).data_scope(company=world.ours.company.pk) == DataScope(
        masked=frozenset({"address", "phone"}), hidden=frozenset({"name"})
    )

    shown = text(agent.get(f"/orders/{order.pk}/"))
    opened = text(agent.get(form_at))

    for answer in (shown, opened):
        assert "髙橋" not in answer
        assert "中京区" not in answer
    assert "075-000-0000" not in shown


def test_the_last_orders_stand_beside_the_case(
    agent: Client, world: World, case: Case, number: str, kettle: Variant
) -> None:
    radio = make_variant(world.ours.company, name="防災ラジオ", price=5_500, warranty_months=12)
    for piece in (kettle, kettle, kettle, kettle, radio, kettle):
        order_of(case.customer_id, case.desk_id, (piece, 1))

    with counted() as cost:
        part = text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))

    assert [f"O-{n}" in part for n in range(1001, 1007)] == [False, True, True, True, True, True]
    assert part.count("保証は ") == 1
    assert "¥5,500" in part
    assert "<html" not in part
    assert len([q for q in cost.queries if "commerce_" in q]) == 5
    whole = text(agent.get(f"/cases/{number}/purchases/"))
    assert "<html" in whole
    assert f'href="/cases/{number}/order/"' in text(agent.get(f"/cases/{number}/"))


def test_an_order_of_somebody_else_that_is_named_in_the_case_is_pointed_out(
    agent: Client, world: World, case: Case, number: str, kettle: Variant
) -> None:
    other = make_case(world.ours.entry_point)
    theirs = order_of(other.customer_id, case.desk_id, (kettle, 1))
    own = order_of(case.customer_id, case.desk_id, (kettle, 1))
    say_again(case, text="注文番号はO-1001です。O-1002も、#1009も、電話1001も見てください。")

    part = text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))
    [notice] = re.findall(r'<div class="notice warn">.*?</div></div>', part, re.S)
    assert "別のお客様" in notice
    assert re.findall(r'<a class="nowrap" href="/orders/(\d+)/">([^<]+)</a>', notice) == [
        (str(theirs.pk), "O-1001")
    ]
    assert str(own) not in notice

    shown = text(agent.get(f"/cases/{world.ours.company.prefix}-{other.number}/purchases/", headers=HTMX))
    assert "別のお客様" not in shown


def test_without_orders_it_says_so(agent: Client, number: str) -> None:
    assert "まだ注文はありません。" in text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))


def test_an_order_has_a_page_and_moves_on_there(
    agent: Client, world: World, case: Case, number: str, kettle: Variant
) -> None:
    with world.ours.scope():
        write_policy(world.ours.company, words="到着後8日以内は返品できます。", days=8, by=SHELL)
    order = order_of(case.customer_id, case.desk_id, (kettle, 2), case=case.pk)

    page = text(agent.get(f"/orders/{order.pk}/"))
    looks = [(look.user_id, look.customer_id) for look in everything(Look)]
    assert looks == [(world.ours.agent.pk, case.customer_id)]
    assert f'href="/cases/{number}/"' in page
    assert re.findall(r'name="kind" value="([\w-]+)"', page) == ["invoice"]
    for words in ("O-1001", "¥26,400", "¥24,000", "¥2,400", "〒604-8005", "到着後8日以内は返品できます。"):
        assert words in page
    assert re.findall(r'name="state" value="(\w+)">([^<]+)<', page) == [
        ("shipped", "発送済みにする"),
        ("cancelled", "注文を取り消す…"),
    ]

    assert agent.post(f"/orders/{order.pk}/move/", {"state": "shipped"}).status_code == 302
    assert [one.state for one in orders()] == ["shipped"]
    shipped = text(agent.get(f"/orders/{order.pk}/"))
    assert re.findall(r'name="kind" value="([\w-]+)"', shipped) == ["invoice", "delivery-note"]
    assert "注文 O-1001 を「発送済み」にしました" in text(agent.get(f"/cases/{number}/"))
    refused = agent.post(f"/orders/{order.pk}/move/", {"state": "cancelled"})
    assert refused.status_code == 422
    assert [one.state for one in orders()] == ["shipped"]


def test_the_company_reads_and_takes_none(
    company_staff: Client, world: World, case: Case, number: str, form_at: str, kettle: Variant
) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))

    shown = text(company_staff.get(f"/orders/{order.pk}/"))
    assert "O-1001" in shown
    assert 'name="state"' not in shown
    assert "O-1001" in text(company_staff.get(f"/cases/{number}/purchases/", headers=HTMX))
    assert f'href="/cases/{number}/order/"' not in text(company_staff.get(f"/cases/{number}/"))
    assert company_staff.get(form_at).status_code == 403
    assert company_staff.post(form_at, {"do": "place"}).status_code == 403
    assert company_staff.post(f"/orders/{order.pk}/move/", {"state": "shipped"}).status_code == 403
    assert [one.state for one in orders()] == ["placed"]


def test_another_companys_people_find_nothing(
    stranger: Client, case: Case, number: str, form_at: str, kettle: Variant
) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    for address in (form_at, f"/cases/{number}/purchases/", f"/orders/{order.pk}/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/orders/{order.pk}/move/", {"state": "shipped"}).status_code == 404
    assert [one.state for one in orders()] == ["placed"]


def test_a_cancelled_order_has_no_warranty(agent: Client, world: World, case: Case, number: str) -> None:
    radio = make_variant(world.ours.company, name="防災ラジオ", price=5_500, warranty_months=12)
    order = order_of(case.customer_id, case.desk_id, (radio, 1))
    with world.ours.scope():
        move_order(order, "cancelled", by=SHELL)
    part = text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))
    assert "取り消し" in part
    assert "保証は" not in part


def test_before_an_order_is_cancelled_it_is_asked(
    agent: Client, world: World, case: Case, kettle: Variant
) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        set_up_shop(world.ours.company, registration_number="T7000012050002", by=SHELL)
        issue(order, Kind.INVOICE, by=SHELL)

    asked = agent.post(f"/orders/{order.pk}/move/", {"state": "cancelled"})
    assert "注文 O-1001 を取り消しますか" in text(asked)
    assert "発行した書類 1件は、取消済みとして残ります。" in text(asked)
    assert [one.state for one in orders()] == ["placed"]

    agent.post(f"/orders/{order.pk}/move/", {"state": "cancelled", "sure": "1"})
    assert [one.state for one in orders()] == ["cancelled"]
    for page in (f"/orders/{order.pk}/", "/papers/"):
        assert re.search(r"INV-1001</a> <span class=\"tag warn\">取消済み</span>", text(agent.get(page)))


def test_a_coupon_is_named_read_back_and_its_quota_goes_down(
    agent: Client, world: World, case: Case, form_at: str, kettle: Variant
) -> None:
    with world.ours.scope():
        said = SaidOfCampaign(
            name="春の割引",
            words="全品1割引",
            kind="percent",
            amount=10,
            begins=date(2020, 1, 1),
            code="HARU",
            quota=2,
        )
        keep_campaign(world.ours.company, said, by=SHELL)
    opened = text(agent.get(form_at))
    typed = hidden(opened) | WHERE | {"piece": [str(kettle.pk)], "count": ["1"], "do": "read"}
    wrong = agent.post(form_at, typed | {"coupon": "HARI"})
    read_back = text(agent.post(form_at, typed | {"coupon": "ｈａｒｕ"}))

    assert (
        RateCount.objects.filter(key__startswith="coupon:").count() == 2
    )  # of the person, and of the company
    assert "残り 2" in opened
    assert (wrong.status_code, "クーポン「HARI」はここではご利用いただけません" in text(wrong)) == (422, True)
    assert "春の割引 <b>−¥1,320</b>" in read_back
    assert "¥11,880" in read_back
    assert orders() == []
    assert agent.post(form_at, hidden(read_back) | {"do": "place"}).status_code == 302
    (order,) = orders()
    page = text(agent.get(f"/orders/{order.pk}/"))
    assert (order.total, "¥13,200" in page, "春の割引 (−¥1,320)" in page) == (11_880, True, True)
    assert "残り 1" in text(agent.get(form_at))


def test_the_payment_link_goes_into_the_answer_once(
    agent: Client, supervisor: Client, stranger: Client, world: World, case: Case, number: str
) -> None:
    order = order_of(case.customer_id, case.desk_id, case=case.pk)
    with world.ours.scope():
        Order.objects.filter(pk=order.pk).update(payment="link")
        assert agent.post(f"/orders/{order.pk}/link/").status_code == 422
        set_up_shop(world.ours.company, by=SHELL, payment_link="https://pay.example/?o={order}&yen={total}")
    link = f"https://pay.example/?o=O-{order.number}&yen={order.total}"

    page = agent.get(f"/orders/{order.pk}/").content.decode()
    told = [agent.post(f"/orders/{order.pk}/link/") for _n in range(2)]

    assert link.replace("&", "&amp;") in page
    assert [one.headers["Location"] for one in told] == [f"/cases/{number}/#composer"] * 2
    [draft] = everything(Draft, kind="reply")
    asked = f"ご注文 O-{order.number}（¥{order.total:,}）のお支払いは、こちらからお願いいたします。"
    assert draft.text == f"{asked}\n{link}"
    assert stranger.post(f"/orders/{order.pk}/link/").status_code == 404
    assert signed_in(world.ours.company_manager).post(f"/orders/{order.pk}/link/").status_code == 403


def test_other_addresses_of_the_customer_are_offered_to_who_sees_them(
    agent: Client, world: World, case: Case, number: str
) -> None:
    at = f"/cases/{number}/order/"
    assert 'list="places"' not in agent.get(at).text
    with world.ours.scope():
        set_places(
            case.customer,
            written=["京都市中京区三条通12-3", "大阪市北区梅田1-1"],
            by=actor_of(world.ours.agent),
        )

    page = agent.get(at).text

    assert [
        words in page for words in ("京都市中京区三条通12-3", "大阪市北区梅田1-1", "ほかの住所が2件")
    ] == [True] * 3
    with scope.everywhere(reason="a test changes a contract"):
        Engagement.objects.filter(desk=world.ours.desk).update(masked=["address"])
    hidden = agent.get(at).text
    assert ("三条通" in hidden, 'list="places"' in hidden) == (False, False)


def test_an_order_names_who_recommended_the_company_and_a_code_of_nobody_is_told_at_its_field(
    agent: Client, world: World, form_at: str, kettle: Variant
) -> None:
    friend = make_customer(world.ours.company)
    with world.ours.scope():
        code = give_referral(friend, desk=world.ours.desk, by=actor_of(world.ours.agent))
    form = hidden(text(agent.get(form_at))) | WHERE | {"piece": [kettle.pk], "count": ["1"]}

    refused = text(agent.post(form_at, form | {"referral": "ZZZZZZ", "do": "next"}))
    read_back = text(agent.post(form_at, form | {"referral": code.lower(), "do": "next"}))
    agent.post(form_at, hidden(read_back) | {"do": "place"})

    assert 'name="referral" value="ZZZZZZ"' in refused
    assert "このコードのお客様は見つかりません" in refused
    assert f"<dt>紹介コード</dt><dd>{code}</dd>" in read_back
    [order] = orders()
    assert order.referral == code
    assert f"<dt>紹介コード</dt><dd>{code}</dd>" in text(agent.get(f"/orders/{order.pk}/"))
