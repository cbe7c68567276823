"""Live events, refreshed parts, toasts, accessibility and narrow windows, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from madoguchi.look.tests.conftest import CSP

pytestmark = [pytest.mark.long, pytest.mark.journey]

# The page, its content and every pane in it: none may be wider inside than outside.
STICKS_OUT = """() =>
  [document.documentElement, ...document.querySelectorAll("#main, .list, .case, .flow, .bar, .about")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth)
  .map((one) => one.className || one.tagName)"""
LIVE = "/live-page/?live_url=/no-socket/&live_sse_url=/live/&live_after=3"


@pytest.fixture
def live(quiet_page, site):
    quiet_page.goto(site.url + LIVE)
    return quiet_page


def test_the_stream_takes_over_where_sockets_do_not_pass_and_resumes(live, site):
    expect(live.locator("html")).to_have_attribute("data-live", "on", timeout=15000)
    assert site.asked_after == ["3"]
    site.rows = ["一", "二", "三"]
    site.tell({"id": 4, "kind": "case.changed", "desk": 4})
    expect(live.locator("#rows > p")).to_have_text(["一", "二", "三"])
    expect(live.locator("#others > p")).to_have_count(0)
    expect(live.locator("#say")).to_have_text("一覧が新しくなりました")
    site.tell({"kind": "hang-up"})
    expect(live.locator("html")).to_have_attribute("data-live", "off")
    expect(live.get_by_text("切断中 — つなぎ直しています")).to_be_visible()


def test_a_refresh_keeps_the_row_that_has_the_focus(live, site):
    live.evaluate(
        "document.querySelector('#rows a').focus(); document.querySelector('#row-一').marked = true"
    )
    site.rows = ["零", "一"]
    live.evaluate(
        "document.dispatchEvent(new CustomEvent('live', {detail: {kind: 'message.received', desk: 4}}))"
    )
    expect(live.locator("#rows > p")).to_have_text(["零", "一"])
    expect(live.locator("#row-一 a")).to_be_focused()
    assert live.evaluate("document.querySelector('#row-一').marked") is True


def test_a_refresh_waits_while_one_selects_text(live, site):
    live.evaluate("getSelection().selectAllChildren(document.getElementById('row-一'))")
    site.rows = ["新"]
    live.evaluate("document.dispatchEvent(new CustomEvent('live', {detail: {kind: 'case.new', desk: 4}}))")
    expect(live.locator("#rows > p")).to_have_text(["一"])
    live.evaluate("getSelection().removeAllRanges()")
    expect(live.locator("#rows > p")).to_have_text(["新"])


def test_a_toast_offers_undo_and_is_spoken(live, site):
    live.evaluate(
        "document.dispatchEvent(new CustomEvent('toast',"
        " {detail: {text: '送信しました。', undo: '/undo/', seconds: 30}}))"
    )
    toast = live.locator("#toasts .toast")
    expect(toast).to_contain_text("送信しました。")
    expect(toast.locator(".left")).to_have_text("30")
    expect(live.locator("#say")).to_have_text("送信しました。")
    toast.get_by_role("button", name="取り消す").click()
    expect(live).to_have_title("sent")
    assert site.bodies("/undo/") == [{"csrfmiddlewaretoken": ["a-token"]}]


def test_an_error_goes_when_its_own_form_has_another_outcome(live):
    live.evaluate(
        """() => {
            for (const action of ["/memo/", "/note/"])
                document.body.insertAdjacentHTML("beforeend", `<form action="${action}"></form>`);
            const told = (action, text, bad) => document.querySelector(`form[action="${action}"]`)
                .dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: { text, bad } }));
            told("/memo/", "メモは保存できません。", true);
            told("/note/", "書き込めません。", true);
            told("/memo/", "メモを保存しました。", false);
        }"""
    )
    expect(live.locator("#toasts .toast p")).to_have_text(["書き込めません。", "メモを保存しました。"])


def test_an_error_toast_stays_until_it_is_closed(live):
    live.evaluate(
        "document.dispatchEvent(new CustomEvent('toast', {detail: {text: '送れません。', bad: true}}))"
    )
    expect(live.locator("#say-now")).to_have_text("送れません。")
    live.get_by_role("button", name="閉じる").click()
    expect(live.locator("#toasts .toast")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/console/", "/guide-page/", "/live-page/", "/plain-page/"])
def test_axe_finds_nothing(page, site, path, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(site.url + path)
    found = Axe().run(page)
    assert [
        f"{one['id']}: {node['html']}" for one in found.response["violations"] for node in one["nodes"]
    ] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_accent_is_readable(page, site, scheme):
    page.emulate_media(color_scheme=scheme)
    for accent in range(12):
        page.goto(f"{site.url}/customer-page/?company_accent={accent}")
        found = Axe().run(page, options={"runOnly": ["color-contrast"]})
        assert found.response["violations"] == [], accent


@pytest.mark.parametrize("path", ["/console/", "/guide-page/", "/plain-page/", "/customer-page/"])
def test_nothing_sticks_out_sideways(page, site, path):
    page.goto(site.url + path)
    for width in (320, 360, 420, 760, 1000, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(STICKS_OUT) == [], width


def test_narrow_the_list_and_the_case_are_two_screens(page, site):
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{site.url}/console/")
    expect(page.locator(".list")).to_be_hidden()
    page.get_by_role("link", name="一覧").click()
    expect(page.locator(".list")).to_be_visible()
    expect(page.locator(".case")).to_be_hidden()
    page.get_by_role("button", name="メニュー", exact=True).click()
    expect(page.get_by_role("link", name="未割当")).to_be_visible()


def test_the_customer_beside_the_case_is_one_press_away_when_narrow(page, site):
    page.set_viewport_size({"width": 1000, "height": 700})
    page.goto(f"{site.url}/console/")
    expect(page.locator("#about")).to_be_hidden()
    page.get_by_role("button", name="お客様").click()
    expect(page.locator("#about")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#about")).to_be_hidden()


def test_the_site_of_these_tests_is_as_strict_as_the_product(settings):
    ours = {part.split()[0] for part in CSP.split("; ")}
    assert "'unsafe" not in CSP
    assert ours <= set(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
