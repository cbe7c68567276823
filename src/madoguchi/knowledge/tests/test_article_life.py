"""An article over time: which version is in force when, what the log tells of it, and who is offered it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from madoguchi.companies.factories import make_desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import Said, Settings, Term
from madoguchi.knowledge.factories import approve, approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticlePolicy, ArticleVersion
from madoguchi.knowledge.queries import (
    companies_of_articles,
    published,
    published_for,
    shown_version,
    version_of,
    versions_of_article,
    waiting_for_approval,
)
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 3, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def side(world: World) -> Side:
    return world.ours


@pytest.fixture
def boss(side: Side) -> Actor:
    return actor_of(side.company_manager)


def told() -> list[tuple[str, dict[str, Any]]]:
    """What the log says, in order, without which article."""
    with scope.everywhere(reason="a test looks at all companies"):
        rows = list(Event.objects.order_by("id"))
    return [(one.kind, {name: v for name, v in one.data.items() if name != "article"}) for one in rows]


def test_of_each_moment_one_version_is_in_force_or_none(side: Side, boss: Actor) -> None:
    """Three versions: for good from noon; on the second day alone; from the fourth day on."""
    with side.scope(), clock.held_at(NOON):
        article = approved(side.company, by=boss, body="いつもの")
        for body, term in (
            ("一日だけの", Term(NOON + DAY, NOON + 2 * DAY)),
            ("新しい", Term(NOON + 3 * DAY)),
        ):
            actions.write_article(article, Said("題", body), by=boss)
            approve(article, by=boss, term=term)
        actions.write_article(article, Said("題", "下書き"), by=boss)

        def at(moment: datetime) -> str | None:
            found = shown_version(article, at=moment)
            return found.body if found else None

        moments = {
            NOON - SECOND: None,
            NOON: "いつもの",
            NOON + DAY - SECOND: "いつもの",
            NOON + DAY: "一日だけの",
            NOON + 2 * DAY - SECOND: "一日だけの",
            # What has ended brings back none that stood before: whoever wants that says so by a version.
            NOON + 2 * DAY: None,
            NOON + 3 * DAY - SECOND: None,
            NOON + 3 * DAY: "新しい",
            NOON + 400 * DAY: "新しい",
        }
        assert {moment: at(moment) for moment in moments} == moments


def test_the_log_tells_each_step_of_an_article(side: Side, boss: Actor) -> None:
    agent = actor_of(side.agent)
    with side.scope(), clock.held_at(NOON):
        article = make_article(side.company, by=agent, title="送料", body="一", desk=side.desk)
        actions.write_article(article, Said("返品の送料", "二"), by=agent)
        actions.ask_for_approval(article, by=agent)
        actions.take_version_back(article, 1, by=agent)
        actions.ask_for_approval(article, by=agent)
        actions.return_version(article, 1, comment=" 誤字\nあり ", by=boss)
        actions.ask_for_approval(article, by=agent)
        actions.approve_version(article, 1, term=Term(until=NOON + DAY), corrects=True, by=boss)
        actions.set_term(article, 1, Term(), by=boss)
        actions.arrange_article(article, Settings(desk=side.desk, folder="返品"), by=boss)
        actions.retire_article(article, by=boss)
        actions.revive_article(article, by=boss)
        actions.set_policy(side.company, four_eyes=True, by=boss)

    first, later = "2026-12-01T03:00:00+00:00", "2026-12-02T03:00:00+00:00"
    steps = told()
    changes = dict(steps)["article.term"].pop("changes")
    assert list(changes) == ["valid_until"]
    assert changes["valid_until"][1] is None
    assert steps == [
        ("article.added", {"title": "送料"}),
        ("article.written", {"number": 1, "title": "返品の送料"}),
        ("article.submitted", {"number": 1}),
        ("article.taken_back", {"number": 1}),
        ("article.submitted", {"number": 1}),
        ("article.returned", {"number": 1, "comment": "誤字 あり"}),
        ("article.submitted", {"number": 1}),
        ("article.approved", {"number": 1, "valid_from": first, "valid_until": later, "corrects": True}),
        ("article.term", {"number": 1}),
        ("article.arranged", {"changes": {"folder": ["", "返品"]}}),
        ("article.retired", {}),
        ("article.revived", {}),
        ("article.policy", {"changes": {"four_eyes": [False, True]}}),
    ]


def test_what_changes_nothing_is_told_by_nobody(side: Side, boss: Actor) -> None:
    with side.scope(), clock.held_at(NOON):
        article = approved(side.company, by=boss, title="題", body="本文", folder="返品")
        before, revision = told(), article.revision
        assert actions.write_article(article, Said(" 題 ", "本文\r\n"), by=boss).number == 1
        actions.arrange_article(article, Settings(folder=" 返品 "), by=boss)
        actions.set_term(article, 1, Term(), by=boss)
        actions.revive_article(article, by=boss)
        actions.set_policy(side.company, four_eyes=False, by=boss)
        assert (told(), article.revision) == (before, revision)
        actions.retire_article(article, by=boss)
        actions.retire_article(article, by=boss)
        assert [kind for kind, _data in told()[len(before) :]] == ["article.retired"]


@pytest.mark.parametrize(
    ("title", "body", "kept"),
    [
        (" 返品の\n送料 ", "本文\r\n二行目\r\n", ("返品の 送料", "本文\n二行目")),
        ("か\u3099いど", "か\u3099", ("がいど", "が")),
        ("長" * 151, "本文", ("長" * 150, "本文")),
        ("題", "あ" * 50_000, ("題", "あ" * 50_000)),
    ],
    ids=["lines", "NFC", "long title", "longest text"],
)
def test_words_are_kept_in_one_form(
    side: Side, boss: Actor, title: str, body: str, kept: tuple[str, str]
) -> None:
    with side.scope():
        article = make_article(side.company, by=boss, title=title, body=body)
        version = article.versions.get()
        assert (version.title, version.body) == kept
        assert article.title == kept[0]


def test_a_card_number_is_in_no_article(side: Side, boss: Actor) -> None:
    with side.scope():
        article = make_article(
            side.company, by=boss, title="4111 1111 1111 1111 の扱い", body="例: 4111-1111-1111-1111"
        )
        version = article.versions.get()
    assert (version.title, version.body) == ("■■■■ ■■■■ ■■■■ 1111 の扱い", "例: ■■■■-■■■■-■■■■-1111")
    assert "4111" not in str(told())


def test_who_takes_an_article_out_depends_on_whether_it_was_ever_approved(side: Side, boss: Actor) -> None:
    agent = actor_of(side.agent)
    with side.scope():
        draft, spoken = make_article(side.company, by=agent), approved(side.company, by=boss)
        rewrite(spoken, "別の言葉", by=boss)
        actions.retire_article(draft, by=agent)
        actions.revive_article(draft, by=agent)
        for refused in (actions.retire_article, actions.revive_article):
            with pytest.raises(NotAllowed):
                refused(spoken, by=agent)
        actions.retire_article(spoken, by=boss)
        with pytest.raises(NotAllowed):
            actions.revive_article(spoken, by=agent)
        assert Article.objects.get(pk=spoken.pk).retired_at is not None
        assert shown_version(spoken) is None


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({"review_on": date(2027, 4, 1)}, True),
        ({"folder": "当社はサービスを終了しました"}, False),
        ({"audience": "operator"}, False),
        ({"language": "en"}, False),
        ({"desk": None}, False),
    ],
    ids=["when it is looked at again", "under which topic", "who reads it", "language", "for all desks"],
)
def test_once_approved_only_the_company_says_who_reads_it(
    side: Side, boss: Actor, change: dict[str, Any], may: bool
) -> None:
    agent = actor_of(side.agent)
    with side.scope():
        draft = make_article(side.company, by=agent, desk=side.desk)
        spoken = approve(make_article(side.company, by=agent, desk=side.desk), by=boss)
        before = Article.objects.filter(pk=spoken.pk).values().get()
        wanted = Settings(**{"desk": side.desk} | change)
        actions.arrange_article(draft, wanted, by=agent)
        if may:
            actions.arrange_article(spoken, wanted, by=agent)
            return
        with pytest.raises(NotAllowed):
            actions.arrange_article(spoken, wanted, by=agent)
        assert Article.objects.filter(pk=spoken.pk).values().get() == before
        actions.arrange_article(spoken, wanted, by=boss)


def test_an_agent_neither_writes_for_another_desk_nor_moves_an_article_there(side: Side, boss: Actor) -> None:
    agent = actor_of(side.agent)
    with side.scope():
        other = make_desk(side.company)
        theirs, own = (make_article(side.company, by=boss, desk=desk) for desk in (other, side.desk))
        for refused in (
            lambda: make_article(side.company, by=agent, desk=other),
            lambda: actions.write_article(theirs, Said("題", "別"), by=agent),
            lambda: actions.ask_for_approval(theirs, by=agent),
            lambda: actions.arrange_article(theirs, Settings(desk=side.desk), by=agent),
            lambda: actions.arrange_article(own, Settings(desk=other), by=agent),
            lambda: actions.retire_article(theirs, by=agent),
        ):
            with pytest.raises(NotAllowed):
                refused()
        assert Article.objects.count() == 2
        assert {one.desk_id for one in Article.objects.all()} == {other.pk, side.desk.pk}
        assert set(ArticleVersion.objects.values_list("state", "body")) == {
            ("draft", "不良品のときは当社が送料を負担します。")
        }


def test_no_one_of_another_company_touches_an_article(world: World, side: Side, boss: Actor) -> None:
    stranger = actor_of(world.theirs.company_manager)
    with side.scope():
        article = approved(side.company, by=boss)
        actions.write_article(article, Said("題", "二"), by=boss)
        actions.ask_for_approval(article, by=boss)
        before = list(ArticleVersion.objects.order_by("number").values_list())
        for refused in (
            lambda: actions.write_article(article, Said("題", "三"), by=stranger),
            lambda: actions.approve_version(article, 2, by=stranger),
            lambda: actions.return_version(article, 2, comment="x", by=stranger),
            lambda: actions.take_version_back(article, 2, by=stranger),
            lambda: actions.set_term(article, 1, Term(None, clock.now() + DAY), by=stranger),
            lambda: actions.retire_article(article, by=stranger),
            lambda: actions.set_policy(side.company, four_eyes=True, by=stranger),
        ):
            with pytest.raises(NotAllowed):
                refused()
        assert list(ArticleVersion.objects.order_by("number").values_list()) == before
        assert not waiting_for_approval(stranger).exists()
        assert not ArticlePolicy.objects.exists()
    with world.theirs.scope():
        # under their own scope it is not even there
        with pytest.raises(Article.DoesNotExist):
            actions.retire_article(article, by=stranger)
        assert not published(side.company.pk).exists()


def test_of_two_who_judge_at_once_the_second_learns_of_it(side: Side, boss: Actor) -> None:
    with side.scope():
        article = make_article(side.company, by=boss)
        actions.ask_for_approval(article, by=boss)
        as_second_saw_it = Article.objects.get(pk=article.pk)
        actions.approve_version(article, 1, by=boss)
        with pytest.raises(Conflict):
            actions.return_version(as_second_saw_it, 1, comment="誤字", by=boss)
        version = article.versions.get()
        assert (version.state, version.comment) == ("approved", "")


def test_asking_for_a_newer_version_takes_the_older_one_from_the_list(side: Side, boss: Actor) -> None:
    agent, lead = actor_of(side.agent), actor_of(side.supervisor)
    with side.scope():
        article = make_article(side.company, by=agent, desk=side.desk, body="一")
        actions.ask_for_approval(article, by=agent)
        actions.write_article(article, Said("題", "二"), by=lead)
        actions.ask_for_approval(article, by=lead)
        assert list(article.versions.order_by("number").values_list("state", flat=True)) == [
            *("draft", "review")
        ]
        assert [one.number for one in waiting_for_approval(boss)] == [2]
        with pytest.raises(Conflict):
            actions.approve_version(article, 1, by=boss)


def test_who_has_waited_longest_stands_first_and_what_is_out_of_use_waits_no_more(
    side: Side, boss: Actor
) -> None:
    with side.scope():
        for hours, title in ((2, "二番目"), (1, "一番目"), (3, "三番目")):
            with clock.held_at(NOON + timedelta(hours=hours)):
                actions.ask_for_approval(make_article(side.company, by=boss, title=title), by=boss)
        actions.retire_article(Article.objects.get(title="三番目"), by=boss)
        assert [one.title for one in waiting_for_approval(boss)] == ["一番目", "二番目"]


def test_a_desk_rests_on_its_own_and_the_common_ones(side: Side, boss: Actor) -> None:
    with side.scope():
        other = make_desk(side.company)
        for title, desk, folder in (("ろ", None, "2"), ("い", side.desk, "2"), ("は", other, "1")):
            approved(side.company, by=boss, title=title, desk=desk, folder=folder)  # type: ignore[arg-type]
        assert [one.title for one in published_for(side.desk)] == ["い", "ろ"]
        assert [one.title for one in published_for(other)] == ["は", "ろ"]
        assert [one.title for one in published(side.company.pk)] == ["は", "い", "ろ"]


def test_versions_stand_newest_first_with_who_wrote_and_who_approved(side: Side, boss: Actor) -> None:
    agent = actor_of(side.agent)
    with side.scope():
        article = approve(make_article(side.company, by=agent), by=boss)
        actions.write_article(article, Said("題", "二"), by=agent)
        rows = [
            (one.number, one.user and one.user.name, one.approved_by and one.approved_by.name)
            for one in versions_of_article(article)
        ]
        assert rows == [(2, agent.name, None), (1, agent.name, boss.name)]
        assert version_of(article, 1).body == "不良品のときは当社が送料を負担します。"
        for absent in (0, 3):
            with pytest.raises(NotFound):
                version_of(article, absent)


@pytest.mark.parametrize(
    ("who", "named"), [("company_manager", [True]), ("agent", []), ("company_staff", [])]
)
def test_how_a_company_wants_it_approved_is_told_to_who_may_say_so(
    side: Side, boss: Actor, who: str, named: list[bool]
) -> None:
    with side.scope():
        actions.set_policy(side.company, four_eyes=True, by=boss)
        found = companies_of_articles(actor_of(getattr(side, who)), Permission.ARTICLES_APPROVE)
        assert [one.four_eyes for one in found] == named  # type: ignore[attr-defined]


def test_the_database_itself_holds_that_an_approved_version_begins_and_each_number_is_once(
    side: Side, boss: Actor
) -> None:
    with side.scope():
        version = make_article(side.company, by=boss).versions.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleVersion.objects.filter(pk=version.pk).update(state="approved")
        version.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)
        assert ArticleVersion.objects.count() == 1
