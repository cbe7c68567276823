"""What follows from each choice of a scenario, and whether its place leads anywhere still. Pure."""

from dataclasses import replace

import pytest

from madoguchi.bot.actions.leading import Place
from madoguchi.bot.deciding import Decision
from madoguchi.bot.models import Reason, ScenarioVersion, Turn
from madoguchi.bot.scenarios import _decided, question_of, start_of
from madoguchi.bot.tree import (
    LONGEST_LABEL,
    LONGEST_WORDS,
    MOST_NODES,
    Kind,
    Node,
    Reach,
    added,
    beginning,
    changed,
    dead_ends,
    offered,
    written,
)
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.trees import ROOT, below, moved, node_of, removed, walked, with_all_below

Outcome = Turn.Outcome
REACH = Reach({7: 70}, {3: "form"})
MENU = Node(2, ROOT, "返品", Kind.MENU, "返品の何について？")
ANSWER = Node(3, 2, "期限", Kind.ANSWER, article=7)
FORM = Node(4, 2, "交換", Kind.FORM, "こちらから", form=3)
PERSON = Node(5, ROOT, "相談", Kind.PERSON)
TREE = (*beginning("ご用件は？"), MENU, ANSWER, FORM, PERSON)
SCENARIO = ScenarioVersion(pk=9, language="ja", number=1, nodes=written(TREE))


@pytest.mark.parametrize(
    ("node", "decided"),
    [
        (MENU, Decision(Outcome.MENU, scenario=9, node=2)),
        (ANSWER, Decision(Outcome.ANSWER, (70,), scenario=9, node=3)),
        (FORM, Decision(Outcome.FORM, scenario=9, node=4)),
        (PERSON, Decision(Outcome.PERSON, scenario=9, node=5, reason=Reason.HUMAN)),
    ],
    ids=lambda value: value.label if isinstance(value, Node) else "",
)
def test_each_kind_of_choice_has_its_act(node, decided):
    assert _decided(SCENARIO, node, REACH) == decided


def test_a_scenario_begins_with_its_first_question():
    assert start_of(SCENARIO) == Decision(Outcome.MENU, scenario=9, node=ROOT)
    assert question_of(SCENARIO, ROOT) == "ご用件は？"
    assert question_of(SCENARIO, 2) == "返品の何について？"
    assert question_of(SCENARIO, 99) == ""


@pytest.mark.parametrize(
    ("place", "outcome", "leads"),
    [
        (Place(SCENARIO, "？", ["返品"]), Outcome.MENU, True),
        (Place(SCENARIO, "？", []), Outcome.MENU, False),
        (Place(SCENARIO, "？", link="http://x/"), Outcome.FORM, True),
        (Place(SCENARIO, "？"), Outcome.FORM, False),
        (Place(SCENARIO), Outcome.ANSWER, True),
        (Place(SCENARIO), Outcome.PERSON, True),
        (Place(), Outcome.DONE, True),
        (Place(), Outcome.SUGGEST, True),
        (Place(), Outcome.GREET, True),
    ],
)
def test_a_question_needs_choices_and_a_form_its_address(place, outcome, leads):
    assert place.leads(outcome) is leads


@pytest.mark.parametrize(
    ("pk", "below_it"),
    [(ROOT, {1, 2, 3, 4, 5}), (2, {2, 3, 4}), (3, {3}), (5, {5}), (99, {99})],
)
def test_what_goes_with_a_node(pk, below_it):
    assert with_all_below(TREE, pk) == below_it


@pytest.mark.parametrize(
    ("reach", "dead", "first", "second"),
    [
        (REACH, set(), [2, 5], [3, 4]),
        (Reach({}, {3: "form"}), {3}, [2, 5], [4]),
        (Reach({7: 70}, {}), {4}, [2, 5], [3]),
        (Reach({}, {}), {2, 3, 4}, [5], []),
        (Reach({8: 80}, {4: "other"}), {2, 3, 4}, [5], []),
    ],
)
def test_what_customers_are_shown_follows_from_what_can_be_said(reach, dead, first, second):
    assert dead_ends(TREE, reach) == dead
    assert [node.id for node in offered(TREE, ROOT, reach)] == first
    assert [node.id for node in offered(TREE, 2, reach)] == second


@pytest.mark.parametrize(
    ("pk", "by", "order"),
    [
        (2, 1, [5, 2]),
        (5, -1, [5, 2]),
        (2, -1, [2, 5]),
        (5, 1, [2, 5]),
        (2, 5, [2, 5]),
        (3, 1, [2, 5]),
    ],
)
def test_moving_changes_the_order_among_its_own_alone(pk, by, order):
    after = moved(TREE, pk, by=by)
    assert [node.id for node in below(after, ROOT)] == order
    assert sorted(node.id for node in after) == [1, 2, 3, 4, 5]
    assert {node.id: node.parent for node in after} == {node.id: node.parent for node in TREE}


@pytest.mark.parametrize(
    ("node", "kept"),
    [
        (replace(PERSON, label="  相談 したい "), replace(PERSON, label="相談 したい")),
        (replace(PERSON, label="あ" * 99), replace(PERSON, label="あ" * LONGEST_LABEL)),
        (replace(MENU, words="？" * 999), replace(MENU, words="？" * LONGEST_WORDS)),
        (replace(ANSWER, words="余計", form=3), ANSWER),
        (replace(FORM, article=7), FORM),
        (replace(FORM, words=""), replace(FORM, words="")),
        (replace(PERSON, parent=2), PERSON),
        (replace(ANSWER, kind=Kind.PERSON), replace(ANSWER, kind=Kind.PERSON, article=None)),
    ],
)
def test_what_is_written_is_kept_as_customers_can_use_it(node, kept):
    assert node_of(changed(TREE, node), node.id) == kept


@pytest.mark.parametrize(
    ("node", "field"),
    [
        (replace(PERSON, label="返品"), "label"),
        (replace(PERSON, label="。"), "label"),
        (replace(MENU, words="  "), "words"),
        (replace(MENU, kind=Kind.ANSWER, article=7), "kind"),
        (replace(ANSWER, article=None), "article"),
        (replace(FORM, form=None), "form"),
        (replace(PERSON, id=77), "label"),
        (Node(ROOT, 0, "", Kind.MENU, ""), "words"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_tree_stays(node, field):
    before = tuple(TREE)
    with pytest.raises(Refused) as refused:
        changed(TREE, node)
    assert refused.value.field == field
    assert before == TREE


def test_the_same_words_may_stand_below_another_question():
    after, new = added(TREE, Node(0, 2, "相談", Kind.PERSON))
    assert (new, node_of(after, new)) == (6, Node(6, 2, "相談", Kind.PERSON))
    assert [(node.id, depth) for node, depth in walked(after)] == [
        *((1, 0), (2, 1), (3, 2), (4, 2), (6, 2), (5, 1)),
    ]


def test_an_id_that_went_is_given_again_only_at_the_end():
    after, new = added(removed(TREE, 3), Node(0, ROOT, "配送", Kind.PERSON))
    assert new == 6
    assert 3 not in {node.id for node in after}


def test_a_scenario_has_an_end():
    tree, at = beginning("？"), ROOT
    questions = [ROOT]
    while len(tree) < MOST_NODES:
        if len(below(tree, at)) == 10:
            questions.pop(0)
            at = questions[0]
        kind = Kind.MENU if len(questions) < 40 else Kind.PERSON
        tree, new = added(tree, Node(0, at, f"選択{len(tree)}", kind, "？"))
        if kind == Kind.MENU:
            questions.append(new)
    with pytest.raises(Refused):
        added(tree, Node(0, questions[-1], "もう一つ", Kind.PERSON))
