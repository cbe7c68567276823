"""A scenario leads a talk, by chat and by LINE: from choice to choice, to an answer, a form or a person."""

from dataclasses import replace

import pytest

from madoguchi.bot.actions import (
    begin_scenario,
    change_scenario,
    end_scenario,
    scenario_again,
    take_change_back,
)
from madoguchi.bot.factories import led_by
from madoguchi.bot.models import ScenarioVersion, Talk
from madoguchi.bot.queries import scene_of
from madoguchi.bot.scenarios import draft_of, first_questions, scenario_of, versions_of
from madoguchi.bot.tree import Kind, Node, added, changed, read
from madoguchi.cases.models import Case, Message
from madoguchi.companies.factories import make_entry_point
from madoguchi.delivery.models import ArticleBasis
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.actions import retire_article
from madoguchi.knowledge.trees import ROOT, below, removed
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(world):
    return actor_of(world.ours.company_manager)


@pytest.fixture
def led(world, guest, articles, manager):
    """1 ─ 2 返品・交換 ─ 4 返品の期限, 5 交換したい (a form); 3 担当者に相談."""
    form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="exchange")
    with world.ours.scope():
        return led_by(
            world.ours.desk,
            Node(0, ROOT, "返品・交換", Kind.MENU, "返品でしょうか、交換でしょうか。"),
            Node(0, ROOT, "担当者に相談", Kind.PERSON),
            Node(0, 2, "返品の期限", Kind.ANSWER, article=articles["返品"].pk),
            Node(0, 2, "交換したい", Kind.FORM, "交換はこちらから承ります。", form=form.pk),
            by=manager,
        )


def last_said(guest) -> str:
    with guest.acting():
        return Message.objects.filter(case=guest.case, automatic="bot").order_by("-pk")[0].text


def choices(guest) -> tuple[str, ...]:
    with guest.acting():
        return scene_of(guest.case).choices


def test_a_case_is_called_by_the_path_until_its_customer_types_or_somebody_names_it(guest, another, led):
    # when they choose
    guest.says("返品・交換")
    guest.says("2")
    guest.says("返品の期限")
    assert guest.case.subject == "返品・交換 › 返品の期限"

    # then what they type is what it is about, once
    guest.says("箱を捨ててしまいました")
    guest.says("それでも返せますか")
    assert guest.case.subject == "箱を捨ててしまいました"

    # and what somebody called it stays
    second = another()
    second.says("返品・交換")
    with second.acting():
        Case.objects.filter(pk=second.case.pk).update(subject="交換の相談")
    second.says("返品の期限")
    assert second.case.subject == "交換の相談"


def test_a_visitor_is_led_to_an_answer_a_form_and_back(guest, led, articles):
    # when: a greeting is answered by the first question
    guest.says("こんにちは")

    # then
    assert last_said(guest) == "どのようなご用件でしょうか。\n1. 返品・交換\n2. 担当者に相談"
    assert choices(guest) == ("返品・交換", "担当者に相談")

    # when
    guest.says("1")
    assert choices(guest) == ("返品の期限", "交換したい", "最初に戻る")
    guest.says("返品の期限")

    # then: the words of the version in force, with its source, and the case rests on it
    assert last_said(guest).startswith("商品到着後8日以内にご連絡ください。")
    assert choices(guest) == ("解決しました", "解決していません", "最初に戻る")
    with guest.acting():
        assert ArticleBasis.objects.get().version.article == articles["返品"]

    # when
    guest.says("最初に戻る")
    guest.says("返品・交換")
    guest.says("交換したい")

    # then
    assert last_said(guest).startswith("交換はこちらから承ります。\nhttp")
    assert last_said(guest).endswith("/form/exchange/")
    assert choices(guest) == ("最初に戻る",)
    told = [(turn.outcome, turn.node, turn.scenario_id) for turn in guest.turns()]
    assert [(outcome, node) for outcome, node, _scenario in told] == [
        *(("menu", 1), ("menu", 2), ("answer", 4)),
        *(("menu", 1), ("menu", 2), ("form", 5)),
    ]
    assert {scenario for _outcome, _node, scenario in told} == {led.pk}


def test_a_person_is_one_choice_away_and_asking_freely_goes_on_as_before(guest, another, led):
    # given
    guest.says("こんにちは")
    other = another()

    # when
    guest.says("担当者に相談")
    other.says("返品・交換")
    other.says("人と話す")
    third = another()
    third.says("返品・交換")
    third.says("返品の期限と送料を教えてください")

    # then
    for who in (guest, other):
        assert (who.talk().held_by, who.talk().reason) == (Talk.With.PERSON, "human")
    assert [turn.outcome for turn in third.turns()] == ["menu", "answer"]


def test_what_is_no_longer_in_force_is_no_choice_and_a_number_means_one_only_while_it_is_shown(
    guest, led, articles, manager
):
    # given
    guest.says("こんにちは")
    guest.says("返品・交換")
    with guest.acting():
        retire_article(articles["返品"], by=manager)

    # then
    assert choices(guest) == ("交換したい", "最初に戻る")

    # when: what was a button a moment ago is a question like any other
    guest.says("返品の期限")

    # then
    assert guest.turns()[-1].scenario is None

    # when: the words of a choice still lead there, for the bot speaks as long as nobody took over
    if guest.talk().held_by == Talk.With.BOT:
        guest.says("交換したい")
        assert guest.turns()[-1].outcome == "form"


def test_a_talk_in_another_language_and_one_without_a_scenario_are_as_they_were(guest, another, led, manager):
    guest.says("hello", language="en")
    assert guest.turns()[0].outcome == "greet"
    with guest.acting():
        desk = guest.case.desk
        first = {"words": "どのようなご用件でしょうか。", "choices": ["返品・交換", "担当者に相談"]}
        assert first_questions(desk) == {"ja": first}
        # when
        end_scenario(desk, "ja", by=manager)
        # then
        assert first_questions(desk) == {}
        with pytest.raises(Conflict):
            end_scenario(desk, "ja", by=manager)
    other = another()
    other.says("こんにちは")
    assert other.turns()[0].outcome == "greet"


def test_a_draft_changes_nothing_until_it_begins_and_what_was_is_kept(world, led, manager):
    desk = world.ours.desk
    with world.ours.scope():
        # when
        draft = change_scenario(desk, "ja", lambda tree: removed(tree, 3), seen=0, by=manager)

        # then
        assert (draft.number, draft.revision, scenario_of(desk, language="ja").number) == (2, 1, 1)
        assert first_questions(desk)["ja"]["choices"] == ["返品・交換", "担当者に相談"]

        # when: undone, and undone once more
        take_change_back(desk, "ja", by=manager)
        assert len(read(draft_of(desk, "ja").nodes)) == 5
        take_change_back(desk, "ja", by=manager)
        begun = begin_scenario(desk, "ja", seen=3, by=manager)

        # then
        assert first_questions(desk)["ja"]["choices"] == ["返品・交換"]
        assert [one.number for one in versions_of(desk, "ja")] == [2, 1]
        assert (begun.number, draft_of(desk, "ja")) == (2, None)
        with pytest.raises(Conflict):
            take_change_back(desk, "ja", by=manager)

        # when: the former one is to be again
        scenario_again(desk, "ja", 1, by=manager)

        # then
        assert read(draft_of(desk, "ja").nodes) == read(led.nodes)
        with pytest.raises(NotFound):
            scenario_again(desk, "ja", 9, by=manager)
        kinds = (
            Event.objects.filter(kind__startswith="bot.scenario")
            .order_by("pk")
            .values_list("kind", flat=True)
        )
        assert list(kinds)[-6:] == [
            *("bot.scenario_began", "bot.scenario_changed", "bot.scenario_changed"),
            *("bot.scenario_changed", "bot.scenario_began", "bot.scenario_changed"),
        ]


def test_who_changes_what_another_changed_meanwhile_is_told_and_nothing_is_lost(world, manager):
    desk = world.ours.desk
    node = Node(0, ROOT, "配送", Kind.PERSON)
    with world.ours.scope():
        change_scenario(desk, "ja", lambda tree: added(tree, node)[0], seen=0, by=manager)
        other = replace(node, label="支払い")
        for seen in (0, 2):
            with pytest.raises(Conflict):
                change_scenario(desk, "ja", lambda tree: added(tree, other)[0], seen=seen, by=manager)
        with pytest.raises(Conflict):
            begin_scenario(desk, "ja", seen=2, by=manager)
        [kept] = below(read(draft_of(desk, "ja").nodes), ROOT)
        assert kept.label == "配送"


def test_only_who_sets_up_the_desk_writes_it_and_an_empty_one_does_not_begin(world, manager):
    desk = world.ours.desk
    with world.ours.scope():
        first = Node(ROOT, 0, "", Kind.MENU, "ご用件は？")
        with pytest.raises(NotAllowed):
            change_scenario(
                desk, "ja", lambda tree: changed(tree, first), seen=0, by=actor_of(world.ours.agent)
            )
        assert not ScenarioVersion.objects.exists()
        change_scenario(desk, "ja", lambda tree: changed(tree, first), seen=0, by=manager)
        with pytest.raises(Refused):
            begin_scenario(desk, "ja", seen=1, by=manager)
        with pytest.raises(NotFound):
            change_scenario(desk, "xx", lambda tree: tree, seen=0, by=manager)
        assert ScenarioVersion.objects.get().begun_at is None
    with world.theirs.scope():
        assert not ScenarioVersion.objects.exists()
