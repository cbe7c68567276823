"""An article that is kept from some operators is kept from their people in every place, and from nobody else."""

from dataclasses import replace
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.companies.models import OperatorCompany
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Role, system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge import actions, policies
from madoguchi.knowledge.actions import Said, Settings, restrict_article
from madoguchi.knowledge.actions.archive import bring_in, take_along
from madoguchi.knowledge.archive import articles_in, files_of
from madoguchi.knowledge.factories import add_picture, approved, make_article
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import (
    article_by_id,
    articles_in_sight,
    articles_named,
    file_in_sight,
    kept_from,
    not_yet,
    published_for,
    suggested,
    unread_by,
)
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BODY = "見本品の貸し出しは、倉庫の鍵を預かる人だけが受け付けます。"
TITLE = "見本品の貸し出し"


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def vendor() -> OperatorCompany:
    return make_operator(name="みどりコール")


@pytest.fixture
def other(world: World, vendor: OperatorCompany) -> Actor:
    """An agent of a second operator at the same desk."""
    engagement = make_engagement(vendor, world.ours.desk)
    return actor_of(make_operator_person(vendor, seats=(engagement,)))


@pytest.fixture
def article(world: World, boss: Actor) -> Article:
    """One that of the operators only the first reads."""
    with world.ours.scope():
        picture = add_picture(world.ours.company, by=boss)
        body = f"{BODY}\n\n![図](files/{picture})"
        made = approved(world.ours.company, by=boss, title=TITLE, body=body, audience="operator")
        restrict_article(made, [world.ours.operator.pk], by=boss)
        return made


def test_who_reads_it_by_role_model_and_operator(world: World, boss: Actor) -> None:
    company, mine = world.ours.company.pk, world.ours.operator.pk
    with world.ours.scope():
        made = {
            who: approved(world.ours.company, by=boss, audience="operator")
            for who in (None, (), (mine,), (999,))
        }
        for who, one in made.items():
            kept = {"restricted": who is not None, "operators": list(who or ())}
            Article.objects.filter(pk=one.pk).update(**kept)
        for role, model, operator in product(Role, [None, *OperatingModel], [None, mine, 7]):
            grant = Grant(company=company, role=role, operator=operator, model=model)
            actor = Actor(kind=ActorKind.PERSON, name="x", id=1, grants=(grant,))
            reads = role != Role.ADMINISTRATOR
            own = role in (Role.COMPANY_STAFF, Role.COMPANY_MANAGER) or model == OperatingModel.IN_HOUSE
            wanted = {who for who in made if reads and (who is None or own or operator in who)}

            seen = set(articles_in_sight(actor).values_list("pk", flat=True))

            # the query and the policy say the same, and what the rule says
            assert {who for who, one in made.items() if one.pk in seen} == wanted, grant
            for who in ((), (mine,), (999,)):
                may = policies.may_see_restricted(actor, company=company, operators=who)
                assert may == (who in wanted), grant
            foreign = replace(actor, grants=(replace(grant, company=world.theirs.company.pk),))
            assert not policies.may_see_restricted(foreign, company=company, operators=[mine, 7])
        assert kept_from(system("test")) == []


def test_it_is_in_sight_for_those_chosen_and_the_company_alone(
    world: World, article: Article, boss: Actor, other: Actor
) -> None:
    side, agent, staff = world.ours, actor_of(world.ours.agent), actor_of(world.ours.company_staff)
    with side.scope():
        version, name = article.versions.get(), article.files.get().name
        for actor, sees in ((agent, True), (staff, True), (boss, True), (other, False)):
            assert list(articles_in_sight(actor)) == [article] * sees
            assert articles_named(["見本品"], actor=actor, most=5) == [version] * sees
            assert list(unread_by(actor)) == [version] * sees
            assert list(published_for(side.desk, reader=actor)) == [version] * sees
            assert suggested(side.desk, TITLE, reader=actor) == [version] * sees
            assert kept_from(actor) == [article.pk] * (not sees)
        assert (article_by_id(agent, article.pk), file_in_sight(agent, name).name) == (article, name)
        for find in (lambda: article_by_id(other, article.pk), lambda: file_in_sight(other, name)):
            with pytest.raises(NotFound):
                find()
        # of those who have still to read it: agent, supervisor and manager of the first operator
        assert not_yet(version, actor=boss).count == 3


def test_nobody_changes_what_is_kept_from_them(
    world: World, article: Article, boss: Actor, other: Actor
) -> None:
    with world.ours.scope():
        actions.write_article(article, Said(TITLE, "二"), by=boss)
        events = Event.objects.count()
        english = Settings(language="en", audience="operator")
        for act in (
            lambda: actions.write_article(article, Said("x", "y"), by=other),
            lambda: actions.arrange_article(article, Settings(audience="operator"), by=other),
            lambda: actions.ask_for_approval(article, by=other),
            lambda: actions.retire_article(article, by=other),
            lambda: actions.translate_article(article, Said("x", "y"), english, by=other),
            lambda: actions.follow_original(article, 1, by=other),
        ):
            with pytest.raises(NotFound):
                act()
        assert (Article.objects.count(), article.versions.count(), Event.objects.count()) == (1, 2, events)


def test_only_who_approves_says_so_and_of_what_customers_do_not_read(
    world: World, boss: Actor, vendor: OperatorCompany
) -> None:
    side = world.ours
    with side.scope():
        public = approved(side.company, by=boss)
        inner = make_article(side.company, by=actor_of(side.agent), audience="operator")
        people = (side.agent, side.supervisor, side.manager, side.company_staff, world.theirs.company_manager)
        for who in people:
            with pytest.raises((NotAllowed, NotFound)):
                restrict_article(inner, [side.operator.pk], by=actor_of(who))
        for one, operators in ((public, [side.operator.pk]), (public, []), (inner, [vendor.pk])):
            with pytest.raises(Refused):
                restrict_article(one, operators, by=boss)
        with pytest.raises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=public.pk).update(restricted=True)
        assert not Article.objects.filter(restricted=True).exists()

        # when
        restrict_article(inner, [], by=boss)
        with pytest.raises(Refused):
            actions.arrange_article(inner, Settings(audience="both"), by=boss)

        # then: the company's own people alone, until it is opened
        assert not articles_in_sight(actor_of(side.agent)).filter(pk=inner.pk).exists()
        restrict_article(inner, None, by=boss)
        restrict_article(inner, None, by=boss)
        assert articles_in_sight(actor_of(side.agent)).filter(pk=inner.pk).exists()
        told = Event.objects.filter(kind="article.restricted").order_by("id").values_list("data", flat=True)
        assert [one["operators"] for one in told] == [[], None]


def test_a_translation_is_kept_from_the_same(
    world: World, article: Article, boss: Actor, other: Actor
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused):
            actions.translate_article(article, Said("x", "y"), Settings(language="en"), by=boss)
        english = Settings(language="en", audience="operator")
        made = actions.translate_article(article, Said("Samples", "y"), english, by=boss)
        assert not articles_in_sight(other).exists()
        assert set(articles_in_sight(actor_of(world.ours.agent))) == {article, made}


def test_an_archive_keeps_it_and_never_opens_it(
    world: World, article: Article, boss: Actor, other: Actor
) -> None:
    side, theirs = world.ours, actor_of(world.theirs.company_manager)
    with side.scope():
        with pytest.raises(NotAllowed):
            take_along(side.company, by=other)
        [kept] = articles_in(dict(files_of(take_along(side.company, by=boss))))
        assert kept.operators == (side.operator.name,)
    with world.theirs.scope():
        # when: elsewhere that operator does not work
        [fate] = bring_in(world.theirs.company, [kept], by=theirs)
        [refused] = bring_in(world.theirs.company, [replace(kept, key="b-1", audience="both")], by=theirs)

        # then
        assert (fate.state, side.operator.name in fate.reason) == ("new", True)
        assert Article.objects.values_list("restricted", "operators").get() == (True, [])
        assert not articles_in_sight(actor_of(world.theirs.agent)).exists()
        assert refused.state == "refused"
        here = replace(kept, key="c-1", operators=(world.theirs.operator.name,))
        bring_in(world.theirs.company, [here], by=theirs)
        found = [one.operators for one in articles_in_sight(actor_of(world.theirs.agent))]
        assert found == [[world.theirs.operator.pk]]
