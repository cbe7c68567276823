"""The help centre as anybody sees it: open ones alone, approved words alone, counted once."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.helpcentre.actions import set_up_help_centre
from madoguchi.helpcentre.models import Judgement
from madoguchi.infra import limits, scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.actions import Said, Settings, translate_article
from madoguchi.knowledge.factories import approve, approved, make_article
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def japanese() -> Client:
    return Client(headers={"Accept-Language": "ja"})


@pytest.fixture
def by(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def home(world: World, by: Actor) -> str:
    """The address of our help centre, which is open and leads to a form."""
    company = world.ours.company
    with scope.acting_for([company.pk]):
        form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="hinata")
        set_up_help_centre(
            company, is_open=True, title="よくあるご質問", introduction="", contact=form, by=by
        )
    return f"/help/{company.slug}/"


def _published(world: World, by: Actor, **said: str) -> Article:
    with scope.acting_for([world.ours.company.pk]):
        return approved(world.ours.company, by=by, **said)


def test_a_closed_one_is_not_there(world: World, japanese: Client, by: Actor) -> None:
    article = _published(world, by)
    slug = world.ours.company.slug

    addresses = (
        f"/help/{slug}/",
        f"/help/{slug}/{article.pk}/",
        f"/help/{slug}/sitemap.xml",
        "/help/nobody/",
    )
    assert [japanese.get(address).status_code for address in addresses] == [404] * 4
    assert japanese.post(f"/help/{slug}/{article.pk}/judged/", {"helped": "yes"}).status_code == 404


def test_articles_stand_under_their_topics(world: World, japanese: Client, by: Actor, home: str) -> None:
    _published(world, by, title="洗い方", folder="お手入れ")
    _published(world, by, title="返品の送料", folder="返品")
    _published(world, by, title="営業日")

    page = japanese.get(home).content.decode()

    words = ["よくあるご質問", "お手入れ", "洗い方", "返品", "返品の送料", "その他のご質問", "営業日"]
    found = [page.rindex(f">{word}<") for word in words]
    assert found == sorted(found)
    assert 'href="/form/hinata/"' in page


def test_only_what_is_approved_and_for_customers_is_read(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    with scope.acting_for([world.ours.company.pk]):
        draft = make_article(world.ours.company, by=by, title="まだ草稿")
    inside = _published(world, by, title="内部の手順", audience=Article.Audience.OPERATOR)

    for article in (draft, inside):
        assert japanese.get(f"{home}{article.pk}/").status_code == 404
    for address in (home, f"{home}?q=草稿", f"{home}?q=手順", f"{home}sitemap.xml"):
        page = japanese.get(address).content.decode()
        assert "まだ草稿" not in page
        assert "内部の手順" not in page
        assert f"/{draft.pk}/" not in page


def test_another_companys_article_is_not_there(world: World, japanese: Client, home: str) -> None:
    theirs = actor_of(world.theirs.company_manager)
    with scope.acting_for([world.theirs.company.pk]):
        foreign = approved(world.theirs.company, by=theirs)

    assert japanese.get(f"{home}{foreign.pk}/").status_code == 404
    assert japanese.post(f"{home}{foreign.pk}/judged/", {"helped": "yes"}).status_code == 404


def test_an_article_is_laid_out_and_can_do_nothing(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    article = _published(
        world, by, title="</script><b>送料", body="**「無料」**です。<script>alert(1)</script>"
    )

    page = japanese.get(f"{home}{article.pk}/").content.decode()

    assert "<strong>「無料」</strong>です。" in page
    assert "<script>alert" not in page
    assert "<b>送料" not in page
    data = [
        json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.+?)</script>', page)
    ]
    assert data[0]["mainEntity"][0]["name"] == "</script><b>送料"
    assert data[1]["itemListElement"][0]["item"].endswith(home)


def test_what_is_typed_is_found_with_the_page_and_without(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    _published(world, by, title="返品の送料")
    _published(world, by, title="営業日", body="平日です。")

    page = japanese.get(f"{home}?q=ｿｳﾘｮｳ 送料").content.decode()
    part = japanese.get(f"{home}?q=送料&part=found").content.decode()

    assert ">返品の送料</a>" in page
    assert ">返品の送料</a>" in part
    assert "営業日" not in part
    assert "<html" not in part
    nothing = japanese.get(f"{home}?q=%3Cb%3E予約&part=found").content.decode()
    assert "「&lt;b&gt;予約」" in nothing


def test_the_language_of_the_visitor_counts_where_something_is_written_in_it(
    world: World, by: Actor, home: str
) -> None:
    _published(world, by, title="返品の送料")

    page = Client(headers={"Accept-Language": "en"}).get(home).content.decode()

    assert "返品の送料" in page
    assert '<html lang="en"' in page


def test_a_judgement_counts_once_and_too_many_do_not_count(
    world: World, japanese: Client, by: Actor, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = _published(world, by)
    address = f"{home}{article.pk}/judged/"

    answers = [japanese.post(address, {"helped": said}) for said in ("yes", "no", "no")]

    assert answers[-1].headers["Location"] == f"{home}{article.pk}/?judged=no#judged"
    with scope.acting_for([world.ours.company.pk]):
        assert list(Judgement.objects.values_list("helped", flat=True)) == [False]

    monkeypatch.setattr(limits, "count", _refuse)
    assert japanese.post(address, {"helped": "yes"}).status_code == 302
    with scope.acting_for([world.ours.company.pk]):
        assert list(Judgement.objects.values_list("helped", flat=True)) == [False]


def _refuse(*_args: object, **_more: object) -> None:
    raise limits.TooOften(60)


def test_neither_yes_nor_no_is_no_judgement(world: World, japanese: Client, by: Actor, home: str) -> None:
    article = _published(world, by)

    assert japanese.post(f"{home}{article.pk}/judged/", {"helped": "maybe"}).status_code == 404


def test_search_engines_find_every_article(world: World, japanese: Client, by: Actor, home: str) -> None:
    article = _published(world, by)

    tree = ElementTree.fromstring(japanese.get(f"{home}sitemap.xml").content)  # our own

    places = [place.text or "" for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert [place.partition("/help/")[2] for place in places] == [
        home.removeprefix("/help/"),
        f"{home.removeprefix('/help/')}{article.pk}/",
    ]


def test_as_many_queries_for_many_articles_as_for_one(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    def asked(address: str) -> int:
        japanese.get(address)
        with CaptureQueriesContext(connection) as captured:
            japanese.get(address)
        return len(captured)

    one = _published(world, by, title="送料1")
    _published(world, by, title="送料の例外")
    few = [asked(address) for address in (home, f"{home}?q=送料", f"{home}{one.pk}/")]
    for number in range(2, 6):
        _published(world, by, title=f"送料{number}")

    assert [asked(address) for address in (home, f"{home}?q=送料", f"{home}{one.pk}/")] == few


def test_the_form_offers_what_may_answer_where_the_help_centre_is_open(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    for number in range(5):
        _published(world, by, title=f"返品の送料{number}")

    form = japanese.get("/form/hinata/").content.decode()
    part = japanese.get(f"{home}?q=返品したいのですが送料は&part=suggested").content.decode()
    nothing = japanese.get(f"{home}?q=予約&part=suggested").content.decode()
    smoke = japanese.get(f"{home}?q=返品した品から煙が出た&part=suggested").content.decode()

    assert "119番" in smoke
    assert "<li>" not in smoke
    assert "119番" not in part
    assert f'data-suggest="{home}"' in form
    assert part.count("<li>") == 3
    assert nothing.strip() == ""


def test_the_form_of_a_company_whose_help_centre_is_closed_offers_nothing(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    with scope.acting_for([world.ours.company.pk]):
        closed = {"is_open": False, "title": "", "introduction": "", "contact": None}
        set_up_help_centre(world.ours.company, **closed, by=by)

    page = japanese.get("/form/hinata/").content.decode()

    assert "data-suggest" not in page
    assert "/help/" not in page


def test_a_long_topic_has_pages_of_its_own(
    world: World, japanese: Client, by: Actor, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madoguchi.helpcentre.queries.MOST_OF_TOPIC", 2)
    monkeypatch.setattr("madoguchi.portal.help.PER_PAGE", 2)
    for number in range(5):
        _published(world, by, title=f"送料{number}", folder="返品 & 交換")

    first = japanese.get(home).content.decode()
    pages = [japanese.get(f"{home}?topic=返品 %26 交換&page={n}").content.decode() for n in (1, 2, 3)]

    assert re.findall(r"送料\d", first) == ["送料0", "送料1"]
    assert 'href="?topic=%E8%BF%94%E5%93%81%20%26%20%E4%BA%A4%E6%8F%9B">ほか3件の記事' in first
    assert [re.findall(r"送料\d", page) for page in pages] == [
        ["送料0", "送料1"],
        ["送料2", "送料3"],
        ["送料4"],
    ]


@pytest.mark.usefixtures("held_clock")
def test_who_searches_without_end_is_asked_to_wait(
    world: World, japanese: Client, by: Actor, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _published(world, by, title="返品の送料")
    monkeypatch.setattr("madoguchi.portal.help.MOST_SEARCHES", 2)

    answers = [japanese.get(f"{home}?q=送料") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "しばらくお待ちください" in answers[2].content.decode()
    assert japanese.get(home).status_code == 200


def test_the_same_article_in_another_language_is_linked(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    # given
    article = _published(world, by)
    alone = japanese.get(f"{home}{article.pk}/").content.decode()
    with scope.acting_for([world.ours.company.pk]):
        said, english = Said("Postage of returns", "We pay for it."), Settings(language="en")
        other = approve(translate_article(article, said, english, by=by), by=by)

    # when
    pages = [japanese.get(f"{home}{one.pk}/").content.decode() for one in (article, other)]

    # then: each names both to search engines, and leads visitors to the other
    both = sorted([("ja", f"{home}{article.pk}/"), ("en", f"{home}{other.pk}/")])
    for page in pages:
        named = re.findall(r'rel="alternate" hreflang="(..)" href="https?://[^/]+(/[^"]+)"', page)
        assert sorted(named) == both
    assert f'href="{home}{other.pk}/?language=en" lang="en" hreflang="en"' in pages[0]
    assert f'href="{home}{article.pk}/?language=ja" lang="ja" hreflang="ja"' in pages[1]
    assert ("alternate" in alone, "We pay" in pages[1]) == (False, True)


def test_a_desk_has_one_of_its_own(world: World, japanese: Client, by: Actor, home: str) -> None:
    side = world.ours
    with side.scope():
        other = make_desk(side.company, name="別の窓口")
        form = make_entry_point(side.desk, kind=Channel.FORM, address="own-form")
        said = {"is_open": True, "title": "修理の窓口", "introduction": "", "contact": form, "host": ""}
        set_up_help_centre(side.company, desk=side.desk, accent_hue=30, **said, by=by)
        common = approved(side.company, by=by, title="営業日")
        mine = approve(make_article(side.company, by=by, title="修理の料金", desk=side.desk), by=by)
        foreign = approve(make_article(side.company, by=by, title="通販の送料", desk=other), by=by)
    own = f"/help/{side.company.slug}--{side.desk.pk}/"

    page = japanese.get(own).content.decode()

    shown = (
        "修理の窓口",
        "営業日",
        "修理の料金",
        "/form/own-form/",
        f"{own}{mine.pk}/",
        "通販の送料",
        "/form/hinata/",
    )
    assert [words in page for words in shown] == [True, True, True, True, True, False, False]
    read = [japanese.get(f"{own}{one.pk}/").status_code for one in (common, mine, foreign)]
    assert read == [200, 200, 404]
    assert "通販の送料" in japanese.get(home).content.decode()
    assert f'href="{own}"' in japanese.get("/form/own-form/").content.decode()
    assert japanese.get(f"/help/{side.company.slug}--{other.pk}/").status_code == 404
    with side.scope(), pytest.raises(NotAllowed):
        set_up_help_centre(world.ours.company, desk=world.theirs.desk, **said | {"contact": None}, by=by)


def test_search_engines_are_told_of_the_same_in_other_languages(
    world: World, japanese: Client, by: Actor, home: str
) -> None:
    article = _published(world, by, title="返品の送料")
    with world.ours.scope():
        said = Said("Return postage", "We pay it.")
        english = approve(translate_article(article, said, Settings(language="en"), follows=1, by=by), by=by)

    tree = ElementTree.fromstring(japanese.get(f"{home}sitemap.xml").content)  # our own

    told = [
        [(link.get("hreflang"), (link.get("href") or "").rpartition("/help/")[2]) for link in one]
        for one in tree
    ]
    links = [
        (one, f"{home.removeprefix('/help/')}{pk}/") for one, pk in (("ja", article.pk), ("en", english.pk))
    ]
    assert [[pair for pair in rows if pair[0]] for rows in told] == [[], links, links]
