"""What is kept from an operator stands nowhere on the pages of its people: not beside an answer, nor in the log."""

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration.audit import Filter, events_wanted
from madoguchi.cases.factories import make_case
from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.companies.models import OperatorCompany
from madoguchi.delivery.bases import bases_of, cite, inner_words_in, rest_on
from madoguchi.delivery.models import Cited
from madoguchi.desk.articles import asked_in, listed, operators_for
from madoguchi.desk.suggested import fitting_note, offered_for
from madoguchi.kernel.actor import Actor, Permission, Role
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.actions import restrict_article
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BODY = "見本品の貸し出しは、倉庫の鍵を預かる人だけが受け付けます。"
TITLE = "見本品の貸し出し"


@pytest.fixture
def vendor(world: World) -> OperatorCompany:
    """A second operator at the same desk."""
    made = make_operator(name="みどりコール")
    make_engagement(made, world.ours.desk)
    return made


@pytest.fixture
def other(vendor: OperatorCompany) -> Actor:
    """Its manager."""
    return actor_of(make_operator_person(vendor, Role.MANAGER))


@pytest.fixture
def article(world: World) -> Article:
    boss = actor_of(world.ours.company_manager)
    with world.ours.scope():
        made = approved(world.ours.company, by=boss, title=TITLE, body=BODY, audience="operator")
        restrict_article(made, [world.ours.operator.pk], by=boss)
        return made


def test_beside_an_answer_and_in_the_log(world: World, article: Article, other: Actor) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        # given
        case = make_case(side.entry_point)
        version, message = article.versions.get(), case.messages.get()
        rest_on(message, version)
        with pytest.raises(NotFound):
            cite(case, version.pk, "mark", by=other)
        assert not Cited.objects.exists()
        cite(case, version.pk, "mark", by=agent)

        # then
        for actor, sees in ((agent, True), (other, False)):
            assert list(listed(asked_in({}), actor=actor)) == [article] * sees
            offered = [one.version for one in fitting_note(case, TITLE, reader=actor).articles]
            assert offered == [version] * sees
            rests = bases_of([message.pk], reader=actor).get(message.pk, [])
            assert [one.version for one in rests] == [version] * sees
            assert [one.version for one in offered_for(case, reader=actor).cited] == [version] * sees
            assert inner_words_in(case, BODY, by=actor) == [TITLE if sees else "ほかの人向けの記事"]
        mine = actor_of(side.company_manager)
        for actor, sees in ((mine, True), (other, False)):
            assert actor.may(Permission.AUDIT, company=side.company.pk, desk=side.desk.pk)
            kinds = events_wanted(actor, Filter()).filter(kind__startswith="article.")
            assert kinds.exists() == sees


def test_its_page_says_who_reads_it(
    world: World, article: Article, vendor: OperatorCompany, client: Client
) -> None:
    side, place = world.ours, reverse("desk:article", args=[article.pk])
    readers = reverse("desk:article_readers", args=[article.pk])
    client.force_login(side.company_manager)
    page = client.get(place).text
    assert ("一部の運営会社のみ" in page, vendor.name in page) == (True, True)
    assert "一部の運営会社のみ" in client.get(reverse("desk:articles")).text
    with side.scope():
        assert set(operators_for(article)) == {(side.operator, True), (vendor, False)}

    # when
    client.post(readers, {"readers": "chosen", "operator": [str(vendor.pk)]})

    # then
    client.force_login(side.agent)
    assert client.get(place).status_code == 404
    assert client.post(readers, {"readers": "all"}).status_code == 403
    client.force_login(side.company_manager)
    assert client.post(readers, {"readers": "chosen", "operator": ["999999"]}).status_code == 422
    client.post(readers, {"readers": "all"})
    with side.scope():
        assert list(articles_in_sight(actor_of(side.agent))) == [article]
