"""On what answers rest: taken up while one writes, kept with what has left, gone with the words."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.bases import (
    answers_without_basis,
    bases_of,
    cite,
    cited_in,
    count_of_answers,
    inner_words_in,
    note_bases,
    take_out,
    told_wrong,
)
from madoguchi.delivery.checks import gone_past
from madoguchi.delivery.models import ArticleBasis, Cited, Outgoing
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import AskFirst, NotAllowed, NotFound, Refused
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BODY = "初期不良の送料は当社が負担します。\n着払いでお送りください。"


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def version(world: World) -> ArticleVersion:
    side = world.ours
    with side.scope():
        return approved(side.company, by=actor_of(side.company_manager), body=BODY).versions.get()


def leaves(case: Case, text: str, by: Actor) -> int:
    """An answer that has left."""
    outgoing = reply(case, Reply(text=text), by=by)
    Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.SENT)
    note_bases(outgoing.message_id, at=clock.now())
    note_bases(outgoing.message_id, at=clock.now())
    return outgoing.message_id


@pytest.mark.parametrize(
    ("how", "taken"),
    [
        ("text", BODY),
        ("quote", "> 初期不良の送料は当社が負担します。\n> 着払いでお送りください。"),
        ("mark", ""),
    ],
)
def test_what_was_taken_up_is_kept_with_the_answer(
    world: World, case: Case, agent: Actor, version: ArticleVersion, how: str, taken: str
) -> None:
    with world.ours.scope():
        assert cite(case, version.pk, how, by=agent) == taken
        message = leaves(case, f"お世話になります。\n{taken}\n以上です。", agent)

        [basis] = bases_of([message])[message]
        assert (basis.version_id, basis.how) == (version.pk, how)
        assert not Cited.objects.exists()
        [rested] = Event.objects.filter(kind="message.rested")
        assert rested.data == {"message": message, "versions": [version.pk]}


def test_a_link_stands_as_long_as_its_address_does(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    with world.ours.scope():
        link = cite(case, version.pk, "link", by=agent)
        assert "/article/" in link
        assert [one.how for one in cited_in(case, f"こちらです {link}")] == ["link"]
        assert cited_in(case, "こちらです") == []


def test_words_that_were_taken_out_again_leave_no_basis(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    with world.ours.scope():
        cite(case, version.pk, "text", by=agent)
        message = leaves(case, "確認してご連絡します。", agent)
        assert bases_of([message]) == {}
        assert [one.pk for one in answers_without_basis(agent)] == [message]
        counted = count_of_answers(agent)
        assert (counted.answers, counted.unfounded, counted.percent) == (1, 1, 100)


def test_one_may_say_that_it_does_not_rest_on_it(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    with world.ours.scope():
        cite(case, version.pk, "mark", by=agent)
        take_out(case, Cited.objects.get().pk, by=agent)
        assert bases_of([leaves(case, "はい。", agent)]) == {}


def test_words_of_an_article_are_found_whoever_put_them_there(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    with world.ours.scope():
        message = leaves(case, f"お世話になります。\n{BODY}", agent)
        assert [(one.version_id, one.how) for one in bases_of([message])[message]] == [(version.pk, "found")]
        assert not answers_without_basis(agent).exists()


def test_of_many_articles_those_are_compared_that_share_most_words(
    world: World, case: Case, agent: Actor, version: ArticleVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madoguchi.delivery.bases.MOST_COMPARED", 1)
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        for number in range(3):
            approved(world.ours.company, by=by, title=f"0{number} 営業日", body=f"営業日は平日です。{number}")
        message = leaves(case, f"お世話になります。\n{BODY}", agent)

        assert [one.version_id for one in bases_of([message])[message]] == [version.pk]


def test_an_answer_keeps_the_version_it_rested_on(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    boss = actor_of(world.ours.company_manager)
    with world.ours.scope():
        message = leaves(case, BODY, agent)
        rewrite(version.article, "送料はお客様のご負担です。ご了承ください。", by=boss)
        assert [one.version.number for one in bases_of([message])[message]] == [1]
        with pytest.raises(NotFound):
            cite(case, version.pk, "text", by=agent)


def test_a_correction_tells_who_was_told_the_old_version(
    world: World, client: Client, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    number = case.spoken_number(side.company.prefix)
    with side.scope():
        message = leaves(case, BODY, agent)
        rewrite(version.article, "送料は、いつでも当社が負担いたします。", by=boss)
        assert not told_wrong(version.article, actor=agent).exists()
        rewrite(version.article, "送料は、お客様にご負担いただいております。", by=boss, wrong_since=1)
        leaves(make_case(side.entry_point), "送料は、お客様にご負担いただいております。", agent)
        assert [one.message_id for one in told_wrong(version.article, actor=agent)] == [message]
        assert not told_wrong(version.article, actor=actor_of(world.theirs.agent)).exists()
    client.force_login(side.company_manager)
    page = client.get(f"/articles/{version.article_id}/told/").text
    assert number in page
    assert "第1版" in page
    assert "/told/" in client.get(f"/articles/{version.article_id}/").text


def test_what_cannot_be_cited_is_refused(world: World, case: Case, agent: Actor) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        inner = approved(side.company, by=boss, audience="operator").versions.get()
        draft = make_article(side.company, by=boss).versions.get()
        for how in ("link", "text", "quote"):
            with pytest.raises(Refused):
                cite(case, inner.pk, how, by=agent)
        for pk, how in ((draft.pk, "text"), (inner.pk, "found")):
            with pytest.raises(NotFound):
                cite(case, pk, how, by=agent)
        with pytest.raises(NotAllowed):
            cite(case, inner.pk, "text", by=boss)
        assert (Cited.objects.count(), ArticleBasis.objects.count()) == (0, 0)
        assert cite(case, inner.pk, "mark", by=agent) == ""


def test_words_for_operators_only_are_asked_about_before_they_leave(
    world: World, case: Case, agent: Actor, version: ArticleVersion
) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    rule = "苦情が続くときは、三千円までの値引きを提案してかまいません。"
    with side.scope():
        approved(side.company, by=boss, title="値引きの裁量", body=f"社外秘。\n{rule}", audience="operator")
        assert inner_words_in(case, f"お世話になります。\n{BODY}", by=agent) == []
        for text in (f"ご案内です。\n{rule}", f"> {rule}"):
            with pytest.raises(AskFirst) as asked:
                reply(case, Reply(text=text), by=agent)
            [(key, words)] = asked.value.questions
            assert (key, "「値引きの裁量」" in words) == ("inner 値引きの裁量", True)
            assert not Outgoing.objects.exists()

        sent = reply(case, Reply(text=rule, confirmed=frozenset({key})), by=agent)

        assert sent.state == Outgoing.State.QUEUED
        assert gone_past([key]) == [words]
