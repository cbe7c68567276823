"""Programs read the articles in force, within the walls of pages."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from madoguchi.api.tests.conftest import Program
from madoguchi.cases.factories import make_case
from madoguchi.companies.factories import make_desk
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.models import Escalation
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    Term,
    restrict_article,
    retire_article,
    translate_article,
)
from madoguchi.knowledge.factories import approve, approved, make_article, rewrite
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ARTICLES = "/api/v1/articles"
DAY = timedelta(days=1)


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def article(world: World, boss: Actor) -> Article:
    with world.ours.scope():
        return approved(
            world.ours.company, by=boss, title="返品の送料", body="**不良品**は当社が負担します。"
        )


@pytest.fixture
def asked(program: Program) -> Callable[..., list[str]]:
    """The titles that a program of our agent is told."""

    def ask(**query: object) -> list[str]:
        answer = program("agent", Permission.ARTICLES_READ).get(ARTICLES, query)
        assert answer.status_code == 200, answer.content
        return [one["title"] for one in answer.json()["items"]]

    return ask


def test_one_article_with_its_words(world: World, program: Program, article: Article) -> None:
    client = program("agent", Permission.ARTICLES_READ)

    told = client.get(f"{ARTICLES}/{article.pk}").json()

    assert (told["title"], told["body"], told["version"]) == (
        "返品の送料",
        "**不良品**は当社が負担します。",
        1,
    )
    assert (told["company"], told["desk"], told["language"]) == (world.ours.company.slug, None, "ja")
    assert "/article/" in told["address"]
    [line] = client.get(ARTICLES).json()["items"]
    assert line == {name: value for name, value in told.items() if name != "body"}


def test_only_what_is_in_force_is_told(
    world: World, program: Program, boss: Actor, article: Article, asked: Callable[..., list[str]]
) -> None:
    now = clock.now()
    with world.ours.scope():
        draft = make_article(world.ours.company, by=boss, title="下書き")
        approved(world.ours.company, by=boss, title="開始待ち", term=Term(now + DAY))
        approved(world.ours.company, by=boss, title="期限切れ", term=Term(now - 2 * DAY, now - DAY))
        gone = approved(world.ours.company, by=boss, title="停止")
        retire_article(gone, by=boss)
    client = program("agent", Permission.ARTICLES_READ)

    assert asked() == ["返品の送料"]
    assert [client.get(f"{ARTICLES}/{one.pk}").status_code for one in (draft, gone)] == [404, 404]

    # and once it is corrected, the new words
    with world.ours.scope():
        rewrite(article, "すべて当社が負担します。", by=boss)
    told = client.get(f"{ARTICLES}/{article.pk}").json()
    assert (told["body"], told["version"]) == ("すべて当社が負担します。", 2)


def test_words_are_looked_for_in_title_and_body_and_all_of_them(
    world: World, boss: Actor, article: Article, asked: Callable[..., list[str]]
) -> None:
    with world.ours.scope():
        approved(world.ours.company, by=boss, title="領収書", body="マイページで出せます。")
    assert asked(words="送料") == ["返品の送料"]
    assert asked(words="マイページ 領収書") == ["領収書"]
    assert asked(words="送料 領収書") == []


def test_a_desk_has_its_own_and_those_for_all(
    world: World, boss: Actor, article: Article, asked: Callable[..., list[str]], program: Program
) -> None:
    with world.ours.scope():
        other = make_desk(world.ours.company, name="別の窓口")
        own = approved(world.ours.company, by=boss, title="この窓口の記事")
        Article.objects.filter(pk=own.pk).update(desk=world.ours.desk)
        theirs = approved(world.ours.company, by=boss, title="別の窓口の記事")
        Article.objects.filter(pk=theirs.pk).update(desk=other)
    assert asked(desk=world.ours.desk.pk) == ["返品の送料", "この窓口の記事"]
    client = program("agent", Permission.ARTICLES_READ)
    assert client.get(ARTICLES, {"desk": other.pk}).status_code == 404
    assert client.get(f"{ARTICLES}/{theirs.pk}").status_code == 404


def test_they_come_by_pages(world: World, boss: Actor, article: Article, program: Program) -> None:
    with world.ours.scope():
        for number in range(3):
            approved(world.ours.company, by=boss, title=f"記事{number}")
    client = program("agent", Permission.ARTICLES_READ)
    first = client.get(ARTICLES, {"limit": 3}).json()
    second = client.get(ARTICLES, {"limit": 3, "after": first["next"]}).json()
    assert [one["title"] for one in first["items"]] == ["返品の送料", "記事0", "記事1"]
    assert ([one["title"] for one in second["items"]], second["next"]) == (["記事2"], None)


def test_one_for_operators_has_no_address_for_customers(
    world: World, program: Program, article: Article
) -> None:
    with world.ours.scope():
        Article.objects.filter(pk=article.pk).update(audience=Article.Audience.OPERATOR)
    told = program("agent", Permission.ARTICLES_READ).get(f"{ARTICLES}/{article.pk}").json()
    assert (told["audience"], told["address"]) == ("operator", None)


def test_another_companys_are_absent_and_without_the_permission_it_is_refused(
    world: World, program: Program, article: Article
) -> None:
    stranger: Side = world.theirs
    client = program("agent", Permission.ARTICLES_READ, side=stranger)
    assert client.get(ARTICLES).json() == {"items": [], "next": None}
    assert client.get(f"{ARTICLES}/{article.pk}").status_code == 404
    assert program("agent", Permission.CASE_READ).get(ARTICLES).status_code == 403


def test_a_translation_names_its_original(
    world: World, program: Program, boss: Actor, article: Article
) -> None:
    with world.ours.scope():
        said, english = Said("Postage", "We pay for it."), Settings(language="en")
        approve(translate_article(article, said, english, by=boss), by=boss)
    lines = program("agent", Permission.ARTICLES_READ).get(ARTICLES).json()["items"]
    told = [(one["language"], one["translation_of"]) for one in lines]
    assert told == [("ja", None), ("en", article.pk)]


def test_a_question_names_no_article_that_is_kept_from_the_reader(
    world: World, program: Program, boss: Actor
) -> None:
    # given
    side, agent, due = world.ours, actor_of(world.ours.agent), clock.now() + DAY
    with side.scope():
        case = make_case(side.entry_point)
        whom = Whom(to="person", person=side.supervisor.pk)
        asked = ask(case, whom, Question(question="延ばせますか。", cause="rule", due_at=due), by=agent)
        inner = approved(side.company, by=boss, audience="operator")
        Escalation.objects.filter(pk=asked.pk).update(article=inner, state="closed")
    place = f"/api/v1/cases/{case.spoken_number(side.company.prefix)}/escalations"
    assert [one["article"] for one in program("agent").get(place).json()] == [inner.pk]

    # when
    with side.scope():
        restrict_article(inner, [], by=boss)

    # then
    reads = (Permission.CASE_READ, Permission.ARTICLES_READ)
    told = [program(who, *reads).get(place).json()[0]["article"] for who in ("agent", "company_manager")]
    assert told == [None, inner.pk]
