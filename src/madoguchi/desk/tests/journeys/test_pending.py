"""An answer scheduled by keyboard; and one that a senior returns and then approves, in two browsers."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import offered
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.people.factories import World

# Whether the middle of an element is what one would click there.
UNCOVERED = """
    (selector) => {
        const element = document.querySelector(selector);
        const box = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(box.x + 20, box.y + box.height / 2));
    }
"""
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def senior(browser: Browser, world: World, live_server: LiveServer, settled: None) -> Iterator[Page]:
    """The supervisor, at a browser of their own."""
    client = Client()
    client.force_login(world.ours.supervisor)
    name = django_settings.SESSION_COOKIE_NAME
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def asks_a_senior(desk: Callable[[str], Page], world: World, case: Case, words: str) -> None:
    """An answer of the agent waits for a senior's word."""
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    page = desk(address_of(case, world))
    page.keyboard.press("r")
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pending article")).to_be_attached()


def test_an_answer_is_approved_though_the_page_kept_ones_words_once_more_meanwhile(
    desk: Callable[[str], Page], senior: Page, live_server: LiveServer, world: World, cases: list[Case]
) -> None:
    asks_a_senior(desk, world, cases[0], "明日お届けします。")
    senior.goto(live_server.url + address_of(cases[0], world))
    senior.keyboard.press("r")
    held: list[Route] = []
    slow = [True]
    senior.route("**/draft/**", lambda route: held.append(route) if slow else route.continue_())
    with senior.expect_request("**/draft/**"):
        senior.keyboard.type("私からもお詫びします。")
        senior.keyboard.press("Escape")
        senior.keyboard.press("y")
    senior.evaluate("document.dispatchEvent(new Event('htmx:beforeSwap'))")  # news come in, and draw all anew
    senior.evaluate(
        "document.getElementById('pending').replaceWith(document.getElementById('pending').cloneNode(true))"
    )
    senior.evaluate("htmx.process(document.getElementById('pending'))")

    slow.clear()  # first: one that comes meanwhile would wait for ever
    for route in held:
        route.continue_()

    expect(senior.locator("#pending article")).to_have_count(0)
    assert [one.state for one in everything(PendingAnswer)] == ["left"]
    expect(senior.locator("#reply-text")).to_have_value("私からもお詫びします。")


def test_whoever_began_to_write_does_not_approve_by_a_slip(
    desk: Callable[[str], Page], senior: Page, live_server: LiveServer, world: World, cases: list[Case]
) -> None:
    asks_a_senior(desk, world, cases[0], "明日お届けします。")
    desk("/notifications/")
    senior.goto(live_server.url + address_of(cases[0], world))
    senior.keyboard.press("b")
    comment = senior.get_by_role("textbox", name="直してほしい点")
    comment.fill("日付を確かめて")
    senior.keyboard.press("Escape")

    senior.keyboard.press("y")

    expect(comment).to_be_focused()
    expect(senior.locator("#toasts")).to_contain_text("書きかけの言葉があります")
    assert [one.state for one in everything(PendingAnswer)] == ["awaiting"]

    comment.fill("")
    senior.keyboard.press("Escape")
    senior.keyboard.press("r")
    senior.keyboard.type("私からもお詫びします。")
    senior.keyboard.press("Escape")
    senior.keyboard.press("y")
    expect(senior.locator("#pending article")).to_have_count(0)
    expect(senior.locator("#reply-text")).to_have_value("私からもお詫びします。")


def test_an_answer_is_scheduled_moved_and_taken_back_by_keys(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world) + "?view=open")
    page.keyboard.press("r")
    page.keyboard.type("明朝お送りします。")
    expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.locator(".later .panel button").first).to_be_focused()
    page.locator(".later").get_by_role("button", name="明日 9:00").focus()
    page.keyboard.press("Enter")

    card = page.locator("#pending article")
    expect(card).to_contain_text("09:00 に送信")
    # It is to be seen whole, and the case is still ours to answer.
    expect(card.get_by_role("button", name="今すぐ送信")).to_be_in_viewport(ratio=1)
    assert page.evaluate(UNCOVERED, "#pending article .acts")
    expect(page.locator("#rows a[aria-current]")).to_contain_text("予約 明日 09:00")
    expect(page.locator("#rows a[aria-current] .tag.open")).to_have_text("対応中")
    expect(card.locator(".words")).to_have_text("明朝お送りします。")
    expect(page.locator("#reply-text")).to_have_value("")
    (answer,) = everything(PendingAnswer)
    assert (answer.state, answer.due_at) == ("scheduled", offered("tomorrow", clock.now()))

    card.get_by_text("日時を変える").click()
    card.locator("input[type=datetime-local]").fill("2020-01-01T09:00")
    card.get_by_role("button", name="この日時にする").click()
    expect(page.locator(".toast.bad")).to_contain_text("過ぎた日時です。これからの日時をお選びください。")
    later = (clock.now() + timedelta(days=3)).astimezone(clock.TOKYO).replace(second=0, microsecond=0)
    card.locator("input[type=datetime-local]").fill(later.strftime("%Y-%m-%dT%H:%M"))
    card.get_by_role("button", name="この日時にする").click()
    expect(card).to_contain_text(later.strftime("%H:%M に送信"))
    assert [a.due_at for a in everything(PendingAnswer)] == [later]

    card.get_by_role("button", name="入力欄に戻す").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#reply-text")).to_have_value("明朝お送りします。")
    expect(page.locator("#pending article")).to_have_count(0)
    assert ([a.state for a in everything(PendingAnswer)], everything(Outgoing)) == (["taken_back"], [])


def test_a_senior_reads_a_long_answer_from_its_head_with_the_acts_in_sight(
    desk: Callable[[str], Page], senior: Page, world: World, cases: list[Case], live_server: LiveServer
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.insert_text("長いご案内です。\n" * 60)
    page.get_by_role("button", name="承認を依頼").last.click()
    expect(page.locator("#pending article")).to_be_attached()

    senior.goto(f"{live_server.url}{address_of(cases[0], world)}")

    card = senior.locator("#pending article")
    expect(card.locator("dt").first).to_be_in_viewport()
    expect(card.locator("dd").first).to_have_text("c2@home.example")
    expect(card.get_by_role("button", name="承認する")).to_be_in_viewport(ratio=1)
    assert senior.evaluate(UNCOVERED, "#pending dl")
    assert senior.evaluate(UNCOVERED, "#pending article .acts")
    card.locator(".return > summary").click()
    expect(card.locator("textarea[name=comment]")).to_be_focused()
    expect(card.get_by_role("button", name="このコメントで差し戻す")).to_be_in_viewport(ratio=1)
    assert senior.evaluate(UNCOVERED, "#pending .return form")


def test_on_a_phone_the_word_to_the_senior_is_in_reach_below_a_long_answer(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    page = desk(address_of(cases[0], world))
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#reply-text").fill("長いご案内です。\n" * 30)

    page.locator("#reply-text").focus()

    assert page.evaluate(UNCOVERED, "#reply-word")
    assert page.evaluate(UNCOVERED, "#reply-form [data-send]")


def test_an_answer_is_returned_mended_and_approved(
    desk: Callable[[str], Page], senior: Page, world: World, cases: list[Case], live_server: LiveServer
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("返金いたします。")
    page.locator("#reply-word").fill("金額を見てください")
    page.locator("#reply-text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pending article")).to_contain_text("承認を待っています")
    expect(page.get_by_role("button", name="承認する")).to_have_count(0)

    senior.goto(f"{live_server.url}/")
    link = senior.locator("#rail-parts a[title=承認待ち]")  # not that of refunds
    expect(link).to_contain_text("1")
    link.click()
    senior.locator("#rows a").first.press("Enter")
    card = senior.locator("#pending article")
    expect(card).to_contain_text("金額を見てください")
    expect(card.get_by_role("button", name="承認する")).to_be_focused()
    senior.keyboard.press("b")
    expect(card.locator("textarea[name=comment]")).to_be_focused()
    senior.keyboard.type("金額を書いてください。")
    senior.keyboard.press("Tab")
    senior.keyboard.press("Enter")
    expect(card).to_have_count(0)

    page.reload()
    expect(page.locator("#rail-parts").get_by_role("link", name="差戻・保留")).to_contain_text("1")
    expect(page.locator("#pending article")).to_contain_text("金額を書いてください。")
    expect(page.locator("#reply-text")).to_have_value("返金いたします。")
    expect(page.locator("#reply-form .returned")).to_contain_text("森 美咲さんからの差し戻し")
    expect(page.locator("#reply-form .returned")).to_contain_text("金額を書いてください。")
    page.locator("#reply-text").fill("3,000円を返金いたします。")
    page.locator("#reply-text").press("Control+Enter")
    expect(page.locator("#pending article")).to_have_count(1)
    expect(page.locator("#pending article")).to_contain_text("承認を待っています")

    senior.reload()
    senior.keyboard.press("c")
    expect(card.locator("textarea[name=text]")).to_be_focused()
    expect(card.locator("textarea[name=text]")).to_have_value("3,000円を返金いたします。")
    card.locator("textarea[name=text]").fill("3,000円をご返金いたします。")
    card.get_by_role("button", name="この文面で承認する").click()

    expect(senior.locator(".msg.us .text")).to_have_text("3,000円をご返金いたします。")
    expect(senior.locator(".msg.us")).to_contain_text("青木 翔")
    expect(senior.locator(".msg.us")).to_contain_text("森 美咲さんが承認")
    (outgoing,) = everything(Outgoing)
    assert (outgoing.approved_by_id, outgoing.state) == (world.ours.supervisor.pk, "queued")
    last = everything(PendingAnswer)[-1]
    assert (last.first_text, last.changed_by_id) == ("3,000円を返金いたします。", world.ours.supervisor.pk)


def test_what_a_senior_has_begun_to_write_is_there_after_looking_at_another_case(
    desk: Callable[[str], Page], senior: Page, world: World, cases: list[Case], live_server: LiveServer
) -> None:
    asks_a_senior(desk, world, cases[0], "返金いたします。")
    senior.goto(f"{live_server.url}{address_of(cases[0], world)}?view=open")
    card = senior.locator("#pending article")
    senior.keyboard.press("c")
    text, comment = card.locator("textarea[name=text]"), card.locator("textarea[name=comment]")
    expect(text).to_be_focused()
    senior.keyboard.press("Control+End")
    senior.keyboard.type("3,000円です。")
    senior.keyboard.press("Escape")
    senior.keyboard.press("b")
    expect(comment).to_be_focused()
    senior.keyboard.type("金額を")
    senior.keyboard.press("Escape")

    senior.locator("#rows a").last.press("Enter")
    expect(card).to_have_count(0)
    senior.locator("#rows a[data-row]", has_text="髙橋 美咲").press("Enter")

    expect(text).to_have_value("返金いたします。3,000円です。")
    expect(text).to_be_visible()
    expect(comment).to_have_value("金額を")
    # Keys still act on the case, and an act on it takes nothing away.
    expect(text).not_to_be_focused()
    expect(comment).not_to_be_focused()
    senior.keyboard.press("w")
    expect(senior.locator("#case-head summary .dot.waiting_customer")).to_be_attached()
    expect(text).to_have_value("返金いたします。3,000円です。")
    senior.reload()
    expect(comment).to_have_value("金額を")
    card.get_by_role("button", name="この文面で承認する").click()

    expect(senior.locator(".msg.us .text")).to_have_text("返金いたします。3,000円です。")
    assert senior.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('/pending/'))") == []
