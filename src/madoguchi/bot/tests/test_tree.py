"""Scenarios as data: what may stand in a tree, how it is changed, and what of it leads somewhere."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.tree import (
    MOST_CHOICES,
    MOST_DEEP,
    Kind,
    Node,
    Reach,
    Tree,
    added,
    beginning,
    changed,
    dead_ends,
    offered,
    read,
    written,
)
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.trees import ROOT, below, moved, node_of, removed, walked

EVERYTHING = Reach({7: 70, 8: 80}, {3: "form"})


def choice(label: str, kind: Kind = Kind.PERSON, parent: int = ROOT, **more) -> Node:
    return Node(0, parent, label, kind, **more)


def grown(*nodes: Node) -> Tree:
    tree = beginning("ご用件は？")
    for node in nodes:
        tree, _id = added(tree, node)
    return tree


# 1 ─ 2 返品 ─ 4 期限 (article 7)
#   │        └ 5 送料 (article 9, in force nowhere)
#   └ 3 その他 (a form)
TREE = grown(
    choice("返品", Kind.MENU, words="返品の何について？"),
    choice("その他", Kind.FORM, form=3, words="こちらから"),
    choice("期限", Kind.ANSWER, parent=2, article=7),
    choice("送料", Kind.ANSWER, parent=2, article=9),
)


def test_it_is_kept_and_read_again_as_it_was():
    assert read(written(TREE)) == TREE
    assert [(node.id, depth) for node, depth in walked(TREE)] == [(1, 0), (2, 1), (4, 2), (5, 2), (3, 1)]


def test_only_what_leads_somewhere_now_is_offered():
    assert [node.id for node in offered(TREE, ROOT, EVERYTHING)] == [2, 3]
    assert [node.id for node in offered(TREE, 2, EVERYTHING)] == [4]
    assert dead_ends(TREE, EVERYTHING) == {5}
    # when: neither the article nor the form is there any more
    nothing = Reach({}, {})
    # then: a question without a choice is none, either
    assert offered(TREE, ROOT, nothing) == []
    assert dead_ends(TREE, nothing) == {1, 2, 3, 4, 5}


def test_a_node_goes_with_all_below_it_and_the_first_question_never():
    assert [node.id for node in removed(TREE, 2)] == [1, 3]
    assert removed(TREE, ROOT) == TREE


def test_it_moves_among_its_own_and_stays_at_the_edge():
    assert [node.id for node in below(moved(TREE, 3, by=-1), ROOT)] == [3, 2]
    assert [node.id for node in below(moved(TREE, 4, by=1), 2)] == [5, 4]
    for pk, by in ((2, -1), (3, 1), (ROOT, 1), (99, 1)):
        assert moved(TREE, pk, by=by) == TREE


def test_a_change_keeps_the_place_and_drops_what_belongs_to_another_kind():
    after = changed(TREE, Node(4, 99, " 期限は ", Kind.PERSON, "言葉", article=7))
    assert node_of(after, 4) == Node(4, 2, "期限は", Kind.PERSON)
    assert [node.id for node in after] == [node.id for node in TREE]
    first = changed(TREE, Node(ROOT, 0, "捨てる", Kind.MENU, "何でしょう"))
    assert node_of(first, ROOT) == Node(ROOT, 0, "", Kind.MENU, "何でしょう")


@pytest.mark.parametrize(
    ("node", "field"),
    [
        (choice("  "), "label"),
        (choice("返 品"), "label"),
        (choice("次", Kind.MENU), "words"),
        (choice("次", Kind.ANSWER), "article"),
        (choice("次", Kind.FORM), "form"),
        (choice("次", parent=4), "label"),
        (choice("次", parent=99), "label"),
    ],
    ids=["no words", "said already", "no question", "no article", "no form", "below an answer", "nowhere"],
)
def test_what_customers_could_not_choose_is_refused_beside_its_field(node, field):
    with pytest.raises(Refused) as refused:
        added(TREE, node)
    assert refused.value.field == field


def test_a_question_with_choices_becomes_nothing_else_and_what_is_gone_is_not_changed():
    for node in (replace(TREE[1], kind=Kind.PERSON), replace(TREE[1], id=99)):
        with pytest.raises(Refused):
            changed(TREE, node)


def test_neither_too_many_nor_too_deep():
    wide = grown(*(choice(f"{n}つ目") for n in range(MOST_CHOICES)))
    with pytest.raises(Refused):
        added(wide, choice("もう一つ"))
    deep = grown(*(choice("次", Kind.MENU, parent=n, words="？") for n in range(1, MOST_DEEP)))
    with pytest.raises(Refused):
        added(deep, choice("次", Kind.MENU, parent=MOST_DEEP, words="？"))


@given(st.lists(st.tuples(st.sampled_from("amru"), st.integers(1, 12), st.integers(0, 3)), max_size=25))
def test_whatever_is_done_every_node_hangs_on_the_first_question(steps):
    tree = beginning("？")
    for act, pk, what in steps:
        try:
            match act:
                case "a":
                    kind = (Kind.MENU, Kind.PERSON, Kind.ANSWER, Kind.FORM)[what]
                    tree, _id = added(tree, Node(0, pk, f"選択{what}", kind, "？", article=7, form=3))
                case "m":
                    tree = moved(tree, pk, by=1 if what else -1)
                case "r":
                    tree = removed(tree, pk)
                case _:
                    tree = changed(tree, Node(pk, 0, f"変更{pk}", Kind.PERSON))
        except Refused:
            continue
    reached = [node.id for node, _depth in walked(tree)]
    assert sorted(reached) == sorted(node.id for node in tree)
    assert len(set(reached)) == len(reached)
    assert not dead_ends(tree, EVERYTHING) - {node.id for node in tree if node.kind == Kind.MENU}
