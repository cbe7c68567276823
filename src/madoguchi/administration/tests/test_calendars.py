"""A calendar of a desk by its form: shown, changed, renamed and added; what makes no sense is said beside its field."""

from typing import Any

import pytest
from django.test import Client

from madoguchi.administration.tests.written_levels import address, keep, said
from madoguchi.people.factories import World
from madoguchi.promises.document import calendar_from
from madoguchi.promises.models import ServiceLevels

pytestmark = pytest.mark.django_db
CALENDAR = {
    "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": "22:00-06:00"},
    "holidays": "JP",
    "holiday_hours": "10:00-15:00",
    "closed": ["12-29/01-03", "2026-08-12/2026-08-16", "2026-12-08"],
    "changes": {"2026-11-30": "10:00-16:00", "2026-12-07": "closed"},
}
LEVELS: dict[str, Any] = {
    "calendars": {"平日": CALENDAR, "海外": {"week": {"mon": "09:00-18:00"}, "time_zone": "Europe/Berlin"}},
    "calendar": "平日",
    "policies": [
        {"name": "標準", "targets": {"first_reply": 60}},
        {"name": "至急", "calendar": "always", "targets": {"first_reply": 60}},
    ],
}


@pytest.fixture
def kept(world: World) -> ServiceLevels:
    """Two policies and two calendars, not in use."""
    return keep(world, LEVELS)


def filled(answer: Any) -> dict[str, Any]:
    """What a browser would send of the form of a page, unchanged."""
    return {field.html_name: field.value() for field in answer.context["form"] if field.value()}


def test_the_form_shows_a_calendar_and_saved_unchanged_it_is_the_same(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "calendar", 1)))

    saved = browser.post(address(world, "calendar", 1), data)

    assert saved.status_code == 302
    assert (data["mon"], data["sat"], "sun" in data) == ("09:00-12:00、13:00-18:00", "22:00-06:00", False)
    assert data["closed"] == "12-29/01-03\n2026-08-12/2026-08-16\n2026-12-08"
    assert data["changes"] == "2026-11-30 10:00-16:00\n2026-12-07 休み"
    found = said(world)
    assert calendar_from(found["calendars"]["平日"]) == calendar_from(CALENDAR)
    assert found["calendars"]["海外"] == LEVELS["calendars"]["海外"]


def test_as_people_write_hours_and_under_another_name(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "calendar", 1)))
    data |= {
        "name": "窓口",
        "mon": "９：００〜１２：００，13:00～17:30",
        "closed": "",
        "changes": "",
        "sat": "",
    }

    browser.post(address(world, "calendar", 1), data)

    found = said(world)
    assert list(found["calendars"]) == ["窓口", "海外"]
    assert found["calendars"]["窓口"]["week"]["mon"] == ["9:00-12:00", "13:00-17:30"]
    assert [policy["calendar"] for policy in found["policies"]] == ["窓口", "always"]
    shown = browser.get(address(world, "desk_levels")).text
    assert "カレンダー: 窓口" in shown
    assert address(world, "calendar", 1) in shown
    assert address(world, "calendar", 2) not in shown


def test_a_calendar_is_added_and_offered_to_policies(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "calendar_new"))) | {"name": "土日"}
    data |= {"sat": "10:00-15:00", "sun": "10:00-15:00"}

    browser.post(address(world, "calendar_new"), data)

    assert said(world)["calendars"]["土日"]["week"]["sun"] == ["10:00-15:00"]
    form = browser.get(address(world, "policy_new")).context["form"]
    assert "土日" in dict(form.fields["calendar"].choices)


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"mon": "9時から"}, "mon", "時間帯ではありません"),
        ({"tue": "09:00-12:00 11:00-13:00"}, "tue", "重なって"),
        ({"closed": "お盆"}, "closed", "日付ではありません"),
        ({"changes": "2026-11-30 あさ"}, "changes", "時間帯ではありません"),
        ({"holidays": "on", "holiday_hours": "?"}, "holiday_hours", "時間帯ではありません"),
        ({"name": "海外"}, "name", "同じ名前のカレンダー"),
        (dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ""), "mon", "少なくとも一日"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_changes(
    world: World, browser: Client, kept: ServiceLevels, wrong: dict[str, str], field: str, message: str
) -> None:
    data = filled(browser.get(address(world, "calendar", 1))) | wrong

    refused = browser.post(address(world, "calendar", 1), data)

    assert refused.status_code == 422
    assert message in "".join(refused.context["form"].errors[field])
    assert said(world) == LEVELS


def test_who_comes_second_is_told(world: World, browser: Client, kept: ServiceLevels) -> None:
    data = filled(browser.get(address(world, "calendar", 1)))
    browser.post(address(world, "policy_move", 2), {"to": "up", "version": kept.version})

    refused = browser.post(address(world, "calendar", 1), data | {"name": "後の人"})

    assert refused.status_code == 422
    assert "その間にほかの人が変更しました" in refused.text
    assert 'value="後の人"' in refused.text
    assert "後の人" not in said(world)["calendars"]


def test_what_the_form_cannot_hold_and_what_is_not_there_is_not_found(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    assert browser.get(address(world, "calendar", 2)).status_code == 404
    assert browser.get(address(world, "calendar", 3)).status_code == 404
    reader = Client()
    reader.force_login(world.ours.supervisor)
    assert reader.get(address(world, "calendar", 1)).status_code == 403
    assert reader.post(address(world, "calendar", 1), {"name": "別"}).status_code == 403
    assert said(world) == LEVELS
