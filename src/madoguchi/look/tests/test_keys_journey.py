"""The keyboard in a real browser: commands, the list of them, the palette, IME."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey

IME_ENTER = """(element) => {
  element.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
  const enter = {key: "Enter", ctrlKey: true, bubbles: true, cancelable: true};
  element.dispatchEvent(new KeyboardEvent("keydown", {...enter, isComposing: true}));
  element.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
  element.dispatchEvent(new KeyboardEvent("keydown", {...enter, keyCode: 229}));
}"""


@pytest.fixture
def console(quiet_page, site):
    quiet_page.goto(f"{site.url}/console/")
    return quiet_page


def test_a_key_presses_its_control_and_moves_the_focus(console):
    console.keyboard.press("n")
    expect(console.locator("[value=note]")).to_be_checked()
    expect(console.locator("#body")).to_be_focused()


def test_keys_are_letters_while_one_types(console):
    console.locator("#body").focus()
    console.keyboard.type("ner?/jk")
    expect(console.locator("#body")).to_have_value("ner?/jk")
    expect(console.locator("[value=reply]")).to_be_checked()
    expect(console.locator("#keys-dialog")).to_be_hidden()


@pytest.mark.parametrize("chord", ["Control+n", "Alt+n", "Meta+n"])
def test_a_key_with_a_modifier_is_another_key(console, chord):
    console.evaluate("document.body.focus()")
    modifier = {"Control": "ctrlKey", "Alt": "altKey", "Meta": "metaKey"}[chord.split("+")[0]]
    console.evaluate(
        f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: 'n', {modifier}: true, bubbles: true}}))"
    )
    expect(console.locator("[value=reply]")).to_be_checked()


def test_a_key_inside_a_conversion_is_no_command(console):
    console.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', keyCode: 229, bubbles: true}))"
    )
    console.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', isComposing: true, bubbles: true}))"
    )
    expect(console.locator("[value=reply]")).to_be_checked()


def test_slash_goes_to_the_search_and_escape_comes_back_without_losing_a_word(console):
    console.locator("#solve").focus()
    console.keyboard.press("/")
    search = console.get_by_role("searchbox")
    expect(search).to_be_focused()
    console.keyboard.type("返品")
    console.keyboard.press("Escape")
    expect(console.locator("#solve")).to_be_focused()
    expect(search).to_have_value("返品")


def test_j_and_k_walk_the_list_from_where_one_is(console):
    console.keyboard.press("j")
    expect(console.locator("#c")).to_be_focused()
    console.keyboard.press("j")
    expect(console.locator("#c")).to_be_focused()
    console.keyboard.press("k")
    console.keyboard.press("k")
    expect(console.locator("#a")).to_be_focused()
    console.keyboard.press("Enter")
    expect(console).to_have_url(re.compile("#a$"))


def test_a_question_mark_lists_every_key_in_the_pages_words(console):
    console.keyboard.press("?")
    dialog = console.locator("#keys-dialog")
    expect(dialog).to_be_visible()
    rows = dialog.locator("[data-keys-list] > div").all_inner_texts()
    assert [re.sub(r"\s+", " ", row) for row in rows] == [
        "キーボード操作 ?", "コマンドパレット Ctrl+K", "次の用件 j", "前の用件 k", "検索 /", "解決にする e",
        "返信 r", "社内メモ n", "書いている内容を送信 Ctrl+Enter", "一つ戻る Esc",
    ]  # fmt: skip
    console.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_single_letters_can_be_switched_off(console):
    console.keyboard.press("?")
    console.get_by_label("キー1つで操作する").uncheck()
    console.keyboard.press("Escape")
    console.keyboard.press("n")
    expect(console.locator("[value=reply]")).to_be_checked()
    console.keyboard.press("Control+k")
    expect(console.locator("#palette")).to_be_visible()


def test_the_palette_finds_acts_places_and_what_the_server_knows(console):
    console.keyboard.press("Control+k")
    options = console.locator("#palette [role=option]")
    expect(options.first).to_be_visible()
    names = [text.split("\n")[0] for text in options.all_inner_texts()]
    assert {"解決にする", "自分の担当", "未割当", "キーボード操作"} <= set(names)
    console.keyboard.type("ミワリアテ")
    expect(console.locator("#palette .none")).to_be_visible()
    console.locator("#palette input").fill("炊飯器")
    expect(options).to_have_text(["K-10479 炊飯器用件"])
    console.keyboard.press("Enter")
    expect(console).to_have_url(re.compile(r"/found/\?q=%E7%82%8A%E9%A3%AF%E5%99%A8$"))


def test_the_palette_is_walked_by_arrows_and_enter(console):
    console.evaluate(
        "document.getElementById('solve').addEventListener('click', () => (document.title = 'pressed'))"
    )
    console.keyboard.press("Control+k")
    console.keyboard.type("担")
    selected = console.locator("#palette [aria-selected=true]")
    expect(selected).to_contain_text("自分の担当")
    console.locator("#palette input").fill("")
    first = selected.inner_text()
    console.keyboard.press("ArrowUp")
    assert selected.inner_text() != first
    console.keyboard.press("ArrowDown")
    assert selected.inner_text() == first
    console.locator("#palette input").fill("かいけつ")
    console.locator("#palette input").fill("解決")
    console.keyboard.press("Enter")
    expect(console).to_have_title("pressed")
    expect(console.locator("#palette")).to_be_hidden()


def test_enter_that_confirms_a_conversion_chooses_nothing_in_the_palette(console):
    console.keyboard.press("Control+k")
    console.locator("#palette input").evaluate(IME_ENTER.replace("ctrlKey: true, ", ""))
    expect(console.locator("#palette")).to_be_visible()


def test_a_menu_opens_by_key_walks_by_arrow_and_closes_by_escape(console):
    summary = console.locator(".me details.menu > summary")
    summary.focus()
    console.keyboard.press("ArrowDown")
    expect(console.locator(".me details.menu")).to_have_attribute("open", "")
    expect(console.locator("[data-theme-choice=auto]")).to_be_focused()
    console.keyboard.press("Escape")
    expect(console.locator(".me details.menu")).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_the_theme_is_kept_for_the_server(console):
    console.locator(".me details.menu > summary").click()
    console.get_by_role("button", name="ダーク").click()
    expect(console.locator("html")).to_have_attribute("data-theme", "dark")
    cookies = {cookie["name"]: cookie["value"] for cookie in console.context.cookies()}
    assert cookies["theme"] == "dark"
