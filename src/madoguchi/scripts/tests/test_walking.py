"""Walking through a talk script in a case: step by step, back, and what is kept of it."""

from datetime import timedelta

import pytest

from madoguchi.cases.actions import save_draft
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.factories import make_entry_point
from madoguchi.delivery.bases import cited_in
from madoguchi.delivery.models import Cited
from madoguchi.delivery.spoken import said_in, unsay
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound
from madoguchi.knowledge.actions import Said, Settings, Term, add_article, say_wrong, set_term, write_article
from madoguchi.knowledge.factories import approve, make_article, rewrite
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import shown_version
from madoguchi.knowledge.steps import read
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.scripts.actions import begin_walk, end_walk, go_back, go_on, say_step
from madoguchi.scripts.models import Walk
from madoguchi.scripts.queries import (
    Went,
    by_step,
    is_stopped,
    stand_of,
    walk_under_way,
    walked_through,
    walks_of,
)
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.models import AgentPhone, Call

pytestmark = pytest.mark.django_db
TEXT = (
    "ご注文番号を伺えますか。\n- ある\n  お調べします。少々お待ちください。\n- ない\n  お名前を伺えますか。"
)


@pytest.fixture
def case(world: World) -> Case:
    with world.ours.scope():
        return make_case(world.ours.entry_point)


@pytest.fixture
def script(world: World) -> Article:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        settings = Settings(audience="operator")
        kind = Article.Kind.SCRIPT
        return approve(
            add_article(world.ours.company, Said("配送の確認", TEXT), settings, kind=kind, by=by), by=by
        )


def version_of(script: Article) -> int:
    found = shown_version(script)
    assert found is not None
    return found.pk


def test_a_walk_is_kept_step_by_step(world: World, case: Case, script: Article) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        begin_walk(case, version_of(script), by=by)
        go_on(case, 2, by=by)
        go_back(case, by=by)
        go_back(case, by=by)
        walk = go_on(case, 3, by=by)
        assert [(key, one.label) for key, one in stand_of(walk).ways] == []
        end_walk(case, by=by)

        kept = Walk.objects.get()
        assert (kept.path, kept.version_id, kept.ended_at is None) == ([1, 3], version_of(script), False)
        assert [way for _walk, way in walks_of(case, reader=by)] == ["ない"]
        told = (
            Event.objects.filter(kind__startswith="script.").order_by("id").values_list("kind", "data__step")
        )
        moves = [("script.moved", 2), ("script.moved", 1), ("script.moved", 3)]
        assert list(told) == [("script.begun", None), *moves, ("script.ended", None)]


def test_what_does_not_follow_is_refused(world: World, case: Case, script: Article) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        with pytest.raises(Conflict):
            go_on(case, 2, by=by)
        begin_walk(case, version_of(script), by=by)
        go_on(case, 2, by=by)

        with pytest.raises(Conflict):
            go_on(case, 3, by=by)

        assert Walk.objects.get().path == [1, 2]


def test_only_scripts_in_force_are_walked_and_by_the_desk_alone(
    world: World, case: Case, script: Article
) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        article = shown_version(approve(make_article(world.ours.company, by=by), by=by))
        assert article is not None
        with pytest.raises(NotFound):
            begin_walk(case, article.pk, by=actor_of(world.ours.agent))
        with pytest.raises(NotAllowed):
            begin_walk(case, version_of(script), by=by)
        assert not Walk.objects.exists()


def test_an_answer_with_words_of_a_step_rests_on_the_script(
    world: World, case: Case, script: Article
) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        begin_walk(case, version_of(script), by=by)
        first = say_step(case, by=by)
        go_on(case, 2, by=by)
        second = say_step(case, by=by)

        text = f"{first}\n{second}"
        save_draft(case, kind="reply", text=text, by=by)

        assert (first, second) == ("ご注文番号を伺えますか。", "お調べします。少々お待ちください。")
        assert [one.version_id for one in cited_in(case, text)] == [version_of(script)]
        assert cited_in(case, "別の話です。") == []

        # though the first is said once more, an answer of either rests on it
        go_back(case, by=by)
        say_step(case, by=by)
        for part in (first, second):
            assert [one.version_id for one in cited_in(case, part)] == [version_of(script)]


@pytest.mark.parametrize("how", ["wrong", "over"])
def test_a_script_that_was_stopped_is_said_no_more(
    world: World, case: Case, script: Article, how: str
) -> None:
    by, boss = actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with world.ours.scope():
        walk = begin_walk(case, version_of(script), by=by)
        assert is_stopped(walk, reader=by) is False
        if how == "wrong":
            say_wrong(script, 1, by=boss)
        else:
            set_term(script, 1, Term(until=clock.now() + timedelta(seconds=1)), by=boss)

        with clock.held_at(clock.now() + timedelta(seconds=2)):
            for act in (lambda: go_on(case, 2, by=by), lambda: say_step(case, by=by)):
                with pytest.raises(Conflict, match="スクリプトは途中で止められました"):
                    act()
            assert (Walk.objects.get().path, Cited.objects.count()) == ([1], 0)
            end_walk(case, by=by)
        assert Walk.objects.get().ended_at is not None


def test_newer_words_stop_nobody_in_the_midst_of_the_old(world: World, case: Case, script: Article) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        begin_walk(case, version_of(script), by=by)
        rewrite(script, TEXT.replace("少々", "しばらく"), by=actor_of(world.ours.company_manager))

        go_on(case, 2, by=by)

        assert say_step(case, by=by) == "お調べします。少々お待ちください。"


def test_another_script_leaves_the_first(world: World, case: Case, script: Article) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        begin_walk(case, version_of(script), by=by)
        second = begin_walk(case, version_of(script), by=by)

        assert walk_under_way(case, by=by) == second
        assert [one.ended_at is None for one in Walk.objects.order_by("pk")] == [False, True]


def test_branches_are_counted_whatever_version_was_walked(world: World, case: Case, script: Article) -> None:
    by, writer = actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with world.ours.scope():
        begin_walk(case, version_of(script), by=by)
        go_on(case, 3, by=by)
        write_article(script, Said(script.title, f"{TEXT}\n- 不明\n  お調べします。"), by=writer)
        approve(script, by=writer)
        begin_walk(case, version_of(script), by=by)
        go_on(case, 2, by=by)
        walks = walked_through(script, actor=by)
        newest = next(one for one in walks if one.labels == ("ある",))

        later = clock.now() + timedelta(days=1)
        again = {(newest.case, newest.at)}
        found = by_step(read(f"{TEXT}\n- 不明\n  お調べします。"), walks, again=again, old=later)

        assert found == {1: Went(2, 2, 1), 2: Went(1, 1, 0), 3: Went(1, 1, 1), 4: Went()}
        assert by_step(read(TEXT), walks, again=set(), old=newest.at - timedelta(days=1))[1] == Went(2)


def test_a_script_walked_on_a_call_of_the_case_is_kept_with_the_call(
    world: World, case: Case, script: Article
) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        # given: nobody is on the phone
        begin_walk(case, version_of(script), by=by)
        assert not said_in(case).exists()

        # when: a call of the case goes on
        talk = Message.objects.get(case=case)
        Message.objects.filter(pk=talk.pk).update(channel=Channel.PHONE)
        point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        begin_call(point, Begun(uid="c1", caller="+819012345678", flow=0, at=clock.now()))
        Call.objects.filter(uid="c1").update(message_id=talk.pk)
        now, state = clock.now(), AgentPhone.State.TALKING
        AgentPhone.objects.create(user_id=by.id, state=state, since=now, seen_at=now, call="c1")
        go_on(case, 2, by=by)
        go_back(case, by=by)

        # then
        kept = said_in(case).get()
        assert (kept.message_id, kept.version_id) == (talk.pk, version_of(script))
        told = Event.objects.filter(kind="message.rested").get()
        assert told.data["versions"] == [version_of(script)]

        # when: of another case nothing is kept, and what was not said is taken back
        other = make_case(world.ours.entry_point)
        begin_walk(other, version_of(script), by=by)
        assert not said_in(other).exists()
        with pytest.raises(NotAllowed):
            unsay(case, version_of(script), by=actor_of(world.ours.company_manager))
        assert said_in(case).exists()
        assert unsay(case, version_of(script), by=by)
        assert not said_in(case).exists()
