"""A scenario is one company's: it leads to nothing of another's, and what is refused changes nothing."""

import pytest

from madoguchi.bot.actions import (
    begin_scenario,
    change_scenario,
    end_scenario,
    scenario_again,
    take_change_back,
)
from madoguchi.bot.factories import led_by
from madoguchi.bot.models import ScenarioVersion
from madoguchi.bot.scenarios import (
    articles_to_choose,
    first_questions,
    forms_of,
    reach_of,
    scenario_of,
    versions_of,
)
from madoguchi.bot.tree import Kind, Node, added, dead_ends, read
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.knowledge.factories import approved, make_article
from madoguchi.knowledge.trees import ROOT, removed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
PERSON = Node(0, ROOT, "担当者に相談", Kind.PERSON)


@pytest.fixture
def manager(world: World):
    return actor_of(world.ours.company_manager)


def kept() -> list[tuple[object, ...]]:
    """Every version, and how many events told of scenarios."""
    rows = ScenarioVersion.objects.order_by("pk")
    told = Event.objects.filter(kind__startswith="bot.scenario").count()
    return [*rows.values_list("number", "revision", "nodes", "before", "begun_at", "ended_at"), (told,)]


def test_what_belongs_to_another_company_leads_nowhere(world: World, manager) -> None:
    # given an article and a form of another company, of which somebody knows the ids
    with world.theirs.scope():
        by = actor_of(world.theirs.company_manager)
        secret = approved(world.theirs.company, by=by, title="他社の記事")
        foreign = make_entry_point(world.theirs.desk, kind=Channel.FORM, address="foreign")

    # when they are written into ours
    with world.ours.scope():
        desk = world.ours.desk
        own = make_entry_point(desk, kind=Channel.FORM, address="own")
        nodes = (
            Node(0, ROOT, "他社の記事", Kind.ANSWER, article=secret.pk),
            Node(0, ROOT, "他社のフォーム", Kind.FORM, form=foreign.pk),
            Node(0, ROOT, "自社のフォーム", Kind.FORM, form=own.pk),
        )
        tree = read(led_by(desk, *nodes, by=manager).nodes)

    # then nobody is led there, not even where everything is in sight
    with scope.everywhere(reason="whoever moves data sees both"):
        assert list(forms_of(desk)) == [own]
        assert list(articles_to_choose(desk)) == []
        reach = reach_of(desk, tree)
        assert (dict(reach.articles), dict(reach.forms)) == ({}, {own.pk: "own"})
        assert dead_ends(tree, reach) == {2, 3}
        assert first_questions(desk)["ja"]["choices"] == ["自社のフォーム"]


def test_customers_are_led_only_to_what_is_for_them_and_in_force(world: World, manager) -> None:
    company, desk = world.ours.company, world.ours.desk
    with world.ours.scope():
        # given
        inside = approved(company, by=manager, title="社内の手順", audience="operator")
        draft = make_article(company, by=manager, title="下書き")
        other = approved(
            company, by=manager, title="別の窓口の記事", desk=make_desk(company, name="別の窓口")
        )
        shown = approved(company, by=manager, title="お客様の記事", audience="customer")
        form = make_entry_point(desk, kind=Channel.FORM, address="closed")
        every = [inside, draft, other, shown]

        # when
        tree = read(
            led_by(
                desk,
                *(Node(0, ROOT, f"記事{n}", Kind.ANSWER, article=one.pk) for n, one in enumerate(every)),
                Node(0, ROOT, "フォーム", Kind.FORM, form=form.pk),
                by=manager,
            ).nodes
        )
        assert first_questions(desk)["ja"]["choices"] == ["記事3", "フォーム"]
        form.active = False
        form.save()

        # then
        assert first_questions(desk)["ja"]["choices"] == ["記事3"]
        assert dead_ends(tree, reach_of(desk, tree)) == {2, 3, 4, 6}


def test_who_does_not_set_up_the_desk_changes_begins_ends_and_takes_back_nothing(
    world: World, manager
) -> None:
    desk = world.ours.desk
    others = (world.ours.agent, world.ours.supervisor, world.ours.manager, world.theirs.company_manager)
    with world.ours.scope():
        # given one in force and a draft after it
        led_by(desk, PERSON, by=manager)
        change_scenario(desk, "ja", lambda tree: removed(tree, 2), seen=0, by=manager)
        before = kept()

        # when
        for who in map(actor_of, others):
            with pytest.raises(NotAllowed):
                change_scenario(desk, "ja", lambda tree: tree, seen=1, by=who)
            with pytest.raises(NotAllowed):
                begin_scenario(desk, "ja", seen=1, by=who)
            for act in (end_scenario, take_change_back):
                with pytest.raises(NotAllowed):
                    act(desk, "ja", by=who)
            with pytest.raises(NotAllowed):
                scenario_again(desk, "ja", 1, by=who)

        # then
        assert kept() == before


def test_a_refused_change_leaves_the_draft_and_what_is_in_force_as_they_were(world: World, manager) -> None:
    desk = world.ours.desk
    with world.ours.scope():
        led_by(desk, PERSON, by=manager)
        # given a draft without any choice
        change_scenario(desk, "ja", lambda tree: removed(tree, 2), seen=0, by=manager)
        before = kept()

        # when
        wrong = (
            Node(0, ROOT, " ", Kind.PERSON),
            Node(0, 9, "どこにも", Kind.PERSON),
            Node(0, ROOT, "問い", Kind.MENU),
        )
        for node in wrong:
            with pytest.raises(Refused):
                change_scenario(desk, "ja", lambda tree, node=node: added(tree, node)[0], seen=1, by=manager)
        with pytest.raises(Refused):
            begin_scenario(desk, "ja", seen=1, by=manager)
        for seen in (0, 2):
            with pytest.raises(Conflict):
                begin_scenario(desk, "ja", seen=seen, by=manager)
        with pytest.raises(Conflict):
            take_change_back(desk, "en", by=manager)

        # then
        assert kept() == before
        assert first_questions(desk)["ja"]["choices"] == ["担当者に相談"]


def test_each_language_and_each_desk_has_its_own(world: World, manager) -> None:
    with world.ours.scope():
        # given
        other = make_desk(world.ours.company, name="別の窓口")
        led_by(world.ours.desk, PERSON, by=manager)
        led_by(world.ours.desk, Node(0, ROOT, "A person", Kind.PERSON), by=manager, language="en")

        # then
        asked = {language: one["choices"] for language, one in first_questions(world.ours.desk).items()}
        assert asked == {"en": ["A person"], "ja": ["担当者に相談"]}
        assert first_questions(other) == {}

        # when one of them ends
        end_scenario(world.ours.desk, "en", by=manager)

        # then the other goes on, and what ended is kept
        assert list(first_questions(world.ours.desk)) == ["ja"]
        assert scenario_of(world.ours.desk, language="ja").number == 1
        assert [one.ended_at is None for one in versions_of(world.ours.desk, "en")] == [False]
