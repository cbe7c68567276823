"""By when a case has to be answered or solved, as lists and the head of a case say it."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.delivery.actions import Reply, reply
from madoguchi.desk.due import said_first
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import read_clocks, set_levels, switch_levels, tell_due

NINE = datetime(2026, 12, 1, 9, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("metric", "after", "warned", "words", "tone"),
    [
        ("first_reply", 25, False, "返信期限 09:25（あと25分）", ""),
        ("next_reply", 25, True, "返信期限 09:25（あと25分）", "warn"),
        ("next_reply", -12, True, "返信期限 08:48（12分超過）", "bad"),
        ("next_reply", 0, False, "返信期限 09:00（あと0分）", "bad"),
        ("periodic_update", 26 * 60, False, "連絡期限 明日 11:00（あと1日）", ""),
        ("requester_wait", 60, False, "対応期限 10:00（あと1時間）", ""),
        ("agent_work", 60, False, "対応期限 10:00（あと1時間）", ""),
        ("resolution", 3 * 24 * 60, False, "解決期限 12月4日 09:00（あと3日）", ""),
    ],
)
def test_in_words(metric: str, after: int, warned: bool, words: str, tone: str) -> None:
    case = Case(due_at=NINE + timedelta(minutes=after), due_for=metric, due_warned=warned)

    with override("ja"):
        said = said_first(case, now=NINE)

    assert said is not None

    assert ("".join(said.words.split()), said.tone) == ("".join(words.split()), tone)


@pytest.fixture
def case(world: World) -> Case:
    """A case of nine o'clock that is to be answered by ten."""
    by = actor_of(world.ours.company_manager)
    with world.ours.scope(), clock.held_at(NINE - timedelta(days=1)):
        levels = set_levels(
            world.ours.desk, text='{"targets": {"first_reply": 60, "resolution": 240}}', by=by
        )
        switch_levels(levels, active=True, by=by)
    with clock.held_at(NINE):
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            read_clocks(case.pk)
    return case


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "brief", "tone"), [(20, "10:00", ""), (50, "10:00", "warn"), (75, "15分 超過", "bad")]
)
def test_the_list_and_the_case_say_what_is_due_next(
    world: World, case: Case, client: Client, at: int, brief: str, tone: str
) -> None:
    client.force_login(world.ours.agent)
    with scope.acting_for([world.ours.company.pk]):
        number = case.spoken_number(world.ours.company.prefix)
    with clock.held_at(NINE + timedelta(minutes=at)):
        tell_due()
        pages = [
            client.get(reverse("desk:list") + "?view=active"),
            client.get(reverse("desk:case", args=[number])),
        ]

    said = f'<time class="{tone}" datetime="2026-12-01T10:00+09:00" title="2026年12月1日(火) 10:00">返信期限 '
    shown = [page.content.decode() for page in pages]
    assert (f"{said}{brief}</time>" in shown[0], f"{said}10:00（" in shown[1]) == (True, True)


LEVELS = """{"policies": [
    {"name": "標準", "calendar": {"name": "平日", "week": {"mon-fri": "09:00-18:00"}}, "targets": {"first_reply": 120}}
]}"""


@pytest.fixture
def late(world: World) -> Case:
    """A case of Monday 17:00 that is to be answered within two hours of work: by Tuesday 10:00."""
    by, five = actor_of(world.ours.company_manager), NINE - timedelta(hours=16)
    with world.ours.scope(), clock.held_at(five - timedelta(days=1)):
        switch_levels(set_levels(world.ours.desk, text=LEVELS, by=by), active=True, by=by)
    with clock.held_at(five):
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            read_clocks(case.pk)
    return case


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "count", "left"),
    [
        ("2026-11-30T18:30", "", ""),
        ("2026-12-01T09:40", "1", "あと 20分"),
        ("2026-12-03T09:30", "1", "17時間30分 超過"),
    ],
)
def test_what_runs_out_is_counted_and_listed_with_the_working_time_that_is_left(
    world: World, late: Case, client: Client, at: str, count: str, left: str
) -> None:
    client.force_login(world.ours.agent)
    with clock.held_at(datetime.fromisoformat(at).replace(tzinfo=TOKYO)):
        tell_due()
        listed, rail = client.get("/cases/?view=due"), client.get("/cases/?view=all")

    links = {link.name: link.count for link in rail.context["rail"].views}
    assert links.get("期限が近い", "") == count
    rows = re.findall(r'<time class="(warn|bad)"[^>]*>([^<]*)</time>', listed.text)
    words = [("bad" if "超過" in left else "warn", f"返信期限 営業時間で{left}")] if left else []
    assert rows == words
    assert ("期限の迫った用件はありません" in listed.text) == (not left)


@pytest.mark.django_db
def test_an_answered_case_runs_out_no_more_and_nor_do_those_of_strangers(
    world: World, late: Case, client: Client
) -> None:
    client.force_login(world.ours.agent)
    stranger = Client()
    stranger.force_login(world.theirs.agent)
    with clock.held_at(NINE + timedelta(minutes=40)):
        tell_due()
        foreign = stranger.get("/cases/?view=due")
        with world.ours.scope():
            reply(late, Reply(text="はい。"), by=actor_of(world.ours.agent))
            read_clocks(late.pk)
        answered = client.get("/cases/?view=due")

    assert f'id="case-{late.pk}"' not in foreign.text
    assert f'id="case-{late.pk}"' not in answered.text


def another(world: World, *, minutes: int) -> Case:
    """A case of so long after the late one, of another customer."""
    with clock.held_at(NINE - timedelta(hours=16) + timedelta(minutes=minutes)):
        case = make_case(world.ours.entry_point, sender=Party(f"customer{minutes}@home.example"))
        with world.ours.scope():
            read_clocks(case.pk)
    return case


@pytest.mark.django_db
def test_the_list_of_what_runs_out_costs_two_queries_more_than_another_and_reads_what_a_desk_keeps_once(
    world: World, late: Case, client: Client
) -> None:
    client.force_login(world.ours.agent)
    with clock.held_at(NINE + timedelta(minutes=40)):
        tell_due()
        client.get("/cases/?view=due")
        with CaptureQueriesContext(connection) as every:
            client.get("/cases/?view=active")
        with CaptureQueriesContext(connection) as due:
            client.get("/cases/?view=due")
    more = [another(world, minutes=n) for n in range(1, 6)]
    with clock.held_at(NINE + timedelta(minutes=50)):
        tell_due()
        with CaptureQueriesContext(connection) as several:
            page = client.get("/cases/?view=due").text

    assert [f'id="case-{case.pk}"' in page for case in (late, *more)] == [True] * 6
    assert len(several) == len(due) == len(every) + 2
    [levels] = [query["sql"] for query in due if '"promises_servicelevels"."text"' in query["sql"]]
    assert '"promises_clock"' not in levels


@pytest.mark.django_db
def test_the_conversation_tells_once_that_a_time_ran_out(world: World, late: Case, client: Client) -> None:
    client.force_login(world.ours.agent)
    with scope.acting_for([world.ours.company.pk]):
        number = late.spoken_number(world.ours.company.prefix)
    with clock.held_at(NINE + timedelta(hours=2)):
        tell_due()
        tell_due()
        page = client.get(reverse("desk:case", args=[number])).text

    assert page.count("約束の時間を過ぎました：初回返信") == 1
