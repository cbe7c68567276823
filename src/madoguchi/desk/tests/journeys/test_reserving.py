"""A time is reserved at a case by keyboard alone, read back, moved, cancelled, had again; a full one is waited for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fitting(world: World) -> Resource:
    return make_resource(make_store(world.ours.company, address="東京都中央区銀座1-1"), seats=4)


def tomorrow() -> datetime:
    return clock.now().astimezone(clock.TOKYO) + timedelta(days=1)


def choose_tomorrow(page: Page) -> None:
    """The day has the focus; written as a browser takes it, Enter shows its times and stands on the first."""
    expect(page.get_by_label("日付")).to_be_focused()
    page.get_by_label("日付").fill(f"{tomorrow():%Y-%m-%d}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="10:00")).to_be_focused()


def test_a_time_is_reserved_without_a_mouse(
    desk: Callable[[str], Page], world: World, cases: list[Case], fitting: Resource
) -> None:
    page = desk(address_of(cases[0], world))
    expect(page.locator("#about")).to_contain_text("まだ注文はありません。")
    page.keyboard.press("Shift+B")
    expect(page.get_by_role("heading", name="予約を取る")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    choose_tomorrow(page)
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="10:30")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="復唱")).to_be_visible()
    expect(page.get_by_text("東京都中央区銀座1-1")).to_be_visible()
    expect(page.get_by_role("button", name="予約を確定する")).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("V-1001 の予約を承りました。 お客様にメールで知らせます。")).to_be_visible()
    expect(page.locator("#about .bought")).to_contain_text("V-1001")
    expect(page.get_by_text("ご予約の内容は次のとおりです。")).to_be_visible()
    with world.ours.scope():
        made = Reservation.objects.get()
    assert (made.state, made.begins.astimezone(clock.TOKYO).strftime("%H:%M")) == ("booked", "10:30")
    assert (made.case_id, made.user) == (cases[0].pk, world.ours.agent)


def test_it_is_moved_cancelled_and_had_again(
    desk: Callable[[str], Page], world: World, cases: list[Case], fitting: Resource
) -> None:
    page = desk(f"{address_of(cases[0], world)}reservation/")
    choose_tomorrow(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="予約を確定する")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#about").get_by_role("link", name="V-1001").click()
    expect(page.get_by_role("link", name="日時を変える")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="15:00").click()
    expect(page.get_by_text("V-1001 の予約を変更しました。")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("15:00 – 16:00")

    page.get_by_role("button", name="予約を取り消す").click()
    expect(page.get_by_text("V-1001 の予約を取り消しました。")).to_be_visible()
    page.get_by_role("button", name="取り消しを元に戻す").click()

    expect(page.get_by_text("V-1001 を元の内容に戻しました。")).to_be_visible()
    with world.ours.scope():
        assert Reservation.objects.get().state == "booked"
    page.goto(page.url.partition("/reservations/")[0] + f"/reservations/?day={tomorrow():%Y-%m-%d}")
    expect(page.get_by_role("row").filter(has_text="V-1001")).to_contain_text("予約済み")
    assert Axe().run(page).response["violations"] == []


def test_what_is_full_is_waited_for_and_nothing_typed_is_lost(
    desk: Callable[[str], Page], world: World, cases: list[Case], fitting: Resource
) -> None:
    page = desk(f"{address_of(cases[0], world)}reservation/")
    choose_tomorrow(page)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="予約を確定する").click()
    expect(page.get_by_text("V-1001 の予約を承りました。")).to_be_visible()
    page.goto(page.url.partition("/cases/")[0] + f"{address_of(cases[1], world)}reservation/")
    page.get_by_label("日付").fill(f"{tomorrow():%Y-%m-%d}")
    page.keyboard.press("Enter")
    page.get_by_label("備考").fill("午前を希望")
    page.get_by_label("人数").fill("9")
    page.get_by_role("button", name="11:00").click()

    expect(page.locator("#problem")).to_contain_text("人数は1から4までの数字で入力してください。")
    expect(page.get_by_label("人数")).to_be_focused()
    expect(page.get_by_label("備考")).to_have_value("午前を希望")
    page.get_by_label("人数").fill("2")
    page.get_by_role("button", name="10:00 満席 キャンセル待ち").click()
    expect(page.get_by_role("heading", name="予約 V-1002")).to_contain_text("キャンセル待ち")
    with world.ours.scope():
        assert Reservation.objects.get(number=1002).note == "午前を希望"
