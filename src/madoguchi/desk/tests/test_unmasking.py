"""A field that is kept from somebody is shown to them for a reason and ten minutes, and the company reads why."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.models import Case
from madoguchi.cases.reading_models import ReadingAlarm
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer
from madoguchi.customers.models import Unmasking
from madoguchi.customers.queries import view_of
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
WHY = "配送会社へ住所を伝えるため"


@pytest.fixture
def masked(world: World, case: Case) -> None:
    with world.ours.scope():
        change_customer(case.customer, address="京都市中京区三条通", memo="午後に電話", by=system("test"))
        Engagement.objects.update(masked=["address"], hidden=["memo"])


@pytest.mark.usefixtures("masked")
def test_one_field_is_shown_for_a_reason_to_one_person_for_ten_minutes(
    world: World, case: Case, number: str
) -> None:
    leader = signed_in(world.ours.supervisor)
    at, page = f"/cases/{number}/unmask/", f"/cases/{number}/"
    assert "三条通" not in text(leader.get(page))
    assert at in text(leader.get(page))
    assert "住所" in text(leader.get(at))
    refused = [
        leader.post(at, said).status_code
        for said in ({"field": "address"}, {"field": "phone", "reason": WHY}, {"field": "", "reason": WHY})
    ]
    assert (refused, everything(Unmasking)) == ([422, 422, 422], [])
    assert leader.post(at, {"field": "address", "reason": WHY}).status_code == 302

    (made,) = everything(Unmasking)
    assert (made.field, made.reason, made.until - made.at) == ("address", WHY, timedelta(minutes=10))
    shown = text(leader.get(page))
    assert "京都市中京区三条通" in shown
    assert "午後に電話" not in shown
    with world.ours.scope():
        fact = Event.objects.get(kind="customer.unmasked")
        assert (fact.data["field"], fact.data["customer"]) == ("address", case.customer_id)
        assert WHY not in str(fact.data)
        agent, me = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
        assert "三条通" not in view_of(case.customer, actor=agent).address
        assert view_of(case.customer, actor=me).masked == frozenset()
        with clock.held_at(made.until + timedelta(seconds=1)):
            assert "三条通" not in view_of(case.customer, actor=me).address
    company = signed_in(world.ours.company_manager)
    read = text(company.get(f"/administration/reading/{world.ours.company.pk}/"))
    assert WHY in read
    assert world.ours.supervisor.name in read


@pytest.mark.usefixtures("masked")
def test_who_may_not_is_shown_nothing(agent: Client, number: str) -> None:
    assert f"/cases/{number}/unmask/" not in text(agent.get(f"/cases/{number}/"))
    answer = agent.post(f"/cases/{number}/unmask/", {"field": "address", "reason": WHY})

    assert answer.status_code in (403, 404)
    assert everything(Unmasking) == []


def test_managers_of_the_company_see_alarms_and_settle_them(world: World) -> None:
    company, now = world.ours.company, clock.now()
    with world.ours.scope():
        alarm = ReadingAlarm.objects.create(
            company=company, user=world.ours.agent, hour=now, at=now, customers=1_234
        )
    manager = signed_in(world.ours.company_manager)
    at = f"/administration/reading/{company.pk}/"
    front, listed, page = (
        text(manager.get(url)) for url in ("/administration/", "/administration/reading/", at)
    )

    assert "まだ誰も確かめていません" in front
    assert company.name in listed
    assert "1,234" in page
    assert world.ours.agent.name in page
    assert manager.post(at, {"per_hour": "4", "per_day": "400"}).status_code == 422
    assert manager.post(at, {"per_hour": "40", "per_day": "400"}).status_code == 302
    assert manager.post(f"{at}{alarm.pk}/").status_code == 302
    assert "まだ誰も確かめていません" not in text(manager.get("/administration/"))
    assert signed_in(world.ours.supervisor).get(at).status_code in (403, 404)
