"""Scenarios and limit words go along in the archive of what a company knows, and come in as drafts, once."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from madoguchi.bot.actions import set_limit_words
from madoguchi.bot.actions.scenario import begin_scenario, change_scenario, end_scenario
from madoguchi.bot.limits import Kind as Limit
from madoguchi.bot.limits import found_in, tidied, usual
from madoguchi.bot.queries import limit_words
from madoguchi.bot.scenario_models import ScenarioVersion
from madoguchi.bot.tree import Kind, Node, Tree, added, read
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.actions.archive import Fate, bring_in, foresee, take_along
from madoguchi.knowledge.archive import KeptArticle, articles_in, files_of
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def kept(world: World, manager: Actor) -> list[KeptArticle]:
    """A scenario in force with an article, a form and a further question, and words of one limit; as read again."""
    side = world.ours
    with side.scope():
        article = approved(side.company, by=manager, title="返品の期限", body="8日以内です。")
        form = make_entry_point(side.desk, kind="form", address="repair")

        def grown(tree: Tree) -> Tree:
            tree, _id = added(tree, Node(0, 1, "返品", Kind.ANSWER, article=article.pk))
            tree, menu = added(tree, Node(0, 1, "修理", Kind.MENU, words="どの製品ですか。"))
            tree, _id = added(tree, Node(0, menu, "掃除機", Kind.FORM, words="こちらへ", form=form.pk))
            return tree

        draft = change_scenario(side.desk, "ja", grown, seen=0, by=manager)
        begin_scenario(side.desk, "ja", seen=draft.revision, by=manager)
        set_limit_words(side.company, {Limit.SAFETY: "発火\nむくむく\n-火花"}, by=manager)
        return articles_in(dict(files_of(take_along(side.company, by=manager))))


def states(fates: Sequence[Fate]) -> list[str]:
    return [one.state for one in fates]


def shape(scenario: ScenarioVersion) -> list[tuple[str, str, str, int | None, int | None]]:
    return [(one.label, one.kind.value, one.words, one.article, one.form) for one in read(scenario.nodes)]


def test_another_company_has_them_as_drafts_once(
    world: World, manager: Actor, kept: list[KeptArticle]
) -> None:
    # given: the desk has the same name there, and a form the same address
    assert [one.kind for one in kept] == ["article", "scenario", "limits"]
    theirs, by = world.theirs, actor_of(world.theirs.company_manager)
    with theirs.scope():
        theirs.desk.name = world.ours.desk.name
        theirs.desk.save()
        form = make_entry_point(theirs.desk, kind="form", address="repair2")
        kept[1] = replace(
            kept[1],
            versions=tuple(
                replace(v, body=v.body.replace('"repair"', '"repair2"')) for v in kept[1].versions
            ),
        )
        assert states(foresee(theirs.company, kept, by=by)) == ["new", "new", "new"]
        assert not ScenarioVersion.objects.exists()

        # when
        fates = bring_in(theirs.company, kept, by=by)

        # then
        assert states(fates) == ["new", "new", "new"]
        assert "下書きとして" in fates[1].reason
        [scenario] = ScenarioVersion.objects.all()
        assert (scenario.desk, scenario.language, scenario.begun_at) == (theirs.desk, "ja", None)
        article = Article.objects.get()
        assert shape(scenario)[1:] == [
            ("返品", "answer", "", article.pk, None),
            ("修理", "menu", "どの製品ですか。", None, None),
            ("掃除機", "form", "こちらへ", None, form.pk),
        ]
        # what a bot hands over for stays so, and more
        lines = limit_words(theirs.company.pk)[Limit.SAFETY].splitlines()
        ordinary = tidied(usual(Limit.SAFETY))
        assert lines == [*ordinary, "むくむく"]
        assert "次の語句を追加します：むくむく 除外の語句（-）は取り込みません" in fates[2].reason
        # once more nothing changes, nor does it where another draft or other words are
        assert states(bring_in(theirs.company, kept, by=by)) == ["same", "same", "same"]
        set_limit_words(theirs.company, {Limit.SAFETY: "けむり"}, by=by)
        change_scenario(
            theirs.desk, "ja", lambda tree: added(tree, Node(0, 1, "他", Kind.PERSON))[0], seen=1, by=by
        )
        assert states(bring_in(theirs.company, kept, by=by)) == ["same", "refused", "refused"]
        assert limit_words(theirs.company.pk) == {Limit.SAFETY: "けむり"}
        assert [one[0] for one in shape(ScenarioVersion.objects.get())] == [
            "",
            "返品",
            "修理",
            "掃除機",
            "他",
        ]


def test_what_leads_to_what_is_not_here_leads_to_a_person(
    world: World, manager: Actor, kept: list[KeptArticle]
) -> None:
    with world.ours.scope():
        end_scenario(world.ours.desk, "ja", by=manager)
        Article.objects.update(origin="elsewhere-1")
    scenario = kept[1]
    with world.ours.scope():
        assert states(bring_in(world.ours.company, [scenario], by=manager)) == ["new"]
        draft = ScenarioVersion.objects.get(begun_at=None)
        assert [one[:2] for one in shape(draft)[1:]] == [
            ("返品", "person"),
            ("修理", "menu"),
            ("掃除機", "form"),
        ]


def test_it_comes_home_as_the_same_and_where_there_is_no_such_desk_not_at_all(
    world: World, manager: Actor, kept: list[KeptArticle]
) -> None:
    with world.ours.scope():
        assert states(bring_in(world.ours.company, kept, by=manager)) == ["same", "same", "same"]
    theirs, by = world.theirs, actor_of(world.theirs.company_manager)
    with theirs.scope():
        assert states(bring_in(theirs.company, kept, by=by)) == ["new", "refused", "new"]
        assert not ScenarioVersion.objects.exists()


_CHOICE = {
    "id": 2,
    "parent": 1,
    "label": "返品",
    "kind": "person",
    "words": "",
    "article": None,
    "form": None,
}
_FIRST = _CHOICE | {"id": 1, "parent": 0, "label": "", "kind": "menu", "words": "何でしょうか。"}


@pytest.mark.parametrize(
    "body",
    [
        *("", "x", "null", "3", "{}", "[]", "[1]", "[[]]", "[" * 5_000),
        json.dumps([_CHOICE]),
        json.dumps([_FIRST | {"kind": "article"}]),
        json.dumps([_FIRST | {"more": 1}]),
        json.dumps([_FIRST | {"words": "\ud800"}]),
        json.dumps([_FIRST, _CHOICE | {"label": "\udfff"}]),
        json.dumps([_FIRST, _CHOICE | {"label": 3}]),
        json.dumps([_FIRST, _CHOICE | {"article": ["a"]}]),
        json.dumps([_FIRST, _CHOICE | {"id": 1, "kind": "menu"}]),
        json.dumps([_FIRST, *(_CHOICE | {"id": n, "label": f"{n}"} for n in range(2, 13))]),
    ],
)
def test_what_is_no_scenario_is_refused(
    world: World, manager: Actor, kept: list[KeptArticle], body: str
) -> None:
    odd = replace(kept[1], versions=tuple(replace(one, body=body) for one in kept[1].versions))
    with world.ours.scope():
        before = list(ScenarioVersion.objects.values_list("number", "nodes"))
        assert states(bring_in(world.ours.company, [odd], by=manager)) == ["refused"]
        assert list(ScenarioVersion.objects.values_list("number", "nodes")) == before


def test_no_archive_keeps_a_bot_from_handing_over(
    world: World, manager: Actor, kept: list[KeptArticle]
) -> None:
    # given: words that nobody says, and an exception of what everybody says
    narrow = "絶対に言わない語\n-爆発"
    hostile = [
        replace(
            kept[2],
            key=f"x-{kind}",
            folder=kind.value,
            versions=tuple(replace(one, body=narrow) for one in kept[2].versions),
        )
        for kind in Limit
    ]
    theirs, by = world.theirs, actor_of(world.theirs.company_manager)
    with theirs.scope():
        # when
        fates = bring_in(theirs.company, hostile, by=by)

        # then
        assert {one.state for one in fates} == {"new"}
        words = limit_words(theirs.company.pk)
        for said, kind in (("爆発しました", Limit.SAFETY), ("担当者と話したい", Limit.HUMAN)):
            found = found_in(said, words)
            assert found is not None
            assert found.kind is kind
        assert "-爆発" not in words[Limit.SAFETY].splitlines()


def test_of_two_in_one_place_the_first_comes_in_and_takes_nothing_along_back(
    world: World, manager: Actor, kept: list[KeptArticle]
) -> None:
    theirs, by = world.theirs, actor_of(world.theirs.company_manager)
    scenario = replace(kept[1], desk=theirs.desk.name)
    other = replace(
        scenario,
        key="other",
        versions=tuple(replace(one, body=one.body.replace("修理", "部品")) for one in scenario.versions),
    )
    words = replace(kept[2], key="words")
    with theirs.scope():
        fates = bring_in(theirs.company, [scenario, other, kept[2], words], by=by)

        assert states(fates) == ["new", "refused", "new", "refused"]
        assert "同じ場所" in fates[1].reason
        labels = [one[0] for one in shape(ScenarioVersion.objects.get())]
        assert ("修理" in labels, "部品" in labels) == (True, False)
