"""Two records of one person, as the console shows them: who may be meant, what would happen, done and undone."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import order_of
from madoguchi.companies.models import Engagement
from madoguchi.customers.models import Customer, Join
from madoguchi.desk.one_person import likely
from madoguchi.desk.tests.conftest import counted
from madoguchi.kernel.actor import DataScope
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
AT_HOME, AT_WORK = Party("misaki@home.example", "髙橋 美咲"), Party("misaki@work.example", "高橋美咲")


@pytest.fixture
def two(world: World) -> tuple[Case, Case]:
    """One person at home and at work, whose name is written in two ways; and somebody else."""
    home = make_case(world.ours.entry_point, sender=AT_HOME, subject="炊飯器の件")
    work = make_case(world.ours.entry_point, sender=AT_WORK, subject="靴の件")
    make_case(world.ours.entry_point, sender=Party("ito@home.example", "伊藤 千尋"), subject="別の方の件")
    index_everything()
    return home, work


@pytest.fixture
def desk(client: Client, world: World) -> Client:
    client.force_login(world.ours.agent)
    return client


def at(name: str, case: Case, world: World) -> str:
    return reverse(f"desk:{name}", args=[case.spoken_number(world.ours.company.prefix)])


def test_beside_a_case_stands_who_may_be_the_same_person_and_why(
    desk: Client, world: World, two: tuple[Case, Case]
) -> None:
    page = desk.get(at("same_person", two[0], world), headers=HTMX).content.decode()

    assert "高橋美咲" in page
    assert "お名前が同じ・メールの@より前が同じ" in page
    assert "80 %" in page
    assert "伊藤" not in page


def test_what_would_happen_is_said_before(desk: Client, world: World, two: tuple[Case, Case]) -> None:
    home, work = two
    order_of(work.customer_id, work.desk_id)

    page = desk.get(at("join", home, world), {"other": work.customer_id}).content.decode()

    assert "「高橋美咲」の記録を「髙橋 美咲」に統合" in page
    assert "移るもの：用件 1件、注文 1件、連絡先 1件。" in page
    with world.ours.scope():
        assert not Join.objects.exists()


def test_they_become_one_and_two_again(desk: Client, world: World, two: tuple[Case, Case]) -> None:
    home, work = two

    answer = desk.post(at("join", home, world), {"other": work.customer_id, "keep": "this"}, follow=True)

    assert "二つの記録を統合しました。" in answer.content.decode()
    with world.ours.scope():
        joined = Join.objects.get()
        assert {case.customer_id for case in Case.objects.filter(pk__in=[home.pk, work.pk])} == {
            home.customer_id
        }
    beside = desk.get(at("same_person", home, world), headers=HTMX).content.decode()
    assert "ほかの記録 1件を統合済み" in beside
    undone = desk.post(
        reverse("desk:part", args=[joined.pk]),
        {"case": home.spoken_number(world.ours.company.prefix)},
        follow=True,
    )
    assert "統合前の二つの記録に戻しました。" in undone.content.decode()
    with world.ours.scope():
        assert Case.objects.get(pk=work.pk).customer_id == work.customer_id


def test_the_other_way_round_the_other_record_stays(
    desk: Client, world: World, two: tuple[Case, Case]
) -> None:
    home, work = two

    desk.post(at("join", home, world), {"other": work.customer_id, "keep": "other"})

    with world.ours.scope():
        assert Case.objects.get(pk=home.pk).customer_id == work.customer_id
        assert Customer.objects.get(pk=home.customer_id).joined_into_id == work.customer_id


@pytest.mark.parametrize("words", ["misaki@work.example", "高橋 美咲"])
def test_a_record_is_found_by_address_or_name(
    desk: Client, world: World, two: tuple[Case, Case], words: str
) -> None:
    page = desk.get(at("join", two[0], world), {"q": words}).content.decode()

    assert f'value="{two[1].customer_id}"' in page
    assert "misaki@work.example" in page


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"q": "nobody@home.example"}, "「nobody@home.example」の記録は、ほかにありません。"),
        ({"other": "999999999"}, "この記録はもうありません。"),
        ({"other": "x"}, "記録を選んでください。"),
    ],
)
def test_what_is_none_is_said(
    desk: Client, world: World, two: tuple[Case, Case], asked: dict[str, Any], problem: str
) -> None:
    answer = desk.get(at("join", two[0], world), asked)

    assert answer.status_code == 422
    assert problem in answer.content.decode()


def test_who_does_not_see_customers_whole_is_offered_none_and_joins_none(
    desk: Client, world: World, two: tuple[Case, Case]
) -> None:
    home, work = two
    with world.ours.scope():
        Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
    page = desk.get(at("case", home, world)).content.decode()
    assert "same-person" not in page

    answer = desk.post(at("join", home, world), {"other": work.customer_id})
    looked = desk.get(at("join", home, world), {"q": "高橋美咲"})

    assert (answer.status_code, looked.status_code) == (403, 403)
    with world.ours.scope():
        assert not Join.objects.exists()
        agent, masked = actor_of(world.ours.agent), DataScope(masked=frozenset({"phone"}))
        behind = replace(agent, grants=tuple(replace(g, data_scope=masked) for g in agent.grants))
        assert likely(home.customer, actor=behind) == []


def test_however_many_are_alike_they_are_compared_by_as_many_queries(
    world: World, two: tuple[Case, Case]
) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        someone = two[0].customer
        with counted() as few:
            assert len(likely(someone, actor=agent)) == 1
    for n in range(8):
        make_case(world.ours.entry_point, sender=Party(f"misaki@place{n}.example", "髙橋美咲"))
    index_everything()

    with world.ours.scope(), counted() as many:
        assert len(likely(someone, actor=agent)) == 5

    assert len(many) == len(few)


@pytest.mark.parametrize(("address", "found"), [("東京都", 0), ("東京都千代田区丸の内1-2-3", 1)])
def test_where_thousands_live_nobody_is_looked_for(world: World, address: str, found: int) -> None:
    """A prefecture alone is no address by which somebody is found; then the word before the @ says nothing either."""
    senders = (Party("hanako@home.example", "花子"), Party("hanako@work.example", "はな"))
    cases = [make_case(world.ours.entry_point, sender=sender) for sender in senders]
    with world.ours.scope():
        Customer.objects.filter(pk__in=[case.customer_id for case in cases]).update(address=address)
    index_everything()

    with world.ours.scope():
        someone = Customer.objects.get(pk=cases[0].customer_id)
        assert len(likely(someone, actor=actor_of(world.ours.agent))) == found
