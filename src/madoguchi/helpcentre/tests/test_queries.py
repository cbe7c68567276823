"""What a help centre shows to whom: topics, languages, what is near, whose it is, and what visitors said."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import judge, set_up_help_centre
from madoguchi.helpcentre.models import HelpCentre, Judgement
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge.actions import Settings, arrange_article, retire_article
from madoguchi.knowledge.actions.contradictions import compare_articles, settle
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion, Contradiction
from madoguchi.knowledge.queries import contradictions_in_sight
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(world: World) -> Iterator[None]:
    with world.ours.scope():
        yield


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def centre(world: World) -> HelpCentre:
    return HelpCentre.objects.create(company=world.ours.company, is_open=True)


def put(world: World, boss: Actor, title: str, *, language: str = "ja", **said: str) -> Article:
    article = approved(world.ours.company, by=boss, title=title, **said)
    if language != "ja":
        arrange_article(article, Settings(language=language), by=boss)
    return article


def test_topics_stand_by_name_and_what_has_none_at_the_end(
    world: World, boss: Actor, centre: HelpCentre
) -> None:
    for title, folder in (("営業日", ""), ("は", "返品"), ("い", "返品"), ("洗い方", "お手入れ")):
        put(world, boss, title, folder=folder)
    found = queries.topics(queries.readable(centre, "ja"))
    assert [(topic.name, [one.title for one in topic.articles]) for topic in found] == [
        ("お手入れ", ["洗い方"]),
        ("返品", ["い", "は"]),
        ("", ["営業日"]),
    ]


@pytest.mark.parametrize(
    ("written", "language", "shown"),
    [
        ({"送料": "ja", "Shipping": "en"}, "ja", {"送料"}),
        ({"送料": "ja", "Shipping": "en"}, "en", {"Shipping"}),
        ({"送料": "ja"}, "en", {"送料"}),
        ({"Shipping": "en"}, "ja", {"Shipping"}),
        ({"送料": "ja", "Shipping": "en"}, "fr", {"送料", "Shipping"}),
        ({}, "ja", set()),
    ],
)
def test_the_visitors_language_is_shown_where_anything_is_written_in_it(
    world: World, boss: Actor, centre: HelpCentre, written: dict[str, str], language: str, shown: set[str]
) -> None:
    for title, of in written.items():
        put(world, boss, title, language=of)
    assert {one.title for one in queries.readable(centre, language)} == shown
    assert {one.title for one in queries.everything(centre)} == set(written)


def test_only_what_is_in_force_for_customers_is_read(world: World, boss: Actor, centre: HelpCentre) -> None:
    shown, inner, gone = (
        put(world, boss, title, audience=audience)
        for title, audience in (("客", "customer"), ("社内", "operator"), ("廃止", "both"))
    )
    retire_article(gone, by=boss)
    draft = make_article(world.ours.company, by=boss, title="下書き")
    assert queries.to_read(centre, shown.pk).title == "客"
    for article in (inner.pk, gone.pk, draft.pk, 0):
        with pytest.raises(NotFound):
            queries.to_read(centre, article)
    assert [one.title for one in queries.everything(centre)] == ["客"]


def test_what_is_near_never_is_the_same_and_three_at_most(
    world: World, boss: Actor, centre: HelpCentre
) -> None:
    for number in range(5):
        put(world, boss, f"返品の送料{number}")
    put(world, boss, "営業日", body="平日です。")
    rows = queries.readable(centre, "ja")
    version = rows.get(title="返品の送料2")
    near = queries.related(rows, version)
    assert len(near) == 3
    assert version not in near
    assert {one.title[:5] for one in near} == {"返品の送料"}
    assert queries.related(rows, rows.get(title="営業日")) == []


def test_what_contradicts_another_is_not_near_anything(world: World, boss: Actor, centre: HelpCentre) -> None:
    # given
    put(world, boss, "返品の送料", body="ご負担ください。")
    for title, days in (("返品の期限", "8"), ("返品の交換", "14")):
        put(world, boss, title, body=f"商品到着後{days}日以内にご連絡ください。")
    rows = queries.readable(centre, "ja")
    version = rows.get(title="返品の送料")
    compare_articles(world.ours.company.pk, version=rows.get(title="返品の期限").pk, by=system("test"))
    assert {one.title for one in queries.related(rows, version)} == {"返品の期限", "返品の交換"}
    # when
    [found] = contradictions_in_sight(boss)
    settle(found, Contradiction.State.CONFIRMED, by=boss)
    # then
    assert queries.related(rows, version) == []


def test_no_more_than_twenty_are_found(world: World, boss: Actor, centre: HelpCentre) -> None:
    for number in range(queries.MOST_FOUND + 1):
        put(world, boss, f"送料{number}")
    assert len(queries.find(queries.readable(centre, "ja"), "送料")) == queries.MOST_FOUND == 20


@pytest.mark.parametrize(
    ("who", "looks_after"),
    [("company_manager", True), ("company_staff", False), ("agent", False), ("supervisor", False)],
)
def test_who_approves_articles_looks_after_the_help_centre(world: World, who: str, looks_after: bool) -> None:
    actor, company = actor_of(getattr(world.ours, who)), world.ours.company
    assert [one.open_to_all for one in queries.centres(actor)] == [False] * looks_after  # type: ignore[attr-defined]
    if looks_after:
        assert queries.company_of_centre(actor, company.pk) == company
    else:
        with pytest.raises(NotFound):
            queries.company_of_centre(actor, company.pk)
    with pytest.raises(NotFound):
        queries.company_of_centre(actor, world.theirs.company.pk)


def test_before_anybody_has_set_it_up_it_is_closed_and_nothing_is_kept(world: World) -> None:
    kept = queries.centre_of(world.ours.company)
    assert (kept.pk, kept.is_open, kept.title, kept.introduction, kept.contact_id) == (
        *(None, False, "", ""),
        None,
    )
    assert queries.centre_for(world.ours.desk) == ""
    assert not HelpCentre.objects.exists()


def test_it_can_lead_to_the_forms_of_the_company_that_are_in_use(world: World) -> None:
    side = world.ours
    used = make_entry_point(side.desk, kind=Channel.FORM, address="used")
    other = make_entry_point(make_desk(side.company), kind=Channel.FORM, address="other")
    make_entry_point(side.desk, kind=Channel.FORM, address="unused", active=False)
    make_entry_point(side.desk, kind=Channel.CHAT, address="chat")
    assert {point.pk for point in queries.forms_of(side.company)} == {used.pk, other.pk}
    assert list(queries.forms_of(world.theirs.company)) == []


def test_what_it_says_is_kept_in_one_form_and_told_once(world: World, boss: Actor) -> None:
    form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="form")
    said = {"is_open": True, "title": "題" * 81, "introduction": " 一\r\n二 " + "長" * 500, "contact": form}
    for _time in range(2):
        kept = set_up_help_centre(world.ours.company, **said, by=boss)  # type: ignore[arg-type]
    assert (kept.title, kept.introduction[:4], len(kept.introduction)) == ("題" * 80, "一\n二 ", 400)
    [told] = Event.objects.filter(kind="help_centre.changed")
    assert told.data["changes"]["contact_id"] == [None, form.pk]


def test_what_is_refused_says_so_in_both_languages_and_changes_nothing(world: World, boss: Actor) -> None:
    unused = make_entry_point(world.ours.desk, kind=Channel.FORM, address="unused", active=False)
    said = {"is_open": True, "title": "題", "introduction": "", "contact": unused}
    for language, words in (
        ("ja", "この会社の、使用中のフォームを選んでください。"),
        ("en", "Choose a form of this company that is in use."),
    ):
        with override(language), pytest.raises(Refused) as refused:
            set_up_help_centre(world.ours.company, **said, by=boss)  # type: ignore[arg-type]
        assert (str(refused.value), refused.value.field) == (words, "contact")
    stranger = actor_of(world.theirs.company_manager)
    with pytest.raises(NotAllowed):
        set_up_help_centre(world.ours.company, **said | {"contact": None}, by=stranger)  # type: ignore[arg-type]
    assert not HelpCentre.objects.exists()
    assert not Event.objects.filter(kind="help_centre.changed").exists()


def test_what_helped_least_stands_first_over_all_versions(world: World, boss: Actor) -> None:
    good, bad, silent = (put(world, boss, title) for title in ("良", "悪", "無"))
    for article, visitor, helped in (
        *((good, "a", True), (good, "b", True), (good, "c", False)),
        *((bad, "a", False), (bad, "b", False)),
    ):
        judge(ArticleVersion.objects.get(article=article), helped=helped, visitor=visitor)
    rewrite(bad, "別の言葉です。", by=boss)
    judge(bad.versions.get(number=2), helped=True, visitor="a")
    rows = [(one.title, one.helped, one.not_helped) for one in queries.judged(world.ours.company)]
    assert rows == [("悪", 1, 2), ("良", 2, 1)]
    assert silent.pk not in [one.pk for one in queries.judged(world.ours.company)]
    assert Judgement.objects.count() == 6
    told = [one.data for one in Event.objects.filter(kind="article.judged").order_by("id")]
    assert told[-1] == {"article": bad.pk, "number": 2, "helped": True}
