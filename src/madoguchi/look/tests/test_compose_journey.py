"""Writing an answer in a real browser: nothing is lost, and nothing is sent by accident."""

import pytest
from playwright.sync_api import expect

from madoguchi.look.tests.test_keys_journey import IME_ENTER

pytestmark = pytest.mark.journey


@pytest.fixture
def console(quiet_page, site):
    quiet_page.goto(f"{site.url}/console/")
    return quiet_page


@pytest.fixture
def body(console):
    return console.locator("#body")


def test_what_is_typed_is_saved_and_said_so(console, body, site):
    with console.expect_response("**/draft/"):
        body.fill("髙橋様")
    expect(console.locator("[data-draft-state]")).to_contain_text("下書き保存済み ")
    assert site.bodies("/draft/")[-1] == {
        "mode": ["reply"],
        "to": ["misaki@example.jp"],
        "body": ["髙橋様"],
    }


def test_leaving_the_form_saves_at_once_and_only_what_changed(console, body, site):
    body.focus()
    console.locator("#solve").focus()
    assert site.bodies("/draft/") == []
    with console.expect_response("**/draft/"):
        body.press_sequentially("あ")
        console.locator("#solve").focus()
    console.locator("#body").focus()
    console.locator("#solve").focus()
    assert len(site.bodies("/draft/")) == 1


def test_a_draft_that_cannot_be_saved_is_said_and_leaving_asks(console, body, site):
    site.draft_status = 500
    asked = []
    console.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    with console.expect_response("**/draft/"):
        body.press_sequentially("大切な文章")
    expect(console.locator("[data-draft-state]")).to_have_text("下書きを保存できません")
    expect(console.locator("#say-now")).to_have_text("下書きを保存できません")
    console.goto(f"{site.url}/live/".replace("/live/", "/palette/?q=x"))
    assert asked == ["beforeunload"]


def test_leaving_the_page_sends_the_last_words(console, body, site):
    body.press_sequentially("最後の言葉")
    console.goto(f"{site.url}/palette/?q=x")
    with site.told:
        assert site.told.wait_for(lambda: site.bodies("/draft/"), timeout=10)
    assert site.bodies("/draft/")[-1]["body"] == ["最後の言葉"]


def test_enter_in_a_conversion_never_sends(console, body, site):
    body.fill("変換中")
    body.evaluate(IME_ENTER)
    console.keyboard.press("Enter")
    expect(body).to_have_value("変換中\n")
    assert site.bodies("/send/") == []


def test_a_real_conversion_confirmed_by_enter_stays_text(console, body, site):
    body.focus()
    session = console.context.new_cdp_session(console)
    session.send("Input.imeSetComposition", {"text": "へんかん", "selectionStart": 4, "selectionEnd": 4})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "modifiers": 2}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    session.send("Input.insertText", {"text": "変換"})
    expect(body).to_have_value("変換")
    assert site.bodies("/send/") == []


def test_control_enter_sends_once(console, body, site):
    body.fill("承知いたしました。")
    body.press("Control+Enter")
    expect(console).to_have_title("sent")
    [sent] = site.bodies("/send/")
    assert sent["body"] == ["承知いたしました。"]


def test_enter_in_the_recipient_field_sends_nothing(console, site):
    console.locator("[name=to]").press("Enter")
    expect(console.locator("#body")).to_be_visible()
    assert site.bodies("/send/") == []


def test_quoting_puts_the_customers_words_at_the_caret(console, body):
    body.press_sequentially("髙橋様")
    console.get_by_role("button", name="引用").click()
    expect(body).to_have_value("髙橋様\n\n> 電源が入りません。\n> 交換していただけますか。\n\n")
    expect(body).to_be_focused()


def test_quoting_takes_only_what_is_selected_and_can_be_undone(console, body):
    console.evaluate(
        "() => { const text = document.getElementById('words').firstChild;"
        " getSelection().setBaseAndExtent(text, 0, text, 2); }"
    )
    console.get_by_role("button", name="引用").click()
    expect(body).to_have_value("> 電源\n\n")
    console.keyboard.press("Control+z")
    expect(body).to_have_value("")


def test_a_template_goes_to_the_caret_and_its_slot_is_selected(console, body):
    body.fill("前後")
    body.evaluate("(element) => element.setSelectionRange(1, 1)")
    console.get_by_role("button", name="テンプレート").click()
    console.get_by_label("探す").fill("伝票")
    expect(console.get_by_role("button", name="挨拶")).to_be_hidden()
    console.get_by_role("button", name="伝票番号").click()
    expect(body).to_have_value("前お問い合わせ番号は{{ 伝票番号 }}です。後")
    selected = body.evaluate("(element) => element.value.slice(element.selectionStart, element.selectionEnd)")
    assert selected == "{{ 伝票番号 }}"


def test_a_file_becomes_a_chip_that_can_be_taken_away(console, site):
    console.locator("input[type=file]").set_input_files(
        {"name": "写真.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
    )
    chip = console.locator("[data-files] .file")
    expect(chip.locator("[name=attachment]")).to_have_value("7")
    expect(chip).to_contain_text("不具合写真.jpg")
    chip.get_by_role("button", name="ファイルを外す").click()
    expect(chip).to_have_count(0)
    expect(console.locator("#body")).to_be_focused()


def test_a_refused_file_says_why(console, site):
    site.upload_status = 413
    console.locator("input[type=file]").set_input_files(
        {"name": "動画.mp4", "mimeType": "video/mp4", "buffer": b"x"}
    )
    expect(console.locator("[data-files] .file.bad")).to_contain_text("動画.mp4 — 大きすぎます。")
    expect(console.locator("#say-now")).to_have_text("大きすぎます。")


def test_a_pasted_and_a_dropped_file_are_taken(console, body):
    body.evaluate(
        """(element) => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "a.png", {type: "image/png"}));
          element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
          element.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(console.locator("[data-files] [name=attachment]")).to_have_count(2)


def test_without_javascript_it_is_a_plain_form(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/console/")
    page.locator("#body").fill("承知いたしました。")
    page.get_by_role("button", name="送信").click()
    expect(page).to_have_title("sent")
    assert site.bodies("/send/")[0]["body"] == ["承知いたしました。"]
    context.close()
