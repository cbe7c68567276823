"""The chat of the sample world: its bot leads, and every choice leads somewhere."""

import pytest

from madoguchi.bot.scenarios import first_questions, reach_of, scenario_of, steps_of
from madoguchi.bot.tree import Kind, dead_ends, read
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.trees import node_of
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.sample.chat import DESK, lead_chat

pytestmark = pytest.mark.django_db
TITLES = (
    *("サイズの選び方", "サイズを交換したい", "返金はいつですか", "注文を取り消したい"),
    *("ギフト包装はできますか", "カシミヤ混ニットの洗い方", "毛玉ができてしまいました"),
)


def test_the_bot_leads_to_every_answer_to_the_form_and_to_a_person(world: World) -> None:
    desk, by = world.ours.desk, actor_of(world.ours.company_manager)
    with world.ours.scope():
        # given: what the scenario names, as the other parts of the sample world write it
        make_entry_point(desk, kind=Channel.FORM, address="asagiri-returns")
        for title in TITLES:
            approved(world.ours.company, by=by, title=title)

        # when
        lead_chat({DESK: desk}, by=by)

        # then
        scenario = scenario_of(desk, language="ja")
        assert scenario is not None
        tree = read(scenario.nodes)
        assert dead_ends(tree, reach_of(desk, tree)) == set()
        choices = ["サイズのこと", "返品・返金", "ご注文・ギフト包装", "お手入れの方法", "担当者に相談する"]
        asked = {"words": "どのようなご用件でしょうか。", "choices": choices}
        assert first_questions(desk) == {"ja": asked}
        assert {node.article for node in tree} == {None, *reach_of(desk, tree).articles}
        kinds = [node.kind for node in tree]
        assert [kinds.count(kind) for kind in Kind] == [5, 7, 1, 1]
        returns = next(node.id for node in tree if node.label == "返品・返金")
        steps = [step.label for step in steps_of(desk, scenario, returns)]
        assert steps == ["返金の時期を知りたい", "返品を申し込みたい"]
        assert node_of(tree, returns).words == "返品・返金のことですね。どちらでしょうか。"
