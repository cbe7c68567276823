"""Changed articles: each company's are its own, and who has not read one is between people and their employer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role, system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.actions import mark_read
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import ArticleReading, ArticleVersion
from madoguchi.knowledge.queries import not_yet, shown_version, unread_by
from madoguchi.knowledge.queries.reading import NEWS
from madoguchi.people.factories import Side, World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def in_force(side: Side, title: str = "返品の送料", **said) -> ArticleVersion:
    """An article of a company, approved by it."""
    with side.scope():
        article = approved(side.company, by=actor_of(side.company_manager), title=title, **said)
        version = shown_version(article)
        assert version is not None
        return version


def missing(version: ArticleVersion, who) -> tuple[set[str], int]:
    """The names that somebody is told, and how many more."""
    told = not_yet(version, actor=actor_of(who))
    return set(told.names), told.others


def test_who_works_for_two_companies_reads_both_and_each_is_told_its_own(world: World) -> None:
    # given somebody of our operator who answers at a desk of the other company too
    ours, theirs = in_force(world.ours), in_force(world.theirs, title="交換の期限")
    in_force(world.theirs, title="お客様だけの記事", audience="customer")
    with scope.everywhere(reason="somebody is engaged by both"):
        seats = (world.ours.engagement, make_engagement(world.ours.operator, world.theirs.desk))
        both = actor_of(make_operator_person(world.ours.operator, seats=seats))

    # when
    with scope.acting_for(both.companies):
        unread = list(unread_by(both))
        assert {one.pk for one in unread} == {ours.pk, theirs.pk}
        assert mark_read(unread, by=both) == 2
        assert list(unread_by(both)) == []

    # then
    for side, version in ((world.ours, ours), (world.theirs, theirs)):
        with side.scope():
            [read] = ArticleReading.objects.all()
            assert (read.article_id, read.user_id, read.number) == (version.article_id, both.id, 1)
            [fact] = Event.objects.filter(kind="articles.read")
            assert (fact.company_id, fact.data) == (side.company.pk, {"articles": 1})


def test_nobody_marks_for_the_system_and_an_earlier_version_is_not_this_one(world: World) -> None:
    old, agent = in_force(world.ours), actor_of(world.ours.agent)
    with world.ours.scope():
        # when: nobody in particular reads
        before = Event.objects.count()
        with pytest.raises(NotAllowed):
            mark_read([old], by=system("bot"))
        assert mark_read([], by=agent) == 0
        assert (ArticleReading.objects.exists(), Event.objects.count()) == (False, before)

        # when: the words change after they were read, and who read the old ones marks these again
        mark_read([old], by=agent)
        rewrite(old.article, "送料は当社の負担です。", by=actor_of(world.ours.company_manager))
        new = shown_version(old.article)

        # then
        assert missing(old, world.ours.agent)[0].isdisjoint({agent.name})
        assert agent.name in missing(new, world.ours.agent)[0]
        mark_read([new], by=agent)
        assert agent.name not in missing(new, world.ours.agent)[0]
        assert [row.number for row in ArticleReading.objects.all()] == [2]


def test_people_of_another_employer_are_counted_and_never_named(world: World) -> None:
    version, side = in_force(world.ours), world.ours
    with side.scope():
        # given a second operator at the same desk
        other = make_operator(name="もう一社")
        engaged = make_engagement(other, side.desk)
        senior = make_operator_person(other, Role.SUPERVISOR, seats=(engaged,), name="堀 直子")
        fellow = make_operator_person(other, seats=(engaged,), name="南 光")
        own = {side.agent.name, side.supervisor.name, side.manager.name}

        # then
        assert missing(version, side.supervisor) == (own, 2)
        assert missing(version, senior) == ({"堀 直子", "南 光"}, 3)
        for who in (side.company_manager, side.company_staff):
            assert missing(version, who) == (set(), 5)

        # when somebody of the other one reads it
        mark_read([version], by=actor_of(fellow))

        # then all know that one fewer is left, and only their own senior who
        assert missing(version, side.supervisor) == (own, 1)
        assert missing(version, senior) == ({"堀 直子"}, 3)
        assert missing(version, side.company_manager) == (set(), 4)
    # and a senior of another company learns no name, whatever they could get hold of
    with world.theirs.scope():
        assert missing(version, world.theirs.supervisor) == (set(), 0)


def test_a_company_that_answers_itself_knows_its_own_people_by_name(world: World) -> None:
    version, side = in_force(world.ours), world.ours
    with side.scope():
        house = make_operator(name="自社窓口", own_of=side.company)
        make_operator_person(house, seats=(make_engagement(house, side.desk),), name="社員 一郎")

        assert missing(version, side.company_manager) == ({"社員 一郎"}, 3)
        assert missing(version, side.supervisor)[1] == 1


def test_an_article_of_one_desk_is_for_who_works_there(world: World) -> None:
    side, by = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        desk = make_desk(side.company, name="夜間窓口")
        night = make_operator_person(side.operator, seats=(make_engagement(side.operator, desk),))
        version = shown_version(approved(side.company, by=by, title="夜間の手順", desk=desk))

        # then: a manager answers for all desks of the operator
        assert missing(version, side.supervisor) == ({night.name, side.manager.name}, 0)
        titles = {who: [one.title for one in unread_by(actor_of(who))] for who in (night, side.agent)}
        assert titles == {night: ["夜間の手順"], side.agent: []}

        # when the desk is closed nobody is asked to read what is for it
        desk.active = False
        desk.save()
        assert missing(version, side.supervisor) == (set(), 0)


def test_what_was_in_force_for_long_is_known_to_whoever_comes_new(world: World) -> None:
    version, agent = in_force(world.ours), actor_of(world.ours.agent)
    with world.ours.scope():
        begun = version.valid_from
        with clock.held_at(begun + NEWS - timedelta(seconds=1)):
            assert [one.pk for one in unread_by(agent)] == [version.pk]
        with clock.held_at(begun + NEWS):
            assert list(unread_by(agent)) == []
        # and who may read nothing has nothing to read
        assert list(unread_by(replace(agent, grants=()))) == []
