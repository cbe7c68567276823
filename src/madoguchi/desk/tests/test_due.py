"""By when a case has to be answered or solved, as lists and the head of a case say it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.due import said_first
from madoguchi.infra import scope
from madoguchi.kernel import clock
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
