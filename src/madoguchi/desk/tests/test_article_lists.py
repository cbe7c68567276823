"""What a list of articles is narrowed to, and what it says of each."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone

from madoguchi.companies.factories import make_desk
from madoguchi.desk.article_form import ArticleForm, begun
from madoguchi.desk.articles import (
    Asked,
    asked_in,
    folders_of,
    listed,
    marks_of,
    moment_in,
    people_for,
    place_in,
    places_of,
    rights_of,
    said_of,
)
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    Term,
    arrange_article,
    ask_for_approval,
    retire_article,
    write_article,
)
from madoguchi.knowledge.factories import approved, make_article
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@dataclass
class Shelf:
    """One article in each state, called by it."""

    world: World
    boss: Actor

    def fill(self) -> None:
        company, now = self.world.ours.company, clock.now()
        approved(company, by=self.boss, title="公開")
        make_article(company, by=self.boss, title="下書き")
        ask_for_approval(make_article(company, by=self.boss, title="承認待ち"), by=self.boss)
        approved(company, by=self.boss, title="開始待ち", term=Term(now + DAY))
        approved(company, by=self.boss, title="期限切れ", term=Term(now - 2 * DAY, now - DAY))
        retire_article(approved(company, by=self.boss, title="停止"), by=self.boss)
        due = approved(company, by=self.boss, title="見直し")
        arrange_article(due, Settings(review_on=timezone.localdate()), by=self.boss)


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def shelf(world: World, boss: Actor) -> Shelf:
    with world.ours.scope():
        shelf = Shelf(world, boss)
        shelf.fill()
    return shelf


def titles(asked: Asked, actor: Actor) -> set[str]:
    return {one.title for one in listed(asked, actor=actor)}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("published", {"公開", "見直し"}),
        ("draft", {"下書き"}),
        ("review", {"承認待ち"}),
        ("planned", {"開始待ち"}),
        ("ended", {"期限切れ"}),
        ("retired", {"停止"}),
        ("due", {"見直し"}),
        ("", {"公開", "見直し", "下書き", "承認待ち", "開始待ち", "期限切れ"}),
    ],
)
def test_a_state_finds_what_is_in_it(shelf: Shelf, state: str, found: set[str]) -> None:
    with shelf.world.ours.scope():
        assert titles(Asked(state=state), shelf.boss) == found


def test_of_each_is_said_how_far_it_is(shelf: Shelf) -> None:
    with shelf.world.ours.scope():
        rows = [*listed(Asked(), actor=shelf.boss), *listed(Asked(state="retired"), actor=shelf.boss)]
        said = {one.title: [(mark.words, mark.tone) for mark in marks_of(one)] for one in rows}
    assert said == {
        "公開": [("第1版を公開中", "good")],
        "下書き": [("下書き", "")],
        "承認待ち": [("承認待ち", "warn")],
        "開始待ち": [("開始待ち", "")],
        "期限切れ": [("期限切れ", "warn")],
        "停止": [("使用停止", "")],
        "見直し": [("第1版を公開中", "good"), ("見直し時期", "warn")],
    }


def test_what_ends_soon_and_is_written_on_says_so(world: World, boss: Actor) -> None:
    with world.ours.scope():
        article = approved(world.ours.company, by=boss, term=Term(None, clock.now() + 3 * DAY))
        write_article(article, Said("返品の送料", "別の言葉"), by=boss)
        [row] = listed(Asked(), actor=boss)
        assert [mark.words for mark in marks_of(row)] == ["第1版を公開中", "まもなく終了", "下書き"]
        first, second = article.versions.order_by("number")
        assert said_of(first, shown=1).words == "公開中"
        assert said_of(first, shown=None).words == "公開終了"
        assert said_of(second, shown=1).words == "下書き"


def test_words_audience_and_desk_narrow(world: World, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        other = make_desk(side.company)
        approved(side.company, by=boss, title="送料", body="無料です。", audience="customer", desk=side.desk)
        approved(side.company, by=boss, title="保証", body="1年です。送料は別です。", desk=other)
        approved(side.company, by=boss, title="社内", body="注意", audience="operator")
        assert titles(Asked(words="送料"), boss) == {"送料", "保証"}
        assert titles(Asked(words="送料 無料"), boss) == {"送料"}
        assert titles(Asked(audience="operator"), boss) == {"社内"}
        assert titles(Asked(desk=str(other.pk)), boss) == {"保証", "社内"}
        assert titles(Asked(words="%"), boss) == set()


def test_who_works_at_one_desk_reads_its_own_and_the_common_ones(world: World, boss: Actor) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        approved(side.company, by=boss, title="共通")
        approved(side.company, by=boss, title="ここ", desk=side.desk)
        approved(side.company, by=boss, title="よそ", desk=make_desk(side.company))
        assert titles(Asked(), agent) == {"共通", "ここ"}
        assert titles(Asked(), boss) == {"共通", "ここ", "よそ"}


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, Asked()),
        ({"words": " 送料\n", "state": "review", "desk": "7"}, Asked(words="送料", state="review", desk="7")),
        ({"state": "x", "audience": "y", "desk": "７"}, Asked()),
        ({"desk": "9" * 30}, Asked()),
        ({"audience": "both"}, Asked(audience="both")),
    ],
)
def test_an_address_asks_for_what_makes_sense(query: dict[str, str], asked: Asked) -> None:
    assert asked_in(query) == asked
    assert asked.narrows is (asked != Asked())


def test_the_agent_puts_articles_where_they_work(world: World) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        elsewhere = make_desk(side.company)
        [(name, places)] = places_of(agent)
        assert name == side.company.name
        assert [value for value, _label in places] == [f"company:{side.company.pk}", f"desk:{side.desk.pk}"]
        company, desk = place_in(f"desk:{side.desk.pk}", actor=agent)
        assert (company.pk, desk and desk.pk) == (side.company.pk, side.desk.pk)
        assert place_in(f"company:{side.company.pk}", actor=agent)[1] is None
        assert places_of(agent, company=world.theirs.company.pk) == []
        for wrong in ("", "desk:", "desk:x", f"desk:{elsewhere.pk}", f"company:{world.theirs.company.pk}"):
            with pytest.raises(Refused) as refused:
                place_in(wrong, actor=agent)
            assert refused.value.field == "where"


def test_people_of_the_desk_can_look_after_it(world: World, boss: Actor) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        article = make_article(side.company, by=boss)
        arrange_article(article, Settings(owner=boss.id, folder="返品"), by=boss)
        names = [name for _value, name in people_for(agent, article)]
        assert {side.agent.name, side.supervisor.name, side.company_manager.name} <= set(names)
        assert folders_of(agent) == ["返品"]


@pytest.mark.parametrize("wrong", ["x", "2026-13-01T09:00", "0001-01-01T09:00", "９"])
def test_a_moment_that_nobody_can_mean_is_refused(wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        moment_in(wrong, field="since")
    assert refused.value.field == "since"


def test_a_moment_is_in_the_time_of_the_desk() -> None:
    moment = moment_in("2026-12-01T09:00", field="since")
    assert moment is not None
    assert moment.isoformat() == "2026-12-01T09:00:00+09:00"
    assert moment_in("", field="since") is None


@pytest.mark.parametrize(
    ("who", "rights"),
    [
        ("agent", (True, False, True)),
        ("company_staff", (True, False, True)),
        ("company_manager", (True, True, True)),
    ],
)
def test_what_the_reader_may_do(world: World, boss: Actor, who: str, rights: tuple[bool, bool, bool]) -> None:
    with world.ours.scope():
        article = make_article(world.ours.company, by=boss)
        found = rights_of(actor_of(getattr(world.ours, who)), article, article.versions.get())
        assert (found.write, found.approve, found.life, found.another) == (*rights, False)


def test_an_article_in_the_form_is_as_it_stands(world: World, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = make_article(side.company, by=boss, desk=side.desk, folder="返品")
        stands = begun(article, title="題", body="本文")
        places, people = places_of(boss), people_for(boss)
    assert stands["where"] == f"desk:{side.desk.pk}"
    assert (stands["folder"], stands["revision"], stands["owner"]) == ("返品", 1, "")
    assert begun(None, owner=3)["owner"] == 3
    typed = {name: str(value) for name, value in stands.items() if value is not None}
    form = ArticleForm(typed | {"review_on": "2026-12-24"}, places=places, people=people)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["review_on"] == date(2026, 12, 24)
    assert not ArticleForm(typed | {"audience": "x"}, places=places, people=people).is_valid()
    assert Article.Audience.values == ["customer", "operator", "both"]
