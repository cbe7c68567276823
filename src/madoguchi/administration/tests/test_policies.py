"""A policy of a desk by its form: added, changed, copied, moved, removed and had back; tried beforehand."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from madoguchi.administration.tests.written_levels import address, keep, said
from madoguchi.cases.factories import make_case
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.fields.factories import make_matter
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels
from madoguchi.promises.models import ServiceLevels

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)
CALENDAR = {"week": {"mon-fri": "09:00-18:00"}, "holidays": "JP", "closed": ["12-29/01-03"]}
LEVELS: dict[str, Any] = {
    "_remark": "合意は4月",
    "calendars": {"平日": CALENDAR},
    "policies": [
        {
            "name": "大口",
            "when": {"tags": ["大口"], "language": "ja"},
            "calendar": "平日",
            "targets": {"first_reply": 60},
        },
        {
            "name": "標準",
            "calendar": "平日",
            "targets": {
                "first_reply": {"normal": 240},
                "resolution": {"normal": "PT26H30M", "time": "calendar", "pause_on": []},
            },
        },
    ],
}


@pytest.fixture
def kept(world: World) -> ServiceLevels:
    """Two policies, not in use."""
    return keep(world, LEVELS)


def names(world: World) -> list[str]:
    return [policy["name"] for policy in said(world)["policies"]]


def filled(answer: Any) -> dict[str, Any]:
    """What a browser would send of the form of a page, unchanged."""
    return filled_in(answer.context["form"])


def filled_in(form: Any) -> dict[str, Any]:
    """The same of a form."""
    data: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if field.name.endswith(("_low", "_normal", "_high", "_urgent")):
            parts = value if isinstance(value, list) else field.field.widget.decompress(value)
            data |= {f"{field.html_name}_{n}": "" if part is None else part for n, part in enumerate(parts)}
        elif value is not None:
            data[field.html_name] = value
    return data


def test_the_first_policy_of_a_desk_is_added_by_hours_and_minutes(world: World, browser: Client) -> None:
    begun = browser.get(address(world, "policy_new"))
    data = filled(begun) | {"name": "標準", "channel": ["email"], "tags": "返品、 交換", "warn": "75"}
    data |= {"severity": ["serious", "critical"], "account_rank": ["A"]}
    data |= {"first_reply_urgent_0": "", "first_reply_urgent_1": "30", "resolution_low_0": ""}
    data |= {"resolution_low_1": "", "resolution_time": "calendar", "resolution_holds": ["new"]}

    added = browser.post(address(world, "policy_new"), data)

    assert (added.status_code, added["Location"]) == (302, address(world, "desk_levels"))
    assert said(world) == {
        "calendars": {"窓口の営業時間": CALENDAR},
        "policies": [
            {
                "name": "標準",
                "when": {
                    "channel": ["email"],
                    "severity": ["serious", "critical"],
                    "account_rank": ["A"],
                    "tags": ["返品", "交換"],
                },
                "calendar": "窓口の営業時間",
                "warn": 75,
                "targets": {
                    "first_reply": {
                        "low": "PT8H",
                        "normal": "PT4H",
                        "high": "PT2H",
                        "urgent": "PT30M",
                        "time": "business",
                        "pause_on": [],
                    },
                    "next_reply": {
                        "low": "PT8H",
                        "normal": "PT4H",
                        "high": "PT2H",
                        "urgent": "PT1H",
                        "time": "business",
                        "pause_on": [],
                    },
                    "resolution": {
                        "normal": "PT24H",
                        "high": "PT16H",
                        "urgent": "PT8H",
                        "time": "calendar",
                        "pause_on": ["new"],
                    },
                },
            }
        ],
    }
    shown = browser.get(address(world, "desk_levels")).text
    assert "時間の75%が過ぎると" in shown
    assert "タグ: 交換・返品" in shown


def test_a_changed_policy_keeps_what_no_form_shows_and_leaves_the_others_as_written(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "policy", 1))) | {
        "first_reply_high_0": "0",
        "first_reply_high_1": "90",
    }

    browser.post(address(world, "policy", 1), data)

    found = said(world)
    assert (found["_remark"], found["policies"][1]) == ("合意は4月", LEVELS["policies"][1])
    assert found["policies"][0]["when"] == {"tags": ["大口"], "language": "ja"}
    assert found["policies"][0]["targets"]["first_reply"]["high"] == "PT1H30M"


ODD: dict[str, Any] = {
    "name": "英語の大口",
    "_remark": "6月まで",
    "conditions": {
        "Priority": ["高"],
        "tag": ["大口"],
        "channel": "fax",
        "matter": ["987654"],
        "language": "en",
        "_who": "営業",
    },
    "time": "calendar",
    "targets": {
        "first_response": {"within": 60, "_why": "契約"},
        "resolution": {"normal": {"hours": 8, "#": 1}},
    },
}


@pytest.fixture
def odd(world: World) -> ServiceLevels:
    """A policy written in words of its own, with what the desk does not know."""
    with world.ours.scope():
        text = json.dumps({"calendars": {"平日": CALENDAR}, "policies": [ODD]}, ensure_ascii=False)
        return set_levels(world.ours.desk, text=text, by=actor_of(world.ours.company_manager))


def test_saved_untouched_a_policy_stays_to_the_letter(
    world: World, browser: Client, odd: ServiceLevels
) -> None:
    shown = browser.get(address(world, "policy", 1))

    saved = browser.post(address(world, "policy", 1), filled(shown))

    assert saved.status_code == 302
    assert said(world)["policies"] == [ODD]
    assert "fax（ここにはない値）" in shown.text
    assert "987654（ここにはない値）" in shown.text
    assert "テキストで編集する条件もあります：" in shown.text
    assert '<span class="tag">言語: en</span>' in shown.text


def test_what_is_touched_alone_is_written_anew_whatever_it_was_called(
    world: World, browser: Client, odd: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "policy", 1)))
    data |= {
        "tags": "至急",
        "priority": [],
        "first_reply_low_0": "2",
        "resolution_normal_0": "",
        "calendar": "平日",
    }
    data |= {"resolution_normal_1": ""}

    browser.post(address(world, "policy", 1), data)

    hour = {"normal": "PT1H", "high": "PT1H", "urgent": "PT1H"}
    assert said(world)["policies"] == [
        {
            "name": "英語の大口",
            "_remark": "6月まで",
            "when": {
                "language": "en",
                "_who": "営業",
                "channel": ["fax"],
                "matter": ["987654"],
                "tags": ["至急"],
            },
            "calendar": "平日",
            "targets": {
                "first_reply": {"low": "PT2H", **hour, "time": "calendar", "pause_on": [], "_why": "契約"}
            },
            "#": 1,
        }
    ]


@pytest.mark.parametrize("when", [{"tags": []}, {"tags": [""]}, {"tags": ["a,b"]}, {"channel": []}])
def test_conditions_that_no_field_can_hold_are_changed_as_text(
    world: World, browser: Client, when: dict[str, Any]
) -> None:
    with world.ours.scope():
        text = json.dumps([{"when": when, "targets": {"first_reply": 60}}])
        set_levels(world.ours.desk, text=text, by=actor_of(world.ours.company_manager))

    assert browser.get(address(world, "policy", 1)).status_code == 404
    assert "入力欄では表せない" in browser.get(address(world, "desk_levels")).text


def test_what_the_form_shows_is_what_is_kept(world: World, browser: Client, kept: ServiceLevels) -> None:
    shown = browser.get(address(world, "policy", 2))
    data = filled(shown)

    assert (data["resolution_normal_0"], data["resolution_normal_1"], data["resolution_low_0"]) == (
        26,
        30,
        "",
    )
    assert (data["resolution_time"], data["resolution_holds"]) == ("calendar", [])
    assert 'aria-label="解決 通常 時間"' in shown.text
    assert "テキストで編集する条件も" not in shown.text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "必須"),
        ({"first_reply_normal_0": "0", "first_reply_normal_1": "0"}, "1分から10年まで"),
        ({"first_reply_normal_0": "-3"}, "0 以上"),
        ({"first_reply_normal_0": "99999999"}, "1分から10年まで"),
        (
            dict.fromkeys(
                (
                    "first_reply_normal_0",
                    "first_reply_normal_1",
                    "resolution_normal_0",
                    "resolution_normal_1",
                ),
                "",
            ),
            "時間を少なくとも一つ",
        ),
    ],
)
def test_what_makes_no_sense_is_said_and_what_was_written_stays(
    world: World, browser: Client, kept: ServiceLevels, wrong: dict[str, str], message: str
) -> None:
    data = filled(browser.get(address(world, "policy", 2))) | {"tags": "書きかけ"} | wrong

    refused = browser.post(address(world, "policy", 2), data)

    assert refused.status_code == 422
    assert message in refused.text
    assert "書きかけ" in refused.text
    assert said(world) == LEVELS


def test_a_copy_begins_as_the_other_and_stands_above_what_fits_every_case(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    begun = browser.get(address(world, "policy_new"), {"copy": "1"})

    action = re.search(r'action="([^"]*/levels/new/[^"]*)"', begun.text)
    assert action
    browser.post(action[1], filled(begun))

    assert names(world) == ["大口", "大口のコピー", "標準"]
    assert said(world)["policies"][1] == LEVELS["policies"][0] | {"name": "大口のコピー"}


def test_policies_are_asked_in_another_order(world: World, browser: Client, kept: ServiceLevels) -> None:
    browser.post(address(world, "policy_move", 2), {"to": "up", "version": kept.version})
    assert names(world) == ["標準", "大口"]

    browser.post(address(world, "policy_move", 1), {"to": "up", "version": kept.version + 1})
    assert names(world) == ["標準", "大口"]


def test_a_removed_policy_is_had_back(world: World, browser: Client, kept: ServiceLevels) -> None:
    removed = browser.post(address(world, "policy_remove", 1), {"version": kept.version}, follow=True)
    assert names(world) == ["標準"]
    undo = re.search(r'action="([^"]*/levels/1/back/1/)"', removed.text)
    assert undo

    back = browser.post(undo[1], follow=True)
    browser.post(undo[1])

    assert said(world) == LEVELS
    assert "応対目標を元に戻しました。" in back.text


def test_what_colleagues_changed_since_a_policy_was_removed_stays_when_it_is_had_back(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    browser.post(address(world, "policy_remove", 2), {"version": kept.version})
    first = filled(browser.get(address(world, "policy", 1)))
    browser.post(address(world, "policy", 1), first | {"name": "大口のお客様", "calendar": "always"})
    browser.post(
        address(world, "policy_new"), filled(browser.get(address(world, "policy_new"))) | {"name": "新"}
    )

    browser.post(address(world, "policy_back", 2, kept.version))

    assert names(world) == ["大口のお客様", "標準", "新"]
    assert said(world)["policies"][1] == LEVELS["policies"][1]


def test_a_policy_is_had_back_before_the_one_it_stood_before(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    browser.post(address(world, "policy_remove", 1), {"version": kept.version})
    browser.post(
        address(world, "policy_new"), filled(browser.get(address(world, "policy_new"))) | {"name": "新"}
    )
    browser.post(address(world, "policy_move", 2), {"to": "up", "version": kept.version + 2})

    browser.post(address(world, "policy_back", 1, kept.version))

    assert names(world) == ["新", "大口", "標準"]


def test_a_policy_is_had_back_with_the_calendar_that_is_gone_since(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    browser.post(address(world, "policy_remove", 1), {"version": kept.version})
    text = json.dumps({"name": "終日", "targets": {"first_reply": 60}})
    browser.post(address(world, "desk_levels_text"), {"text": text, "version": kept.version + 1})

    browser.post(address(world, "policy_back", 1, kept.version))

    assert names(world) == ["大口", "終日"]
    assert said(world)["calendars"] == {"平日": CALENDAR}


def test_the_only_policy_stays(world: World, browser: Client, kept: ServiceLevels) -> None:
    browser.post(address(world, "policy_remove", 1), {"version": kept.version})

    refused = browser.post(address(world, "policy_remove", 1), {"version": kept.version + 1}, follow=True)

    assert "一つだけのときは削除できません" in refused.text
    assert names(world) == ["標準"]


def test_two_who_change_different_policies_keep_both(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    first, second = (filled(browser.get(address(world, "policy", place))) for place in (1, 2))
    browser.post(address(world, "policy_move", 2), {"to": "up", "version": kept.version})

    browser.post(address(world, "policy", 1), first | {"name": "大口のお客様"})
    browser.post(address(world, "policy", 2), second | {"name": "通常"})

    assert names(world) == ["通常", "大口のお客様"]


def test_who_comes_second_to_the_same_policy_is_told_and_loses_no_word(
    world: World, browser: Client, kept: ServiceLevels
) -> None:
    data = filled(browser.get(address(world, "policy", 1)))
    browser.post(address(world, "policy", 1), data | {"name": "先の人"})

    refused = browser.post(address(world, "policy", 1), data | {"name": "後の人"})
    moved = browser.post(
        address(world, "policy_move", 1), {"to": "down", "version": kept.version}, follow=True
    )

    assert refused.status_code == 422
    assert "ほかの人が変更または削除しました" in refused.text
    assert 'value="後の人"' in refused.text
    assert "その間にほかの人が変更しました" in moved.text
    assert names(world) == ["先の人", "標準"]


def test_it_is_tried_before_it_is_saved(world: World, browser: Client, kept: ServiceLevels) -> None:
    agent = actor_of(world.ours.agent)
    with clock.held_at(NOON - timedelta(days=1)):
        case = make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(case.opened_at + timedelta(hours=2)):
        reply(case, Reply(text="はい。"), by=agent)
    data = filled(browser.get(address(world, "policy", 2)))

    with clock.held_at(NOON):
        page = address(world, "policy", 2)
        lax = browser.post(page, data | {"try": "1"}).text
        strict = browser.post(page, data | {"first_reply_normal_0": "1", "try": "1"}).text

    for tried, rate in ((lax, "100.0%"), (strict, "0.0%")):
        cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", tried[tried.index('<th scope="row">初回返信') :])
        assert (cells[0], cells[4]) == ("初回返信", rate)
    assert said(world) == LEVELS


def test_kinds_of_matter_and_hours_of_the_desk_are_offered(world: World, browser: Client) -> None:
    matter = make_matter(world.ours.desk, name="返品")
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(opens="10:00", closes="17:30")
    data = filled(browser.get(address(world, "policy_new"))) | {"name": "返品", "matter": [str(matter.pk)]}

    browser.post(address(world, "policy_new"), data)

    found = said(world)
    assert found["calendars"]["窓口の営業時間"]["week"] == {"mon-fri": "10:00-17:30"}
    assert found["policies"][0]["when"] == {"matter": [str(matter.pk)]}
    assert "用件の種類: 返品" in browser.get(address(world, "desk_levels")).text


def test_a_policy_that_says_more_than_the_form_holds_is_changed_as_text(
    world: World, browser: Client
) -> None:
    mixed = {"urgent": {"within": 60, "time": "calendar"}, "normal": 240}
    text = json.dumps({"calendar": CALENDAR, "targets": {"first_reply": mixed}})
    browser.post(address(world, "desk_levels_text"), {"text": text, "version": 0})

    shown = browser.get(address(world, "desk_levels")).text

    assert "「テキストで編集」から変更してください" in shown
    assert browser.get(address(world, "policy", 1)).status_code == 404
    assert browser.get(address(world, "policy", 9)).status_code == 404


def test_hours_of_the_desk_that_have_changed_leave_those_of_other_policies_alone(
    world: World, browser: Client
) -> None:
    first = filled(browser.get(address(world, "policy_new"))) | {"name": "先"}
    browser.post(address(world, "policy_new"), first)
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(opens="10:00", closes="17:30")
    second = filled(browser.get(address(world, "policy_new"))) | {"name": "後", "calendar": "desk:"}

    browser.post(address(world, "policy_new"), second)

    found = said(world)
    assert found["calendars"]["窓口の営業時間"] == CALENDAR
    assert found["calendars"]["窓口の営業時間 2"]["week"] == {"mon-fri": "10:00-17:30"}
    assert [policy["calendar"] for policy in found["policies"]] == ["窓口の営業時間", "窓口の営業時間 2"]


def rows(*each: dict[str, str], begun: int = 0) -> dict[str, str]:
    """Acts as a browser sends their rows."""
    found = {"acts-TOTAL_FORMS": str(len(each)), "acts-INITIAL_FORMS": str(begun)}
    for n, row in enumerate(each):
        empty = {"do": "", "words": "", "when": "due", "length_0": "", "length_1": "", "metric": ""}
        found |= {f"acts-{n}-{name}": value for name, value in (empty | row).items()}
    return found


def test_what_a_policy_does_by_itself_is_written_in_rows(
    world: World, kept: ServiceLevels, browser: Client
) -> None:
    browser.force_login(world.administrator)
    page = address(world, "policy", 2)
    written = rows(
        {
            "do": f"notify:{world.ours.agent.email}",
            "when": "before",
            "length_1": "30",
            "metric": "first_reply",
        },
        {},
        {"do": "task:", "words": "お詫びの電話", "when": "after", "length_0": "1"},
    )

    saved = browser.post(page, filled(browser.get(page)) | written)

    assert saved.status_code == 302
    first = {"do": "notify", "value": world.ours.agent.email, "before": "PT30M", "metrics": ["first_reply"]}
    second = {"do": "task", "value": "お詫びの電話", "after": "PT1H"}
    assert said(world)["policies"][1] == LEVELS["policies"][1] | {"acts": [first, second]}
    shown = browser.get(address(world, "desk_levels")).content.decode()
    assert "30分前" in shown
    assert "やること「お詫びの電話」" in shown

    again = browser.get(page)
    assert [row["do"].value() for row in again.context["form"].acts] == [
        *(f"notify:{world.ours.agent.email}", "task:", None, None)
    ]


def test_an_act_that_says_too_little_is_refused_beside_its_row(
    world: World, kept: ServiceLevels, browser: Client
) -> None:
    page = address(world, "policy", 2)

    refused = browser.post(
        page, filled(browser.get(page)) | rows({"do": "tag:", "when": "before"}, {"do": "priority:high"})
    )

    errors = refused.context["form"].acts.errors
    assert [sorted(row) for row in errors] == [["length", "words"], []]
    assert said(world) == LEVELS
