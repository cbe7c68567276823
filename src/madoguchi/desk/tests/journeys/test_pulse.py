"""What the pulse of a page brings (who is here, who writes) never takes anything from whoever is writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case, PendingAnswer, ReplyLock
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import Hub, address_of
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NOTE_THE_NEXT_PULSE = "() => document.addEventListener('placed', () => (document.body.dataset.pulse = ''))"


@contextmanager
def held_back(page: Page, address: str) -> Iterator[Callable[[], None]]:
    """Requests to such an address wait until the yielded function lets them go."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))
    open_gate: list[bool] = []

    def let_go() -> None:
        if not open_gate:
            open_gate.append(True)
            for route in waiting:
                route.continue_()
            page.unroute(address)

    yield let_go
    let_go()


def test_a_pulse_that_saw_older_words_takes_nothing_from_those_kept_since(
    desk: Callable[[str], Page], world: World, cases: list[Case], page: Page
) -> None:
    """The server looked while half of them were kept, and its answer was slow on its way."""
    asked: list[Route] = []
    page.route("**/here/", lambda route: asked.append(route))
    desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("書きか")
    expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
    answer = asked[0].fetch()
    assert "書きか</textarea>" in answer.text()
    form = page.locator("#reply-form")
    before = form.get_attribute("data-draft") or ""
    page.keyboard.type("け")
    expect(form).not_to_have_attribute("data-draft", before)
    page.evaluate(NOTE_THE_NEXT_PULSE)

    asked[0].fulfill(response=answer)

    expect(page.locator("body")).to_have_attribute("data-pulse", "")
    expect(page.locator("#reply-text")).to_have_value("書きかけ")


def test_an_answer_under_way_is_told_of_though_the_pulse_came_first(
    desk: Callable[[str], Page], world: World, cases: list[Case], page: Page
) -> None:
    """The page is new to the colleagues, and a quick hand sends before they have heard of it."""
    with held_back(page, "**/here/") as hear, held_back(page, "**/cases/*/reply/") as send:
        desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("お調べします。")
        expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
        with page.expect_request("**/cases/*/reply/"):
            page.keyboard.press("Control+Enter")
        page.evaluate(NOTE_THE_NEXT_PULSE)
        hear()
        expect(page.locator("body[data-pulse]")).to_have_count(1)
        send()

        expect(page.locator("#entries .msg.us .text")).to_have_text("お調べします。")
        expect(page.locator("#reply-text")).to_have_value("")
        assert len(everything(Outgoing)) == 1


def test_a_pulse_that_said_one_writes_and_comes_after_the_answer_holds_nothing(
    desk: Callable[[str], Page], world: World, cases: list[Case], page: Page
) -> None:
    """Two requests may overtake each other: the answer has left, and then one is heard to be writing it."""
    desk(address_of(cases[0], world))
    expect(page.locator("#reply-lock")).to_have_attribute("data-state", "free")
    with held_back(page, "**/here/") as hear:
        page.keyboard.press("r")
        with page.expect_request(lambda asked: "writing=yes" in (asked.post_data or "")):
            page.keyboard.type("お調べします。")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#entries .msg.us .text")).to_have_text("お調べします。")

        with page.expect_response(lambda told: "writing=done" in (told.request.post_data or "")):
            hear()

        expect(page.locator("#reply-lock")).to_have_attribute("data-state", "free")
        assert everything(ReplyLock) == []


def test_the_pulse_does_not_say_that_the_news_was_read(
    desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case], page: Page
) -> None:
    """It was asked for before the draft was saved, so it brings the draft, and with it the case as it is by now."""
    with held_back(page, "**/here/") as hear:
        desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("お調べします。")
        expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
        say_again(cases[0], text="郵便番号も違いました。")
        hub.tell("message.received", cases[0])
        expect(page.locator("#entries")).to_contain_text("郵便番号も違いました。")

        page.evaluate(NOTE_THE_NEXT_PULSE)
        hear()
        expect(page.locator("body[data-pulse]")).to_have_count(1)
        page.keyboard.press("Control+Enter")

        expect(page.locator("#composer-notice")).to_contain_text("用件")
        expect(page.locator("#reply-text")).to_have_value("お調べします。")
        assert everything(Outgoing) == []


def test_what_the_page_asks_for_by_itself_closes_no_menu_and_loses_no_key(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    """Half a second after the last word the page asks which promises stand there; by then one may choose a time."""
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("明朝お送りします。")
    expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    tomorrow = page.locator(".later").get_by_role("button", name="明日 9:00")
    tomorrow.focus()

    with page.expect_response("**/promises/found/"):
        page.locator("#reply-text").dispatch_event("input")

    expect(tomorrow).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pending article")).to_contain_text("09:00 に送信")
    assert [one.state for one in everything(PendingAnswer)] == ["scheduled"]
