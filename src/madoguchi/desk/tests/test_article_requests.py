"""What pages of articles make of what is asked: versions, comparisons, pages of a list, roles, and odd numbers."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.actions import Said, ask_for_approval, write_article
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
TOO_LARGE = 10**25


def at(name: str, *args: int) -> str:
    return reverse(f"desk:{name}", args=args)


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def console(world: World, client: Client) -> Client:
    """The company's manager at the console."""
    client.force_login(world.ours.company_manager)
    return client


@pytest.fixture
def article(world: World, boss: Actor) -> Article:
    """Three versions: 500円, 600円 in force, 700円 as a draft."""
    with world.ours.scope():
        made = approved(world.ours.company, by=boss, body="送料は500円です。")
        rewrite(made, "送料は600円です。", by=boss)
        write_article(made, Said("返品の送料", "送料は700円です。"), by=boss)
    return made


def shown(console: Client, article: Article, **asked: object) -> str:
    page = console.get(at("article", article.pk), asked).content.decode()
    found = re.search(r'<div class="prose"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return found[1].strip()


@pytest.mark.parametrize(
    ("version", "price"),
    [("1", 500), ("2", 600), ("3", 700), ("", 600), ("x", 600), ("３", 600), ("-1", 600), ("9" * 30, 600)],
)
def test_the_version_in_force_is_read_unless_another_is_named(
    console: Client, article: Article, version: str, price: int
) -> None:
    assert shown(console, article, version=version) == f"<p>送料は{price}円です。</p>"


@pytest.mark.parametrize(
    ("asked", "change"),
    [
        ({}, (600, 700)),
        ({"to": "2"}, (500, 600)),
        ({"from": "1"}, (500, 700)),
        ({"from": "3", "to": "1"}, (700, 500)),
        ({"from": "x", "to": "y"}, (600, 700)),
    ],
)
def test_two_versions_are_compared_as_asked_and_else_the_last_two(
    console: Client, article: Article, asked: dict[str, str], change: tuple[int, int]
) -> None:
    page = console.get(at("article_compared", article.pk), asked).content.decode()
    assert f"送料は<del>{change[0]}</del><ins>{change[1]}</ins>円です。" in page


def test_where_nobody_was_told_anything_wrong_nobody_is_said_to_have_heard(
    world: World, article: Article
) -> None:
    agent = Client()
    agent.force_login(world.ours.agent)

    page = agent.get(at("article_correct", article.pk)).content.decode()

    assert "前の内容を案内した用件はありません" in page
    assert "全員に訂正をお伝えしました" not in page


def test_the_first_version_compared_with_itself_has_not_changed(console: Client, article: Article) -> None:
    page = console.get(at("article_compared", article.pk), {"to": "1"}).content.decode()
    assert "送料は500円です。" in page
    assert ("<del>" in page, "<ins>" in page) == (False, False)


@pytest.mark.parametrize("number", [0, 4, 99_999_999])
def test_a_version_that_there_is_not_is_absent(console: Client, article: Article, number: int) -> None:
    before = kept_of(article)
    asked = [
        console.get(at("article", article.pk), {"version": number}),
        console.get(at("article_compared", article.pk), {"to": number}),
        console.post(at("article_judge", article.pk, number), {"do": "approve"}),
        console.post(at("article_term", article.pk, number), {}),
        console.post(at("article_take_back", article.pk, number)),
        console.post(at("article_again", article.pk, number)),
    ]
    assert [answer.status_code for answer in asked] == [404] * 6
    assert kept_of(article) == before


@pytest.mark.parametrize("name", ["article", "article_edit", "article_compared", "article_told"])
def test_an_article_that_there_is_not_is_absent_whatever_its_number(console: Client, name: str) -> None:
    assert [console.get(at(name, pk)).status_code for pk in (0, 987_654, TOO_LARGE)] == [404] * 3


@pytest.mark.parametrize(
    ("who", "reads", "writes", "waits", "unfounded"),
    [
        ("agent", 200, 200, 403, 200),
        ("supervisor", 200, 200, 403, 200),
        ("manager", 200, 200, 403, 200),
        ("company_staff", 200, 200, 403, 200),
        ("company_manager", 200, 200, 200, 200),
    ],
)
def test_who_opens_which_page(
    world: World,
    client: Client,
    article: Article,
    who: str,
    reads: int,
    writes: int,
    waits: int,
    unfounded: int,
) -> None:
    client.force_login(getattr(world.ours, who))
    pages = [at("article", article.pk), at("article_edit", article.pk), at("articles_waiting")]
    answers = [client.get(page).status_code for page in (*pages, at("articles_unfounded"))]
    assert answers == [reads, writes, waits, unfounded]
    assert client.get(at("articles_use")).status_code == unfounded


def test_a_long_list_is_turned_over_and_a_page_too_far_is_the_last(
    world: World, console: Client, boss: Actor
) -> None:
    with world.ours.scope():
        rows = [
            Article(company=world.ours.company, title=f"記事{number:02}", folder="") for number in range(51)
        ]
        ArticleVersion.objects.bulk_create(
            ArticleVersion(
                company_id=row.company_id,
                article=row,
                number=1,
                title=row.title,
                body="本文",
                at=row.updated_at,
            )
            for row in Article.objects.bulk_create(rows)
        )

    def titles(page: str) -> list[str]:
        return sorted(
            set(re.findall(r"記事\d\d", console.get(at("articles"), {"page": page}).content.decode()))
        )

    everything = [f"記事{number:02}" for number in range(51)]
    assert titles("1") == titles("x") == everything[:50]
    assert titles("2") == titles("99") == everything[50:]


def test_to_ask_for_approval_without_a_change_says_so_and_changes_nothing(
    world: World, console: Client, boss: Actor
) -> None:
    side = world.ours
    with side.scope():
        approved(side.company, by=boss, title="題", body="本文")
    [article] = articles_of(world)
    before = kept_of(article)
    said = {"title": "題", "body": "本文", "where": f"company:{side.company.pk}", "audience": "both"}
    said |= {"language": "ja", "folder": "", "revision": str(article.revision), "do": "submit"}

    answer = console.post(at("article_edit", article.pk), said, follow=True)

    assert "変更がないため、承認を依頼するものはありません。" in answer.content.decode()
    assert kept_of(article) == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"body": ""}, "body"),
        ({"title": "長" * 151}, "title"),
        ({"where": "desk:987654"}, "where"),
        ({"audience": "everybody"}, "audience"),
        ({"language": "fr"}, "language"),
        ({"folder": "長" * 61}, "folder"),
        ({"owner": "987654"}, "owner"),
        ({"review_on": "明日"}, "review_on"),
        ({"revision": "x"}, "revision"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_is_kept(
    world: World, console: Client, typed: dict[str, str], field: str
) -> None:
    side = world.ours
    said = {"title": "題", "body": "言葉", "where": f"company:{side.company.pk}", "audience": "both"}
    answer = console.post(at("article_new"), said | {"language": "ja"} | typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert articles_of(world) == []


def test_judging_an_older_version_after_a_newer_was_proposed_is_told_as_too_late(
    world: World, console: Client, boss: Actor
) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        article = make_article(side.company, by=boss, desk=side.desk)
        ask_for_approval(article, by=boss)
        write_article(article, Said("題", "新しい"), by=agent)
        ask_for_approval(article, by=agent)
    before = kept_of(article)

    answer = console.post(at("article_judge", article.pk, 1), {"do": "approve"})

    assert answer.status_code == 409
    assert "ほかの人の操作で、この版の状態が変わっています。" in answer.content.decode()
    assert kept_of(article) == before


def articles_of(world: World) -> list[Article]:
    with world.ours.scope():
        return list(Article.objects.order_by("id"))


def kept_of(article: Article) -> list[tuple[Any, ...]]:
    with scope.acting_for([article.company_id]):
        rows = Article.objects.filter(pk=article.pk).values_list()
        return [*rows, *ArticleVersion.objects.filter(article=article).order_by("id").values_list()]
