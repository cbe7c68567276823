"""Papers about orders: given once and once more, kept for good, found by day, amount and the other side."""

import hashlib
import html
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Look
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.commerce.queries import MOST_PAPERS
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.fixture
def order(world: World, case: Case) -> Order:
    """Two kettles and three packs of tea, which have come."""
    company = world.ours.company
    kettle = make_variant(company, name="①南部鉄瓶", price=13_200)
    tea = make_variant(company, name="宇治煎茶", price=1_080, tax_rate=8)
    with world.ours.scope():
        set_up_shop(company, by=SHELL, name="㈱髙﨑商店", registration_number="T7000012050002")
    with clock.held_at(NOON):
        made = order_of(case.customer_id, case.desk_id, (kettle, 2), (tea, 3), case=case.pk)
        with world.ours.scope():
            move_order(made, "shipped", by=SHELL)
            move_order(made, "delivered", by=SHELL)
    return made


def give(world: World, order: Order, kind: Kind = Kind.INVOICE) -> IssuedDocument:
    with world.ours.scope(), clock.held_at(NOON):
        return issue(order, kind, by=actor_of(world.ours.agent), again=True)


def shown(response: object) -> str:
    """What a page says, without its frame."""
    return text(response).partition("<main")[2].partition("</main>")[0]


def words(document: IssuedDocument) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(bytes(document.pdf))).pages)


def test_an_invoice_says_what_was_ordered_and_is_told_in_the_log(
    world: World, order: Order, case: Case
) -> None:
    made = give(world, order)

    assert (made.number, made.partner, made.day, made.total) == (
        "INV-1001",
        "髙橋 美咲",
        date(2026, 11, 29),
        29_640,
    )
    said = words(made)
    for wanted in (
        "請 求 書",
        "番号 INV-1001",
        "㈱髙﨑商店",
        "登録番号 T7000012050002",
        "髙橋 美咲 様",
        "①南部鉄瓶 2 13,200 10%(税込) 26,400",
        "宇治煎茶 ※ 3 1,080 8%(税込) 3,240",
        "合計 ¥27,000 ¥2,640 ¥29,640",
    ):
        assert wanted in said
    with world.ours.scope():
        event = Event.objects.get(kind="document.issued")
    assert (event.case_id, event.data) == (
        case.pk,
        {
            "document": made.pk,
            "order": order.pk,
            "number": "INV-1001",
            "again": False,
            "sha256": hashlib.sha256(made.pdf).hexdigest(),
        },
    )


@pytest.mark.parametrize(
    ("payment", "shown"), [("on_delivery", False), ("link", False), ("transfer", True), ("later", True)]
)
def test_the_bank_stands_where_one_pays_by_it(world: World, order: Order, payment: str, shown: bool) -> None:
    # given a shop with a bank account, and an order that is paid in some way
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, bank="みどり銀行 本店 普通 1234567")
        Order.objects.filter(pk=order.pk).update(payment=payment)
        order.refresh_from_db()
    # when an invoice is given
    made = give(world, order)
    # then it names the bank to those alone who pay by it
    assert ("みどり銀行" in words(made)) is shown


def test_given_once_more_it_says_so_under_a_number_of_its_own(world: World, order: Order) -> None:
    first, again = give(world, order), give(world, order)

    assert (again.number, again.reissue_of_id, first.reissue_of_id) == ("INV-1002", first.pk, None)
    assert ("再発行" in words(first), "再発行" in words(again)) == (False, True)
    assert give(world, order, Kind.RECEIPT).number == "RCT-1001"
    assert give(world, order, Kind.DELIVERY_NOTE).number == "DLV-1001"


def test_given_once_more_it_is_the_same_paper_whatever_the_shop_is_called_now(
    world: World, order: Order
) -> None:
    first = give(world, order)
    later = datetime(2026, 12, 24, 3, tzinfo=UTC)
    with world.ours.scope(), clock.held_at(later):
        set_up_shop(world.ours.company, by=SHELL, name="株式会社新しい店", rounding="ceil")
        again = issue(order, Kind.INVOICE, by=actor_of(world.ours.agent), again=True)
        third = issue(order, Kind.INVOICE, by=actor_of(world.ours.agent), again=True)

    assert (again.day, again.total, again.partner, again.at) == (first.day, first.total, first.partner, later)
    kept = words(first).replace("INV-1001", "INV-1002").split()
    assert [word for word in words(again).split() if word != "再発行"] == kept
    assert ("㈱髙﨑商店" in words(again), "新しい店" in words(again)) == (True, False)
    assert words(third) == words(again).replace("INV-1002", "INV-1003")


def test_of_what_was_not_kept_no_other_is_made(world: World, order: Order, as_owner: Any) -> None:
    first = give(world, order)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE commerce_issueddocument SET kept = NULL")
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(Refused, match="INV-1001"):
        give(world, order)
    assert [one.pk for one in everything(IssuedDocument)] == [first.pk]


def test_a_delivery_note_waits_until_the_goods_were_sent(agent: Client, world: World, case: Case) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")
    order = order_of(case.customer_id, case.desk_id)
    assert 'value="delivery-note"' not in text(agent.get(f"/orders/{order.pk}/"))
    with pytest.raises(Refused):
        give(world, order, Kind.DELIVERY_NOTE)
    assert everything(IssuedDocument) == []

    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)

    assert 'value="delivery-note"' in text(agent.get(f"/orders/{order.pk}/"))
    assert give(world, order, Kind.DELIVERY_NOTE).number == "DLV-1001"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE commerce_issueddocument SET total = 1", "DELETE FROM commerce_issueddocument"],
)
def test_nobody_changes_or_deletes_it(world: World, order: Order, statement: str) -> None:
    made = give(world, order)

    with (
        world.ours.scope(),
        pytest.raises(DatabaseError, match="never change"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    with world.ours.scope():
        assert IssuedDocument.objects.get().total == made.total


def test_a_receipt_waits_until_the_money_has_come(world: World, case: Case) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")
    order = order_of(case.customer_id, case.desk_id)
    with pytest.raises(Refused):
        give(world, order, Kind.RECEIPT)
    with pytest.raises(Refused):
        give(world, order, Kind.RETURN_SLIP)
    with world.ours.scope():
        move_order(order, "cancelled", by=SHELL)
    with pytest.raises(Refused):
        give(world, order)
    assert everything(IssuedDocument) == []


def test_without_what_the_law_wants_there_is_no_paper_and_no_number(world: World, case: Case) -> None:
    order = order_of(case.customer_id, case.desk_id)
    with pytest.raises(Refused) as caught:
        give(world, order)
    assert caught.value.field == "issuer.name"
    assert everything(IssuedDocument) == []
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")
    assert give(world, order).number == "INV-1001"


def test_the_company_gives_none(world: World, order: Order) -> None:
    with world.ours.scope(), pytest.raises(NotAllowed):
        issue(order, Kind.INVOICE, by=actor_of(world.ours.company_manager))
    assert everything(IssuedDocument) == []


def test_it_is_given_opened_and_told_on_pages(agent: Client, world: World, order: Order, number: str) -> None:
    given = agent.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"})
    assert (given.status_code, given["Location"]) == (302, f"/orders/{order.pk}/")
    (made,) = everything(IssuedDocument)

    page = text(agent.get(f"/orders/{order.pk}/"))
    link = f"/papers/{made.pk}/INV-1001.pdf"
    assert f'href="{link}"' in page
    pdf = agent.get(link)
    assert (pdf["Content-Type"], pdf["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="INV-1001.pdf"',
    )
    assert pdf.content == bytes(made.pdf)
    assert "が請求書 INV-1001 を発行しました" in text(agent.get(f"/cases/{number}/"))
    assert agent.post(f"/orders/{order.pk}/papers/", {"kind": "return-slip"}).status_code == 422


def test_before_it_is_given_once_more_it_is_asked(agent: Client, world: World, order: Order) -> None:
    first = give(world, order)

    asked = text(agent.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"}))
    assert "請求書 INV-1001 は発行済みです" in asked
    assert f'href="/papers/{first.pk}/INV-1001.pdf"' in asked
    with world.ours.scope(), pytest.raises(Refused, match="INV-1001 は発行済みです"):
        issue(order, Kind.INVOICE, by=actor_of(world.ours.agent))
    assert [one.number for one in everything(IssuedDocument)] == ["INV-1001"]

    agent.post(f"/orders/{order.pk}/papers/", {"kind": "invoice", "sure": "1"})
    assert [one.number for one in everything(IssuedDocument)] == ["INV-1001", "INV-1002"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"since": "2026-11-29", "until": "2026-11-29"}, True),
        ({"since": "2026-11-30"}, False),
        ({"until": "2026-11-28"}, False),
        ({"least": "29640", "most": "29640"}, True),
        ({"least": "29641"}, False),
        ({"most": "29639"}, False),
        ({"partner": "髙橋"}, True),
        ({"partner": "佐藤"}, False),
        ({"partner": "髙橋", "least": "1", "since": "2026-01-01"}, True),
    ],
)
def test_it_is_found_by_day_amount_and_the_other_side(
    agent: Client, world: World, order: Order, query: dict[str, str], found: bool
) -> None:
    give(world, order)
    page = shown(agent.get("/papers/", query))
    assert ("INV-1001" in page, "見つかりませんでした" in page) == (found, not found)


def test_people_of_a_desk_find_what_was_sold_there_and_are_known_to_have_looked(
    agent: Client, world: World, order: Order, case: Case
) -> None:
    # given a paper of the agent's desk, and one of another desk of the company
    give(world, order)
    elsewhere = make_case(make_entry_point(make_desk(world.ours.company)))
    other = order_of(elsewhere.customer_id, elsewhere.desk_id)
    with world.ours.scope():
        issue(other, Kind.INVOICE, by=SHELL)
    # when the agent and the company's own people look for papers
    seen = [shown(agent.get("/papers/")), text(signed_in(world.ours.company_staff).get("/papers/"))]
    # then the agent finds the first alone, the company both, and it is kept that the agent was shown one customer
    assert [("INV-1001" in page, "INV-1002" in page) for page in seen] == [(True, False), (True, True)]
    with world.ours.scope():
        looks = Look.objects.filter(user=world.ours.agent)
        assert [(look.case_id, look.times, look.shown) for look in looks] == [(0, 1, 1)]


def many(world: World, order: Order, count: int) -> list[str]:
    """Papers of two days, one after the other; their numbers as they are found."""
    days = [date(2026, 11, 28 + n % 2) for n in range(count)]
    with world.ours.scope():
        made = IssuedDocument.objects.bulk_create(
            IssuedDocument(
                company=world.ours.company,
                kind="invoice",
                number=f"INV-{n + 5_000}",
                order=order,
                partner="髙橋 美咲" if n else "佐藤",
                day=day,
                total=n,
                pdf=b"",
                at=NOON,
            )
            for n, day in enumerate(days)
        )
    return [one.number for one in sorted(made, key=lambda one: (one.day, one.pk), reverse=True)]


def test_more_than_a_page_is_gone_on_with(agent: Client, world: World, order: Order) -> None:
    numbers = many(world, order, 2 * MOST_PAPERS + 2)
    asked, found, pages = "/papers/?partner=髙橋", list[str](), 0

    while asked:
        page = text(agent.get(asked))
        found += re.findall(r"INV-5\d{3}(?=<)|INV-5\d{3}(?=\s)", page)
        link = re.search(r'href="(/papers/\?[^"]*before=[^"]*)"', page)
        asked, pages = (html.unescape(link[1]) if link else ""), pages + 1

    assert pages == 3
    assert found == [number for number in numbers if number != "INV-5000"]


@pytest.mark.parametrize("place", ["x", "2026-11-29", "2026-13-01.4", ".5", "2026-11-29.-1", "2026-11-29.²"])
def test_a_page_that_does_not_exist_is_the_first(
    agent: Client, world: World, order: Order, place: str
) -> None:
    give(world, order)
    page = shown(agent.get("/papers/", {"before": place}))
    assert ("INV-1001" in page, 'role="alert"' in page, "before=" in page) == (True, False, False)


@pytest.mark.parametrize("query", [{"since": "昨日"}, {"least": "百"}, {"most": "-1"}])
def test_nonsense_is_told(agent: Client, query: dict[str, str]) -> None:
    page = agent.get("/papers/", query)
    assert page.status_code == 200
    assert 'role="alert"' in text(page)


def test_who_may_not_see_names_finds_none_by_them_and_opens_none(
    agent: Client, world: World, order: Order
) -> None:
    made = give(world, order)
    with world.ours.scope():
        world.ours.engagement.masked = ["name"]
        world.ours.engagement.save()

    assert "INV-1001" not in shown(agent.get("/papers/", {"partner": "髙橋"}))
    listed = shown(agent.get("/papers/"))
    assert ("INV-1001" in listed, "髙橋" in listed) == (True, False)
    assert agent.get(f"/papers/{made.pk}/INV-1001.pdf").status_code == 403


def test_another_companys_people_find_none(stranger: Client, world: World, order: Order) -> None:
    made = give(world, order)
    assert "INV-1001" not in text(stranger.get("/papers/"))
    assert stranger.get(f"/papers/{made.pk}/INV-1001.pdf").status_code == 404
    assert stranger.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"}).status_code == 404
    assert len(everything(IssuedDocument)) == 1


def test_the_company_reads_them(world: World, order: Order) -> None:
    made = give(world, order)
    browser = signed_in(world.ours.company_staff)
    assert "INV-1001" in text(browser.get("/papers/"))
    assert browser.get(f"/papers/{made.pk}/INV-1001.pdf").status_code == 200
    assert browser.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"}).status_code == 403


def test_that_the_money_came_is_said_and_taken_back_on_the_page(
    agent: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")
    order = order_of(case.customer_id, case.desk_id, case=case.pk)
    address, receipt = f"/orders/{order.pk}/", 'value="receipt"'
    opened = text(agent.get(address))
    assert ("入金を確認した" in opened, "未入金" in opened, receipt in opened) == (True, True, False)

    assert agent.post(f"{address}paid/", {"paid": "1"})["Location"] == address
    paid = text(agent.get(address))
    assert ("入金を確認した" in paid, "入金を取り消す" in paid, receipt in paid) == (False, True, True)

    agent.post(f"{address}paid/", {"paid": "0"})
    assert receipt not in text(agent.get(address))
    agent.post(f"{address}paid/", {"paid": "1"})
    agent.post(f"{address}papers/", {"kind": "receipt"})
    assert "入金を取り消す" not in text(agent.get(address))
    assert agent.post(f"{address}paid/", {"paid": "0"}).status_code == 422
    told = text(agent.get(f"/cases/{number}/"))
    assert "さんが注文 O-1001 の入金を確認しました" in told
    assert "さんが注文 O-1001 の入金の確認を取り消しました" in told


def test_who_takes_no_orders_says_nothing_of_money(world: World, order: Order, stranger: Client) -> None:
    company = signed_in(world.ours.company_staff)
    assert "入金を取り消す" not in text(company.get(f"/orders/{order.pk}/"))
    assert company.post(f"/orders/{order.pk}/paid/", {"paid": "0"}).status_code == 403
    assert stranger.post(f"/orders/{order.pk}/paid/", {"paid": "0"}).status_code == 404
    assert [one.paid_at for one in everything(Order)] == [NOON]
