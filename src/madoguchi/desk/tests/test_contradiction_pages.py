"""Articles that contradict each other, on their page."""

import pytest
from django.test import Client

from madoguchi.desk.tests.conftest import signed_in
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Contradiction
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EIGHT, FOURTEEN = "商品到着後8日以内にご連絡ください", "商品到着後14日以内にご連絡ください"


def test_they_are_listed_and_settled(world: World, agent: Client) -> None:
    by, boss = actor_of(world.ours.company_manager), signed_in(world.ours.company_manager)
    with world.ours.scope():
        for title, body in (("返品", EIGHT), ("交換", FOURTEEN)):
            approved(world.ours.company, by=by, title=title, body=body)
    boss.post(f"/articles/contradictions/compare/{world.ours.company.pk}/")
    with world.ours.scope():
        pk = Contradiction.objects.get().pk

    page = agent.get("/articles/contradictions/").content.decode()
    boss.post(f"/articles/contradictions/{pk}/confirmed/")
    settled = boss.get("/articles/contradictions/").content.decode()
    refused = agent.post(f"/articles/contradictions/{pk}/aside/")
    with world.ours.scope():
        assert (refused.status_code, Contradiction.objects.get().state) == (403, "confirmed")
    boss.post(f"/articles/contradictions/{pk}/aside/")
    empty = boss.get("/articles/contradictions/").content.decode()

    assert [EIGHT in page, FOURTEEN in page] == [True, True]
    assert "矛盾しています" in settled
    assert EIGHT not in empty
