"""Writing an answer in Chromium: what is put into it, how tall it is, what comes back, and what nobody sends unread."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case, Draft, Note
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import Hub, address_of
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# The second press of a hasty hand, as soon as the warning stands there and nothing is under way any more; how often
# the answer went out to the server is noted then.
PRESS_AGAIN_AT_ONCE = """
    () => {
        let sent = 0;
        document.addEventListener("htmx:beforeRequest", ({ target }) => { sent += target.id === "reply-form"; });
        document.addEventListener("htmx:afterRequest", () => setTimeout(() => {
            const key = { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
            document.getElementById("reply-text").dispatchEvent(new KeyboardEvent("keydown", key));
            setTimeout(() => (document.body.dataset.sent = sent));
        }), { once: true });
    }
"""
# The server hears everything, and the page never what it answers.
UNHEARD = "() => { const ask = fetch; window.fetch = (...asked) => ask(...asked).then(() => new Promise(() => {})); }"


@pytest.fixture
def templates(world: World) -> None:
    with world.ours.scope():
        for name, body in (
            ("お礼", "{{customer}} 様\r\n\r\nありがとうございます。\r\n"),
            ("確認中", "確認中です。"),
        ):
            ReplyTemplate.objects.create(company=world.ours.company, name=name, body=body)


def test_a_warning_is_not_sent_past_by_a_hasty_second_press(
    desk: Callable[[str], Page], world: World, cases: list[Case], hub: Hub
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("お送りしました。")
    expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
    say_again(cases[0], text="まだ届きません。")
    hub.tell("message.received", cases[0])
    expect(page.locator("#composer-news")).to_contain_text("新着")
    page.evaluate(PRESS_AGAIN_AT_ONCE)
    page.keyboard.press("Control+Enter")

    expect(page.locator("body[data-sent]")).to_have_attribute("data-sent", "1")
    expect(page.locator("#composer-notice")).to_contain_text("動きがありました")
    expect(page.locator("#reply-text")).to_be_focused()
    assert everything(Outgoing) == []

    # Who has read it and sends again means it.
    expect(page.locator("#reply-form[data-unread]")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg.us .text")).to_have_text("お送りしました。")
    assert len(everything(Outgoing)) == 1


def test_what_is_put_into_an_answer_stands_by_itself(
    desk: Callable[[str], Page], world: World, cases: list[Case], templates: None
) -> None:
    page = desk(address_of(cases[0], world))
    text = page.locator("#reply-text")
    page.keyboard.press("r")
    page.keyboard.type("はい。\n")
    page.get_by_role("button", name="引用").click()
    quotation = "はい。\n\n> 髙橋 美咲です。\n\n"
    expect(text).to_have_value(quotation)
    page.locator("[data-dialog=templates]").click()
    page.locator("#template-list").get_by_role("button", name="お礼").click()
    letter = f"{quotation}髙橋 美咲 様\n\nありがとうございます。"
    expect(text).to_have_value(letter)
    # A phrase goes where one writes.
    page.locator("[data-dialog=templates]").click()
    page.locator("#template-list").get_by_role("button", name="確認中").click()
    expect(text).to_have_value(f"{letter}確認中です。")


def test_the_templates_are_all_there_at_each_opening(
    desk: Callable[[str], Page], world: World, cases: list[Case], templates: None
) -> None:
    page = desk(address_of(cases[0], world))
    # Nothing is said to be kept where nobody wrote, and what was emptied is said to be gone.
    state = page.locator("#reply-form [data-draft-state]")
    page.locator("#reply-text").focus()
    page.evaluate("document.getElementById('case-version').value = '99'")
    page.evaluate("document.dispatchEvent(new Event('htmx:beforeSwap'))")
    page.locator("#reply-text").fill("はい。")
    page.locator("#reply-text").blur()
    expect(state).to_contain_text("下書き保存済み")
    page.locator("#reply-text").fill("")
    page.locator("#reply-text").blur()
    expect(state).to_contain_text("下書きを破棄しました")
    assert everything(Draft) == []
    page.evaluate("document.getElementById('case-version').value = '100'")
    page.evaluate("document.dispatchEvent(new Event('htmx:beforeSwap'))")
    expect(state).to_contain_text("下書きを破棄しました")
    page.keyboard.press("t")
    page.keyboard.type("無い言葉")
    expect(page.get_by_text("該当するテンプレートはありません。")).to_be_visible()
    page.locator("#templates [data-dialog-close]").click()

    page.keyboard.press("t")

    expect(page.locator("#templates input")).to_have_value("")
    expect(page.locator("#template-list button:visible")).to_have_count(2)
    expect(page.get_by_text("該当するテンプレートはありません。")).to_be_hidden()


def test_the_first_template_is_taken_by_enter_and_one_writes_on_behind_it(
    desk: Callable[[str], Page], world: World, cases: list[Case], templates: None
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("t")
    expect(page.locator("#template-list [data-chosen]")).to_have_text("お礼")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("追って")

    expect(page.locator("#reply-text")).to_have_value("髙橋 美咲 様\n\nありがとうございます。追って")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.keyboard.type("確認")
    expect(page.locator("#template-list [data-chosen]")).to_have_text("確認中")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value(
        "髙橋 美咲 様\n\nありがとうございます。追って確認中です。"
    )


def test_a_time_to_send_is_said_once(desk: Callable[[str], Page], world: World, cases: list[Case]) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("明日お送りします。")
    page.keyboard.press("Escape")
    page.keyboard.press("s")

    offered = [one.inner_text().split() for one in page.locator(".later .panel button[value]").all()]
    said = {words[0]: words[1:] for words in offered}
    assert said["明日"] == ["9:00"]
    assert re.fullmatch(r"(明日)?\d\d:\d\d", "".join(said["1時間後"]))


def test_its_height_is_drawn_by_keys_or_pointer_and_remembered(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    usual = height(page)
    page.route("**/draft/**", lambda route: route.abort())  # none of these words comes back
    page.keyboard.press("r")
    page.keyboard.insert_text("一行\n" * 60)
    assert usual < height(page) < 0.5
    page.locator("#reply-text").fill("")

    grip = page.get_by_role("separator", name="入力欄の高さ")
    grip.focus()
    page.keyboard.press("End")
    assert height(page) == 0.75
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert (height(page), grip.get_attribute("aria-valuenow")) == (0.67, "67")
    page.reload()
    assert height(page) == 0.67

    box = page.locator(".grip").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
    page.mouse.up()
    assert 0.35 < height(page) < 0.6
    page.locator(".grip").dblclick()
    assert height(page) == usual
    assert not page.evaluate("document.documentElement.hasAttribute('data-composer-height')")
    assert page.evaluate("localStorage.getItem('composer-height')") is None


def test_words_taken_out_while_they_were_being_kept_do_not_come_back(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.evaluate(UNHEARD)
    with page.expect_response("**/draft/**"):
        page.locator("#reply-text").fill("別の方へ")
        page.locator("#reply-text").blur()
    assert [draft.text for draft in everything(Draft)] == ["別の方へ"]

    page.locator("#reply-text").fill("")
    page.locator("#reply-text").blur()
    page.reload()

    expect(page.locator("#reply-text")).to_have_value("")


def test_what_was_sent_and_taken_back_is_gone_on_with(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("お送りしました。")
    page.keyboard.press("Control+Enter")
    page.locator(".toast").get_by_role("button", name="取り消す").click()

    expect(page.locator("#reply-text")).to_have_value("お送りしました。")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("追って")
    expect(page.locator("#reply-text")).to_have_value("お送りしました。追って")


def test_what_is_taken_back_in_the_conversation_is_no_longer_offered_by_the_notice(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("お送りしました。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").get_by_role("button", name="取り消す")).to_be_visible()

    page.locator("form.undo").get_by_role("button").click()

    expect(page.locator("#reply-text")).to_have_value("お送りしました。")
    expect(page.locator(".toast").get_by_role("button", name="取り消す")).to_have_count(0)


def test_a_note_says_that_it_is_kept_in_place_of_what_was_said_before(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("w")
    expect(page.locator(".toast")).to_contain_text("返事待ち")
    page.keyboard.press("n")
    page.keyboard.type("折り返し済み")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("社内メモを残しました。")
    assert [note.text for note in everything(Note)] == ["折り返し済み"]


def height(page: Page) -> float:
    """The composer's share of the window."""
    box = page.locator("#composer").bounding_box()
    size = page.viewport_size
    assert box
    assert size
    return round(box["height"] / size["height"], 2)
