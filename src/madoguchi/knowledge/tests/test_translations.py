"""The same article in two languages: linked, behind its original or not, taken along and brought in as it was."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    arrange_article,
    follow_original,
    link_translation,
    retire_article,
    translate_article,
    unlink_translation,
    version_again,
    write_article,
)
from madoguchi.knowledge.actions.archive import bring_in, take_along
from madoguchi.knowledge.archive import INDEX, articles_in, files_of
from madoguchi.knowledge.factories import approve, approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import (
    in_other_languages,
    languages_without,
    may_be_original,
    newer_original,
    published_in_other_languages,
    shown_version,
)
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
ENGLISH = Settings(language="en")


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def translated(original: Article, *, by: Actor, body: str = "We pay for it.") -> Article:
    return translate_article(original, Said("Postage of returns", body), ENGLISH, by=by)


def newest(article: Article) -> ArticleVersion:
    article.refresh_from_db()
    return article.versions.select_related("article").get(number=article.newest)


def told() -> list[tuple[int, int | None, int | None]]:
    with scope.everywhere(reason="a test looks at all companies"):
        rows = Event.objects.filter(kind="article.translated").order_by("id").values_list("data", flat=True)
        return [(one["article"], one["original"], one["number"]) for one in rows]


def test_a_translation_is_a_draft_of_its_own_and_each_names_the_other(world: World, boss: Actor) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        # given
        original = rewrite(approved(world.ours.company, by=boss), "二", by=boss)

        # when
        english = translate_article(original, Said("Postage", "Two"), ENGLISH, follows=2, by=agent)

        # then
        assert (english.language, english.original, english.newest) == ("en", original, 1)
        assert [(v.state, v.follows) for v in english.versions.all()] == [("draft", 2)]
        assert [(one.pk, one.in_force) for one in in_other_languages(original, actor=agent)] == [
            (english.pk, None)
        ]
        assert [(one.pk, one.in_force) for one in in_other_languages(english, actor=agent)] == [
            (original.pk, 2)
        ]
        assert languages_without(original) == []
        assert told() == [(english.pk, original.pk, 2)]


def test_a_language_has_one(world: World, boss: Actor) -> None:
    with world.ours.scope():
        original = approved(world.ours.company, by=boss)
        english = translated(original, by=boss)

        for wanted in (ENGLISH, Settings(language="ja")):
            with pytest.raises(Refused):
                translate_article(original, Said("x", "y"), wanted, by=boss)
            with pytest.raises(Refused):  # a translation of a translation is one of the original
                translate_article(english, Said("x", "y"), wanted, by=boss)
        with pytest.raises(IntegrityError), transaction.atomic():
            Article.objects.create(company=world.ours.company, title="x", language="en", original=original)

        assert list(Article.objects.order_by("pk")) == [original, english]


def test_its_language_stays_while_it_is_linked(world: World, boss: Actor) -> None:
    with world.ours.scope():
        original = approved(world.ours.company, by=boss)
        english = translated(original, by=boss)

        for one, other in ((original, "en"), (english, "ja")):
            with pytest.raises(Refused):
                arrange_article(one, Settings(language=other), by=boss)
        assert (newest(original).article.language, newest(english).article.language) == ("ja", "en")

        unlink_translation(english, by=boss)
        arrange_article(english, Settings(language="ja"), by=boss)
        assert (english.original_id, newest(english).follows, english.language) == (None, None, "ja")


def test_it_is_behind_once_the_original_has_a_newer_approved_version(world: World, boss: Actor) -> None:
    with world.ours.scope():
        # given
        original = approved(world.ours.company, by=boss, body="一")
        english = approve(translated(original, by=boss, body="One"), by=boss)
        assert newer_original(newest(english)) is None

        # when: a draft of the original is nobody's word yet
        write_article(original, Said("返品の送料", "二"), by=boss)
        assert newer_original(newest(english)) is None
        approve(original, by=boss)

        # then
        assert newer_original(newest(english)) == 2
        write_article(english, Said("Postage", "Two"), by=boss)
        assert newer_original(newest(english)) == 2  # whoever writes says so
        follow_original(english, 2, by=boss)
        shown = shown_version(english)
        assert shown is not None
        assert (newer_original(newest(english)), newer_original(shown)) == (None, 2)
        version_again(english, 1, by=boss)
        assert newer_original(newest(english)) == 2  # old words say what the original said then
        assert newer_original(newest(original)) is None
        retire_article(original, by=boss)
        assert newer_original(newest(english)) is None


def test_a_version_that_the_original_never_had_is_followed_by_none(world: World, boss: Actor) -> None:
    with world.ours.scope():
        original = approved(world.ours.company, by=boss)
        english = translated(original, by=boss)
        for article, number in ((english, 2), (original, 1)):
            with pytest.raises(Refused):
                follow_original(article, number, by=boss)
        assert (newest(english).follows, newest(original).follows) == (1, None)


class TestLinkingWhatIsThere:
    def test_they_are_one_article_from_now_on(self, world: World, boss: Actor) -> None:
        with world.ours.scope():
            # given
            original = rewrite(approved(world.ours.company, by=boss), "二", by=boss)
            english = make_article(world.ours.company, by=boss, title="Postage")
            arrange_article(english, ENGLISH, by=boss)
            assert list(may_be_original(english, actor=boss)) == [original]

            # when
            link_translation(english, original, by=boss)

            # then
            assert (english.original, newest(english).follows) == (original, 2)
            assert told() == [(english.pk, original.pk, 2)]
            unlink_translation(english, by=boss)
            unlink_translation(english, by=boss)
            assert told()[1:] == [(english.pk, None, None)]

    def test_what_cannot_be_one_is_refused(self, world: World, boss: Actor) -> None:
        with world.theirs.scope():
            foreign = make_article(world.theirs.company, by=actor_of(world.theirs.company_manager))
        with world.ours.scope():
            original, other = (approved(world.ours.company, by=boss) for _n in range(2))
            english = translated(original, by=boss)
            loose = make_article(world.ours.company, by=boss)
            arrange_article(loose, ENGLISH, by=boss)

            for one, two in ((loose, original), (loose, english), (other, original), (english, other)):
                with pytest.raises(Refused):
                    link_translation(one, two, by=boss)
            with pytest.raises(Refused):
                link_translation(original, loose, by=boss)
            assert list(may_be_original(loose, actor=boss)) == [other]
            assert list(may_be_original(loose, actor=boss, words=f"{other.title[:2]} 無い")) == []
            with pytest.raises(Article.DoesNotExist):
                link_translation(loose, foreign, by=boss)
            assert set(Article.objects.exclude(original=None)) == {english}

    def test_what_customers_may_read_is_linked_by_who_approves_it(self, world: World, boss: Actor) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            original, english = (
                approved(world.ours.company, by=boss),
                make_article(world.ours.company, by=boss),
            )
            arrange_article(english, ENGLISH, by=boss)
            approve(english, by=boss)
            with pytest.raises(NotAllowed):
                link_translation(english, original, by=agent)
            link_translation(english, original, by=boss)
            with pytest.raises(NotAllowed):
                unlink_translation(english, by=agent)
            assert Article.objects.get(pk=english.pk).original == original

    def test_nobody_of_another_company_translates(self, world: World, boss: Actor) -> None:
        theirs = actor_of(world.theirs.company_manager)
        with world.ours.scope():
            original = approved(world.ours.company, by=boss)
            english = translated(original, by=boss)
            for act in (
                lambda: translate_article(original, Said("x", "y"), ENGLISH, by=theirs),
                lambda: follow_original(english, 1, by=theirs),
                lambda: unlink_translation(english, by=theirs),
            ):
                with pytest.raises(NotAllowed):
                    act()
            assert list(Article.objects.exclude(original=None)) == [english]


def test_customers_are_led_to_what_they_may_read(world: World, boss: Actor) -> None:
    with world.ours.scope():
        original = approved(world.ours.company, by=boss)
        english = translated(original, by=boss)
        ours = shown_version(original)
        assert ours is not None
        assert published_in_other_languages(ours) == []
        approve(english, by=boss)
        theirs = shown_version(english)
        assert theirs is not None
        assert published_in_other_languages(ours) == [theirs]
        assert published_in_other_languages(theirs) == [ours]
        arrange_article(english, replace(ENGLISH, audience="operator"), by=boss)
        assert published_in_other_languages(ours) == []


class TestOutAndIn:
    def test_links_go_along_whatever_comes_first(self, world: World, boss: Actor) -> None:
        theirs = actor_of(world.theirs.company_manager)
        with world.ours.scope():
            original = rewrite(approved(world.ours.company, by=boss, title="返品"), "二", by=boss)
            approve(translated(original, by=boss), by=boss)
            files = dict(files_of(take_along(world.ours.company, by=boss)[::-1]))
        with world.theirs.scope():
            # when
            fates = bring_in(world.theirs.company, articles_in(files), by=theirs)

            # then
            assert [(one.state, one.reason) for one in fates] == [("new", ""), ("new", "")]
            there = Article.objects.get(original=None)
            english = Article.objects.exclude(original=None).get()
            assert (there.title, english.original, newest(english).follows) == ("返品", there, 2)
            assert told()[1:] == [(english.pk, there.pk, 2)]
            again = bring_in(world.theirs.company, articles_in(files), by=theirs)
            assert [one.state for one in again] == ["same", "same"]

    def test_without_its_original_it_comes_by_itself_and_that_is_said(
        self, world: World, boss: Actor
    ) -> None:
        with world.ours.scope():
            translated(approved(world.ours.company, by=boss), by=boss)
            alone = [one for one in take_along(world.ours.company, by=boss) if one.original]
        with world.theirs.scope():
            [fate] = bring_in(world.theirs.company, alone, by=SHELL)
            assert (fate.state, bool(fate.reason)) == ("new", True)
            assert Article.objects.get().original_id is None

    def test_tables_from_before_there_were_translations_are_read(self, world: World, boss: Actor) -> None:
        with world.ours.scope():
            approved(world.ours.company, by=boss)
            files = dict(files_of(take_along(world.ours.company, by=boss)))
        head, *rows = files[INDEX].decode("utf-8-sig").splitlines()
        old = "\n".join(
            [head.removesuffix(",original,follows,operators"), *(row.removesuffix(",,,") for row in rows)]
        )
        [read] = articles_in(files | {INDEX: old.encode()})
        assert (read.original, [one.follows for one in read.versions]) == ("", [None])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["original", "translation", "follow", "back"]), max_size=6))
def test_it_is_behind_exactly_when_what_it_follows_is_older(world: World, acts: list[str]) -> None:
    boss = actor_of(world.ours.company_manager)
    with world.ours.scope(), transaction.atomic():
        original = approved(world.ours.company, by=boss, body="0")
        english = approve(translated(original, by=boss, body="0"), by=boss)
        says, followed = 1, {1: 1}
        for n, act in enumerate(acts, start=1):
            if act == "original":
                rewrite(original, str(n), by=boss)
                says += 1
            elif act == "translation":
                rewrite(english, str(n), by=boss)
                followed[english.newest] = followed[english.newest - 1]
            elif act == "follow":
                follow_original(english, says, by=boss)
                followed[english.newest] = says
            elif newest(english).body != "0":
                version_again(english, 1, by=boss)
                approve(english, by=boss)
                followed[english.newest] = followed[1]
        for version in english.versions.select_related("article"):
            wanted = says if followed[version.number] < says else None
            assert newer_original(version) == wanted
        transaction.set_rollback(True)
