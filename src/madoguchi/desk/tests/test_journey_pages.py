"""The journey of a customer: all kinds on one line, page by page, as far as the reader may see it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Look
from madoguchi.channels.webchat.events import ChatJudged
from madoguchi.commerce.actions import place_order
from madoguchi.commerce.factories import make_variant, order_of, wanted
from madoguchi.commerce.models import Order, Parcel, ParcelStep, Return
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.subscriptions import Agreed, begin_subscription, write_subscription_terms
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import join_customers
from madoguchi.customers.models import Customer
from madoguchi.desk.journey import Kind, Place, journey_of
from madoguchi.desk.tests.conftest import counted, everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.surveys.events import SurveyAnswered

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
SHELL = system("test")
TITLE = re.compile(r'<div class="top"><(?:a href="[^"]*"|b)>([^<]+)<')


@pytest.fixture(autouse=True)
def held_clock() -> Iterator[None]:
    with clock.held_at(NOW):
        yield


@pytest.fixture
def lived(world: World, case: Case) -> Case:
    """A customer of whom there is something of every kind, an hour apart, the last of it tomorrow."""
    kettle = make_variant(world.ours.company, name="南部鉄瓶", price=13_200, warranty_months=12)
    order = order_of(case.customer_id, case.desk_id, (kettle, 1), case=case.pk)
    fitting = make_resource(make_store(world.ours.company), seats=2)
    other = make_case(world.ours.entry_point, sender=Party("misaki@work.example", "高橋 美咲"))
    with world.ours.scope():
        agent, company = actor_of(world.ours.agent), world.ours.company.pk
        Contact.objects.filter(case=case).update(at=NOW - timedelta(hours=9))
        Order.objects.update(placed_at=NOW - timedelta(hours=8))
        parcel = Parcel.objects.create(
            company_id=company, order=order, number=1, carrier="yamato", slip="440000000016", moved_at=NOW
        )
        ParcelStep.objects.create(
            company_id=company, parcel=parcel, state=Parcel.State.DELIVERED, at=NOW - timedelta(hours=7)
        )
        Return.objects.create(
            company_id=company,
            order=order,
            number=1,
            reason="defect",
            state="refunded",
            total=13_200,
            asked_at=NOW - timedelta(hours=6),
        )
        for kind, hours in (("call_back", -5), ("shipment", -4)):
            due = NOW + timedelta(hours=hours)
            with clock.held_at(due - timedelta(hours=1)):
                make_promise(case, Told(kind=kind, words="ご連絡します", due_at=due), by=agent)
        with clock.held_at(NOW - timedelta(hours=3)):
            terms = write_subscription_terms(
                world.ours.company, words="条件", notice_days=5, least_orders=1, by=SHELL
            )
            line, first = in_order(order)[0].pk, TOMORROW.date()
            agreed = Agreed(
                line=line,
                every=1,
                unit="month",
                first_on=first,
                total=13_200,
                terms=terms.pk,
                said="言葉",
                once=uuid4(),
            )
            begin_subscription(order, agreed, by=agent)
        with clock.held_at(NOW - timedelta(hours=2)):
            seen = Seen(kind="product", words="注ぎ口が欠けていた", product=kettle.product_id, lot="L-7")
            raise_signal(case, seen, by=agent)
        join_customers(other.customer, into=case.customer, by=agent)
        record(ChatJudged(**case.where, score=5), by=SHELL)
        book(hold(case.customer, fitting, at(TOMORROW, people=2), desk=case.desk, by=agent), by=agent)
    return case


def page_of(client: Client, number: str, asked: str = "") -> str:
    return text(client.get(f"/cases/{number}/journey/{asked}"))


def test_everything_stands_on_one_line_the_newest_first(
    agent: Client, world: World, lived: Case, number: str
) -> None:
    with counted() as cost:
        page = page_of(agent, number)

    # The log keeps the database's own time: where the rating stands is not said here.
    assert "対話の評価：5点中5点" in TITLE.findall(page)
    assert [title for title in TITLE.findall(page) if "評価" not in title] == [
        "予約 V-1001：銀座店 採寸",
        "お客さまから：メール",
        "同じ方の別の記録を統合",
        "南部鉄瓶の不具合の申し出",
        "定期購入 S-1001 の開始",
        "約束の期限：発送・お届け",
        "約束の期限：折り返しの電話",
        "O-1001 の返品：不良品",
        "荷物 O-1001-1：配達済み",
        "注文 O-1001（¥13,200）",
        "お客さまから：メール",
    ]
    assert ">予定</span>" in page.partition("お客さまから")[0]
    for words in (
        "ロット L-7 · 注ぎ口が欠けていた",
        "南部鉄瓶 × 1 · 1か月ごと",
        "ヤマト運輸 440000000016",
        "¥13,200を返金",
        "南部鉄瓶",
        "ご連絡します",
        "高橋 美咲",
    ):
        assert words in page
    tables = ("commerce_order", "commerce_parcelstep", "commerce_return", "commerce_subscription")
    tables += ("reservations_reservation", "signals_signal")
    for table in (*tables, "cases_contact", "infra_event", "customers_join"):
        first = f'SELECT "{table}"."'
        assert len([q for q in cost.queries if q.startswith(first)]) == 1, table
    assert len([q for q in cost.queries if q.startswith('SELECT "promises_promise"."')]) == 2
    assert [one.user_id for one in everything(Look, customer_id=lived.customer_id)] == [world.ours.agent.pk]


def test_one_kind_is_asked_for_alone(agent: Client, lived: Case, number: str) -> None:
    with counted() as cost:
        titles = TITLE.findall(page_of(agent, number, "?kind=parcel"))

    assert titles == ["荷物 O-1001-1：配達済み"]
    assert not [q for q in cost.queries if 'FROM "commerce_return"' in q]
    assert TITLE.findall(page_of(agent, number, "?kind=nonsense")) == TITLE.findall(page_of(agent, number))
    assert "対話の評価：5点中5点" in page_of(agent, number, "?kind=rating")


@pytest.mark.parametrize("after", ["", "x", "2026-11-29~order~1", "0001-01-01T00:00:00+00:00~order~1", "~~"])
def test_a_place_that_is_none_is_the_beginning(after: str) -> None:
    assert Place.read(after) is None


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(size=st.integers(1, 12))
def test_pages_of_any_size_show_each_moment_once_in_one_order(world: World, lived: Case, size: int) -> None:
    with world.ours.scope():
        actor = actor_of(world.ours.agent)
        Contact.objects.update(at=NOW - timedelta(hours=8))  # what happened at once is told apart, too
        whole = [one.place for one in journey_of(lived, actor=actor).moments]
        found, after = list[Place](), None
        while page := journey_of(lived, actor=actor, after=after, size=size):
            found += [one.place for one in page.moments]
            after = Place.read(str(page.next)) if page.next else None
            if after is None:
                break

    assert found == whole == sorted(whole, key=Place.sorted)
    assert {place.kind for place in whole} == set(Kind)


def test_the_page_leads_on_to_older_ones_and_back(agent: Client, case: Case, number: str) -> None:
    for _one in range(40):
        say_again(case)

    first = page_of(agent, number)
    [older] = re.findall(r'href="(/cases/[^"]*after=[^"]*)"', first)
    second = text(agent.get(older.replace("&amp;", "&")))

    assert (len(TITLE.findall(first)), len(TITLE.findall(second))) == (40, 1)
    assert "新しいものに戻る" in second
    assert "さらに前へ" not in second


def test_what_the_contract_keeps_is_kept_here(world: World, lived: Case, number: str, agent: Client) -> None:
    with world.ours.scope():
        Engagement.objects.update(masked=["name", "email"])

    page = page_of(agent, number)

    assert "髙橋" not in page
    assert "高橋 美咲" not in page
    assert "同じ方の別の記録を統合" not in TITLE.findall(page)
    assert "注文 O-1001（¥13,200）" in TITLE.findall(page)


def test_another_companys_people_find_nothing(stranger: Client, lived: Case, number: str) -> None:
    assert stranger.get(f"/cases/{number}/journey/").status_code == 404
    assert everything(Look) == []


@pytest.mark.parametrize(
    ("said", "words", "tone"),
    [
        ((True, 5, 6, None), "解決した、満足度 5点中5点、手間の少なさ 7点中6点", "good"),
        ((True, 3, None, 7), "解決した、満足度 5点中3点、推奨度 10点中7点", ""),
        ((True, 5, None, 6), "解決した、満足度 5点中5点、推奨度 10点中6点", "bad"),
        ((False, 5, None, None), "未解決、満足度 5点中5点", "bad"),
    ],
)
def test_what_a_customer_answered_once_it_was_solved_stands_on_the_line_and_in_the_case(
    world: World,
    case: Case,
    number: str,
    agent: Client,
    said: tuple[bool, int | None, int | None, int | None],
    words: str,
    tone: str,
) -> None:
    solved, satisfied, easy, recommends = said
    with world.ours.scope():
        fact = SurveyAnswered(
            **case.where,
            solved=solved,
            satisfied=satisfied,
            easy=easy,
            recommends=recommends,
            review_asked=False,
        )
        record(fact, by=SHELL, words={"words": ["", "親切でした"]})
        moments = journey_of(case, actor=actor_of(world.ours.agent), kind=Kind.RATING).moments

    [moment] = moments
    assert (moment.title, moment.tone, moment.words) == (words, tone, number)
    assert f"お客様の評価：{words}「親切でした」" in agent.get(f"/cases/{number}/").text


def test_a_referral_code_is_given_there_and_stands_there_with_what_it_brought(
    world: World, case: Case, number: str, agent: Client
) -> None:
    assert "紹介コードを発行する" in agent.get(f"/cases/{number}/journey/").text

    agent.post(f"/cases/{number}/referral/")

    with world.ours.scope():
        case.customer.refresh_from_db()
        code = case.customer.referral
        friend = make_case(world.ours.entry_point, sender=Party("chihiro@home.example", "伊藤 千尋"))
        piece = (make_variant(world.ours.company, price=5_000), 1)
        place_order(friend.customer, wanted(piece, referral=code), desk=friend.desk, by=SHELL)
    page = agent.get(f"/cases/{number}/journey/").text
    assert (code != "", f'<b class="chip">{code}</b>' in page, "注文1件、5,000円" in page) == (
        True,
        True,
        True,
    )
    assert "紹介コードを発行する" not in page
    media = signed_in(world.ours.supervisor).get("/queue/media/?days=7")
    found = media.context["referred"]
    assert (found.given, found.used, found.orders, found.yen) == (1, 1, 1, 5_000)
    assert "紹介コード" in media.text


def test_the_company_reads_it_and_gives_none(world: World, case: Case, number: str) -> None:
    staff = signed_in(world.ours.company_staff)

    assert "紹介コードを発行する" not in staff.get(f"/cases/{number}/journey/").text
    assert staff.post(f"/cases/{number}/referral/").status_code == 403
    with world.ours.scope():
        assert not Customer.objects.exclude(referral="").exists()
