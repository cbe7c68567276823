"""Pictures and files of articles in the console, in the help centre and behind our links."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.delivery.links import article_page, words_with_links
from madoguchi.delivery.models import Cited
from madoguchi.desk.tests.conftest import counted
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.actions import Term, retire_article, set_term
from madoguchi.knowledge.factories import PNG, add_picture, approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleFile
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ADD = reverse("desk:article_file_add")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def sent(client: Client, world: World, content: bytes = PNG, name: str = "背面.png"):
    where = f"company:{world.ours.company.pk}"
    return client.post(ADD, {"where": where, "file": SimpleUploadedFile(name, content)})


def shown(world: World, manager: Actor, **said: str) -> tuple[Article, str]:
    """An article in force in an open help centre, and the name of its picture."""
    company = world.ours.company
    with world.ours.scope():
        name = add_picture(company, by=manager)
        article = approved(company, by=manager, body=f"![背面](files/{name})", **said)
        HelpCentre.objects.get_or_create(company=company, defaults={"is_open": True})
    return article, name


def in_help(world: World, article: Article, name: str) -> str:
    return reverse("portal:help_file", args=[world.ours.company.slug, article.pk, name])


def test_what_is_put_in_comes_back_as_the_words_that_show_it_and_in_the_preview(world: World) -> None:
    agent = browser(world.ours.agent)

    # when
    answer = sent(agent, world)

    # then
    assert answer.status_code == 201
    with world.ours.scope():
        [kept] = ArticleFile.objects.all()
    assert answer.json() == {
        "id": kept.pk,
        "name": "背面.png",
        "words": f"![{{{{画像の説明}}}}](files/{kept.name})",
    }
    page = agent.post(reverse("desk:article_preview"), {"body": f"![背面](files/{kept.name})"})
    address = reverse("desk:article_file", args=[kept.name])
    assert f'<img src="{address}" alt="背面" width="40" height="30" loading="lazy"' in page.content.decode()

    # and it is shown so that nothing in it can act, to nobody else
    seen = agent.get(address)
    assert (seen.content, seen["Content-Type"], seen["X-Content-Type-Options"]) == (
        PNG,
        "image/png",
        "nosniff",
    )
    assert "sandbox" in seen["Content-Security-Policy"]
    assert browser(world.ours.company_manager).get(address).status_code == 404
    assert browser(world.theirs.agent).get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"<svg>", "a.svg", "PNG"), (b"%PDF-", "a.png", "PNG"), (b"", "", "選んで")],
)
def test_what_cannot_be_taken_is_said(world: World, content: bytes, name: str, words: str) -> None:
    agent = browser(world.ours.agent)
    answer = sent(agent, world, content, name) if name else agent.post(ADD, {"where": "company:1"})
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    with world.ours.scope():
        assert not ArticleFile.objects.exists()


def test_into_a_company_of_others_nothing_is_put(world: World) -> None:
    answer = sent(browser(world.theirs.agent), world)
    assert answer.status_code == 422
    with scope.everywhere(reason="a test looks at all companies"):
        assert not ArticleFile.objects.exists()


def test_a_file_is_saved_and_never_shown(world: World, manager: Actor) -> None:
    with world.ours.scope():
        name = add_picture(world.ours.company, by=manager, content=b"%PDF-1.7", filename="見積書.pdf")
        article = approved(world.ours.company, by=manager, body=f"[見積書](files/{name})")
    page = browser(world.ours.agent).get(reverse("desk:article", args=[article.pk])).content.decode()
    address = reverse("desk:article_file", args=[name])
    assert f'<a href="{address}"' in page
    got = browser(world.ours.agent).get(address)
    assert got["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E8%A6%8B")
    link = article_page(world.ours.company.pk, article.pk).partition(settings.BASE_URL)[2]
    got = Client().get(f"{link}files/{name}")
    assert (got.content, got["Content-Type"]) == (b"%PDF-1.7", "application/octet-stream")
    assert got["Content-Disposition"].startswith("attachment")


def test_a_stranger_sees_it_in_the_help_centre_and_behind_our_link(world: World, manager: Actor) -> None:
    article, name = shown(world, manager)
    centre = Client().get(reverse("portal:help_article", args=[world.ours.company.slug, article.pk]))
    assert f'src="{in_help(world, article, name)}" alt="背面" width="40"' in centre.content.decode()
    link = article_page(world.ours.company.pk, article.pk).partition(settings.BASE_URL)[2]
    assert f'src="{link}files/{name}"' in Client().get(link).content.decode()
    for address in (in_help(world, article, name), f"{link}files/{name}"):
        got = Client().get(address)
        assert (got.status_code, got["Content-Type"], got["X-Content-Type-Options"]) == (
            200,
            "image/png",
            "nosniff",
        )
        assert "sandbox" in got["Content-Security-Policy"]
    with world.ours.scope():
        words = words_with_links(f"![背面](files/{name})", company=article.company_id, article=article.pk)
    assert words == f"背面 {settings.BASE_URL}{link}files/{name}"


@pytest.mark.parametrize("how", ["ended", "retired", "other words", "closed", "draft", "inner", "guessed"])
def test_what_customers_may_not_read_shows_strangers_nothing(world: World, manager: Actor, how: str) -> None:
    article, name = shown(world, manager, audience="operator" if how == "inner" else "both")
    with world.ours.scope():
        match how:
            case "ended":
                set_term(article, 1, Term(until=clock.now() + timedelta(seconds=1)), by=manager)
            case "retired":
                retire_article(article, by=manager)
            case "other words":
                rewrite(article, "絵はもうありません。", by=manager)
            case "closed":
                HelpCentre.objects.update(is_open=False)
            case "draft":
                name = add_picture(world.ours.company, by=manager)
                article = make_article(world.ours.company, by=manager, body=f"![図](files/{name})")
            case "guessed":
                name = "ffffffffffff.png"
    link = article_page(world.ours.company.pk, article.pk).partition(settings.BASE_URL)[2]
    addresses = [in_help(world, article, name)] + ([] if how == "closed" else [f"{link}files/{name}"])
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        assert [Client().get(one).status_code for one in addresses] == [404] * len(addresses)


def test_an_article_with_many_pictures_costs_one_query_more(world: World, manager: Actor) -> None:
    with world.ours.scope():
        names = [add_picture(world.ours.company, by=manager) for _ in range(5)]
        plain = approved(world.ours.company, by=manager, title="文だけ")
        drawn = approved(
            world.ours.company, by=manager, title="絵", body="\n".join(f"![図](files/{one})" for one in names)
        )
    agent = browser(world.ours.agent)
    agent.get(reverse("desk:article", args=[plain.pk]))
    with counted() as before:
        agent.get(reverse("desk:article", args=[plain.pk]))
    with counted() as after:
        agent.get(reverse("desk:article", args=[drawn.pk]))
    assert len(after) == len(before) + 1


def test_words_put_into_an_answer_lead_to_the_picture_and_rest_on_the_article(
    world: World, manager: Actor
) -> None:
    # given
    article, name = shown(world, manager, title="電源が入らない")
    case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)
    with world.ours.scope():
        version = article.versions.get()

    # when
    agent = browser(world.ours.agent)
    taken = agent.post(reverse("desk:take_article", args=[number, version.pk, "text"]))

    # then
    page = article_page(world.ours.company.pk, article.pk)
    assert (taken.status_code, taken.content.decode()) == (200, f"背面 {page}files/{name}")
    with world.ours.scope():
        assert Cited.objects.get().words == f"背面 {page}files/{name}"
