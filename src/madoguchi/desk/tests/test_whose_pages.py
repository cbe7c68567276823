"""Giving a case to another customer's record at the console: looked for, foreseen, done and given back."""

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Look
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"), subject="靴の件")


@pytest.fixture
def wife(world: World) -> Customer:
    return make_customer(world.ours.company, name="髙橋 美咲", email="misaki@home.example")


@pytest.fixture
def desk(client: Client, world: World) -> Client:
    client.force_login(world.ours.agent)
    return client


def address(case: Case, world: World) -> str:
    return reverse("desk:whose", args=[case.spoken_number(world.ours.company.prefix)])


def whose(case: Case, world: World) -> int:
    with world.ours.scope():
        return Case.objects.get(pk=case.pk).customer_id


def test_who_is_looked_for_is_offered_and_what_would_happen_said(
    desk: Client, world: World, case: Case, wife: Customer
) -> None:
    index_everything()

    offered = desk.get(address(case, world), {"q": "misaki@home.example"}).content.decode()
    foreseen = desk.get(address(case, world), {"other": wife.pk}).content.decode()

    assert f'value="{wife.pk}"' in offered
    assert "今後の返信は misaki@home.example に送られます。" in foreseen
    assert "リンクは開けなくなります" in foreseen
    assert whose(case, world) == case.customer_id
    with world.ours.scope():
        assert set(Look.objects.values_list("customer_id", flat=True)) == {0, case.customer_id, wife.pk}
        assert Look.objects.get(customer_id=0).listed == [wife.pk]


def test_it_is_given_told_in_the_case_and_given_back(
    desk: Client, world: World, case: Case, wife: Customer
) -> None:
    done = desk.post(address(case, world), {"other": wife.pk}, follow=True).content.decode()
    assert "この用件を別のお客様に移しました。" in done
    assert "さんがこの用件を別のお客様の記録に移しました" in done
    assert whose(case, world) == wife.pk

    desk.post(f"{address(case, world)}?other={case.customer_id}", headers={"HX-Request": "true"})
    assert whose(case, world) == case.customer_id


def test_somebody_without_a_record_gets_one(desk: Client, world: World, case: Case) -> None:
    desk.post(address(case, world), {"name": "髙橋 翔"})

    with world.ours.scope():
        assert Customer.objects.get(pk=whose(case, world)).name == "髙橋 翔"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"other": "x"}, "記録を選んでください"),
        ({"other": "999999999"}, "この記録はもうありません"),
        ({"name": "  "}, "新しいお客様のお名前を200文字以内で入力してください"),
        ({"name": "長" * 201}, "新しいお客様のお名前を200文字以内で入力してください"),
    ],
)
def test_what_is_no_choice_is_refused_and_changes_nothing(
    desk: Client, world: World, case: Case, said: dict[str, str], why: str
) -> None:
    with world.ours.scope():
        before = Customer.objects.count(), Event.objects.count()

    answer = desk.post(address(case, world), said)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert whose(case, world) == case.customer_id
    with world.ours.scope():
        assert (Customer.objects.count(), Event.objects.count()) == before


def test_a_new_record_is_not_left_behind_where_the_case_cannot_be_given(
    desk: Client, world: World, case: Case
) -> None:
    on = make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"))
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(continued_in=on)
        before = Customer.objects.count()

    desk.post(address(case, world), {"name": "髙橋 翔"})

    with world.ours.scope():
        assert Customer.objects.count() == before


def test_another_companys_people_find_no_such_case(
    client: Client, world: World, case: Case, wife: Customer
) -> None:
    client.force_login(world.theirs.agent)

    assert client.post(address(case, world), {"other": wife.pk}).status_code == 404
    assert whose(case, world) == case.customer_id
