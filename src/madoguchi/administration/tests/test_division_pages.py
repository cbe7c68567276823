"""How what comes to a desk is divided among operators, in the settings."""

from datetime import time

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.companies.models import Desk
from madoguchi.people.factories import World
from madoguchi.routing.division_rules import mark_of
from madoguchi.routing.models import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def desks(world: World) -> list[Desk]:
    with world.ours.scope():
        found = [make_desk(world.ours.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        for number, desk in enumerate(found):
            make_engagement(make_operator(name=f"受託{number}"), desk)
    return found


def address(world: World, more: str = "") -> str:
    return f"/administration/desks/{world.ours.desk.pk}/dividing/{more}"


def kept(world: World) -> tuple[bool, list[dict[str, object]]]:
    with world.ours.scope():
        return Division.objects.values_list("is_on", "rules").get()


def seen(world: World, place: int) -> str:
    return mark_of(kept(world)[1][place - 1])


def filled(desks: list[Desk], **more: object) -> dict[str, object]:
    parts = {f"weight_{desk.pk}": weight for desk, weight in zip(desks, (60, 40), strict=False)}
    return {"name": "夜間の返品", "by": "share", "begin": "18:00", "until": "9:00"} | parts | more


def test_a_rule_is_written_read_and_taken_into_use(browser: Client, world: World, desks: list[Desk]) -> None:
    assert "まだ振り分けていません" in browser.get(address(world)).text
    more = {
        "days": ["0", "4"],
        "channels": ["email"],
        "words": "返品、交換",
        "after": "30",
        f"most_{desks[0].pk}": "20",
    }

    assert browser.post(address(world, "0/"), filled(desks, **more)).status_code == 302
    to = [{"desk": desks[0].pk, "weight": 60, "most": 20}, {"desk": desks[1].pk, "weight": 40}]
    rule = {"name": "夜間の返品", "by": "share", "to": to, "days": [0, 4], "from": "18:00", "until": "9:00"}
    rule |= {"channels": ["email"], "words": ["返品", "交換"], "after": 30}
    assert kept(world) == (False, [rule])

    for _twice in range(2):
        browser.post(address(world, "switch/"), {"on": "1"})
    page = browser.get(address(world)).text
    assert kept(world)[0] is True
    for words in (
        "使用中です",
        "60.0%・待ち20件で満杯",
        "曜日: 月・金",
        "時間帯: 18:00〜9:00",
        "件名に含む言葉: 返品・交換",
    ):
        assert words in page
    assert 'value="60"' in browser.get(address(world, "1/")).text


def test_it_is_tried_on_what_came_and_not_saved(browser: Client, world: World, desks: list[Desk]) -> None:
    for subject in ("返品したい", "返品の件", "在庫について"):
        make_case(world.ours.entry_point, subject=subject)
    said = filled(desks, begin="", until="", words="返品", **{"try": "1"})
    page = browser.post(address(world, "0/"), said)
    tried = page.context["tried"]
    assert (tried.cases, tried.stayed) == (3, 1)
    assert [(one.desk, one.cases, one.part) for one in tried.outcomes] == [
        ("昼の窓口", 1, "50.0%"),
        ("夜の窓口", 1, "50.0%"),
    ]
    with world.ours.scope():
        assert not Division.objects.exists()


def test_who_covers_which_hours_of_a_year_is_told(browser: Client, world: World, desks: list[Desk]) -> None:
    with world.ours.scope():
        idle = make_desk(world.ours.company, name="契約のない窓口")
        for desk, opens, closes in (
            (world.ours.desk, time(9), time(18)),
            (desks[0], time(8), time(20)),
            (idle, time(0), time(23)),
        ):
            Desk.objects.filter(pk=desk.pk).update(opens=opens, closes=closes)
    rule = filled(desks[:1], **{f"weight_{idle.pk}": "1", f"weight_{desks[1].pk}": ""})
    assert browser.post(address(world, "0/"), rule).status_code == 302

    page = browser.get(address(world) + "?year=2026")

    # 240 days on which offices in Japan are open in 2026, and of each twelve hours.
    found = page.context["covered"]
    assert [(hours, alone) for _name, hours, alone in found.each] == [("2,160", "0"), ("2,880", "720")]
    assert [name for name, _hours, _alone in found.each] == [
        f"{world.ours.desk.name}（{world.ours.operator.name}）",
        "昼の窓口（受託0）",
    ]
    assert (found.hours, found.uncovered) == ("8,760", f"{(8760 - 2880) * 60:,}")
    assert "契約のない窓口（" not in page.text
    assert "2026-05-04" in page.text
    assert page.text.count("誰もいません") == 5 * 2 + 2 + 1
    for other in ("1900", "x", ""):
        assert "covered" not in browser.get(address(world) + f"?year={other}").context


def test_rules_are_asked_in_another_order_and_left_out(
    browser: Client, world: World, desks: list[Desk]
) -> None:
    for name in ("一", "二", "三"):
        browser.post(address(world, "0/"), filled(desks, name=name))
    for place, to, expected in ((3, "up", "一三二"), (1, "down", "三一二"), (2, "away", "三二")):
        browser.post(address(world, "move/"), {"to": to, "seen": seen(world, place)})
        assert "".join(str(rule["name"]) for rule in kept(world)[1]) == expected
    assert browser.get(address(world, "3/")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"until": ""}, "開始と終了を"),
        ({"begin": "夕方"}, "開始と終了を"),
        ({"name": ""}, "必須"),
    ],
)
def test_what_cannot_be_stays_as_it_was_typed(
    browser: Client, world: World, desks: list[Desk], wrong: dict[str, str], words: str
) -> None:
    page = browser.post(address(world, "0/"), filled(desks) | wrong)
    assert (page.status_code, words in page.text, 'value="60"' in page.text) == (422, True, True)
    with world.ours.scope():
        assert not Division.objects.filter(rules__0__isnull=False).exists()


def test_without_a_part_there_is_no_rule(browser: Client, world: World, desks: list[Desk]) -> None:
    page = browser.post(address(world, "0/"), {"name": "すべて", "by": "load"})
    assert "少なくとも一つの窓口に配分を入れてください。" in page.text


def test_who_is_engaged_at_both_desks_is_named(browser: Client, world: World, desks: list[Desk]) -> None:
    with world.ours.scope():
        make_engagement(world.ours.operator, desks[0])
    browser.post(address(world, "0/"), filled(desks))
    assert f"{world.ours.operator.name}はこの窓口とも契約しているため" in browser.get(address(world)).text


def test_two_who_change_rules_at_once_lose_nothing_of_one_another(
    browser: Client, world: World, desks: list[Desk]
) -> None:
    for name in ("一", "二"):
        browser.post(address(world, "0/"), filled(desks, name=name))
    first, second = (seen(world, place) for place in (1, 2))
    browser.post(address(world, "move/"), {"to": "up", "seen": second})

    moved = browser.post(address(world, "2/"), filled(desks, name="一改", seen=first))
    late = browser.post(address(world, "2/"), filled(desks, name="一別", seen=first))
    gone = browser.post(address(world, "move/"), {"to": "away", "seen": first}, follow=True)

    assert (moved.status_code, late.status_code) == (302, 422)
    assert "ほかの人がこのルールを変更または削除しました" in late.text
    assert 'value="一別"' in late.text
    assert "その間にほかの人が変更しました" in gone.text
    assert [rule["name"] for rule in kept(world)[1]] == ["二", "一改"]
    assert f'name="seen" value="{second}"' in browser.get(address(world, "1/")).text


def test_when_calls_go_on_is_kept_and_said(browser: Client, world: World, desks: list[Desk]) -> None:
    browser.post(address(world, "0/"), filled(desks, calls_after="20"))
    assert kept(world)[1][0]["calls_after"] == 20
    page = browser.get(address(world)).text
    assert "電話を次へ回す: 20秒" in page
