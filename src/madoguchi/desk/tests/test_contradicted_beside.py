"""An article that is known to contradict another one, beside the answer."""

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.kernel.actor import system
from madoguchi.knowledge.actions.contradictions import compare_articles, settle
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Contradiction
from madoguchi.knowledge.queries import contradicted, contradictions_in_sight, shown_version
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EIGHT, FOURTEEN = "商品到着後8日以内にご連絡ください。", "商品到着後14日以内にご連絡ください。"


def test_it_says_so_and_is_not_chosen_beforehand(world: World, client: Client) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    case = make_case(side.entry_point, subject="返品について")
    with side.scope():
        approved(side.company, by=boss, title="返品", body=EIGHT)
        other = approved(side.company, by=boss, title="返品の期限", body=FOURTEEN)
        version = shown_version(other)
        assert version is not None
        assert compare_articles(side.company.pk, version=version.pk, by=system("test")) == 1
        [found] = contradictions_in_sight(boss)
        assert contradicted([version.pk]) == set()
    client.force_login(side.agent)
    at = reverse("desk:suggested", args=[case.spoken_number(side.company.prefix)])
    before = client.get(at).text
    with side.scope():
        settle(found, Contradiction.State.CONFIRMED, by=boss)
        assert contradicted([version.pk]) == {version.pk}
    after = client.get(at).text

    assert (before.count("別の記事と食い違い"), after.count("別の記事と食い違い")) == (0, 2)
    assert (before.count(" checked"), after.count(" checked")) == (1, 0)
