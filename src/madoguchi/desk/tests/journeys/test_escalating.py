"""A question to somebody without an account: asked by keyboard, by mail through a real server, answered on a phone,
seen on the case. A signal in a few keys. And nothing that axe objects to on these pages.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.models import Case
from madoguchi.complaints.actions import Written as Complained
from madoguchi.complaints.actions import make_complaint
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.desk.tests.journeys.test_every_page import objections
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.links import sign
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.escalations.tests.test_slips import Server, leave, server
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.shield.models import Mark
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.signals.models import Incident, Signal

__all__ = ["server"]
_PRESSED_AT_SIGHT = """() => new MutationObserver((_, watch) => {
  const [called, mark] = ["[id^=help-]", "[data-key=H]"].map((one) => document.querySelector(`#raised ${one}`));
  if (!called) return;
  watch.disconnect();
  mark.click();
}).observe(document.getElementById("raised"), { childList: true })"""
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_somebody_outside_is_asked_by_mail_and_answers_without_an_account(
    desk: Callable[[str], Page],
    world: World,
    cases: list[Case],
    server: Server,
    browser: Browser,
    live_server: LiveServer,
    settings: LazySettings,
) -> None:
    settings.BASE_URL = live_server.url
    page = desk(address_of(cases[0], world))
    expect(page.locator("#raised").get_by_text("わかる人にたずねる")).to_be_visible()

    page.keyboard.press("Shift+K")
    page.get_by_label("たずねる相手").select_option("outside")
    page.get_by_label("宛先の名前").fill("工場 健司")
    page.get_by_label("宛先のメールアドレス").fill("kenji@shop.example")
    page.get_by_label(re.compile("^質問")).fill("蓋の部品の在庫はありますか。")
    page.get_by_label("知識").check()
    page.get_by_label(re.compile("^追加するファイル")).set_input_files(
        {"name": "蓋.txt", "mimeType": "text/plain", "buffer": b"12345"}
    )
    page.get_by_role("button", name="質問する").click()
    expect(page.locator("#raised").get_by_text("工場 健司")).to_be_visible()

    leave(world)
    [mail] = server.taken
    [link] = re.findall(r"http://\S+/slip/\S+/", str(mail.get_content()))
    assert "部品" not in str(mail.get_content())

    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP")
    outside = phone.new_page()
    outside.goto(link)
    expect(outside.get_by_text("蓋の部品の在庫はありますか。")).to_be_visible()
    assert outside.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with outside.expect_download() as saved:
        outside.get_by_role("link", name="蓋.txt").click()
    assert (saved.value.suggested_filename, saved.value.path().read_bytes()) == ("蓋.txt", b"12345")
    outside.get_by_role("button", name="読みました").click()
    expect(outside.get_by_text("お読みいただいたことを記録しました。")).to_be_visible()
    outside.get_by_label("回答").fill("十個あります。")
    outside.get_by_role("button", name="回答を送る").click()
    expect(outside.get_by_text("ご回答を受け取りました")).to_be_visible()
    phone.close()

    page.goto(page.url)
    expect(page.locator("#raised").get_by_text("十個あります。")).to_be_visible()
    expect(page.get_by_text("質問に外部から回答がありました")).to_be_visible()
    expect(page.get_by_text("質問のファイルが伝言票のリンクから取得されました")).to_be_visible()
    [one], [slip] = everything(Escalation), everything(Slip)
    assert (one.state, one.answer, one.answered_as) == ("answered", "十個あります。", "工場 健司")
    assert slip.read_at is not None


def test_a_signal_is_raised_by_keyboard_alone(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    expect(page.locator("#raised").get_by_text("兆候を報告する")).to_be_visible()

    page.keyboard.press("!")
    expect(page.get_by_label("気になること（1 行）")).to_be_focused()
    page.keyboard.type("画面が遅いとの声")
    expect(page.locator("#raised input[name=kind]:checked")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#raised").get_by_text("画面が遅いとの声")).to_be_visible()
    [signal] = everything(Signal)
    assert (signal.words, signal.kind) == ("画面が遅いとの声", "delivery")


def test_what_has_just_come_into_sight_is_pressed_at_once_and_the_case_stays(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    expect(page.locator("#raised").get_by_text("カスハラの疑いを登録")).to_be_visible()
    page.evaluate(_PRESSED_AT_SIGHT)
    address = page.url

    page.keyboard.press("Shift+E")

    expect(page.get_by_label(re.compile("^種類"))).to_be_focused()
    expect(page).to_have_url(address)
    page.get_by_label(re.compile("^種類")).select_option("threat")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raised").get_by_text("カスハラの疑い", exact=True)).to_be_visible()
    expect(page.locator("#reply-text")).to_be_visible()
    assert [one.sort for one in everything(Mark)] == ["threat"]

    # The warning is offered where there is an answer to put it into, and nowhere else.
    propose = page.get_by_role("button", name="警告文を差し込む")
    expect(propose).to_be_visible()
    page.goto(f"{address}raised/")
    expect(page.get_by_role("link", name="開く")).to_be_visible()
    expect(propose).to_have_count(0)


def test_a_refused_form_says_why_at_the_field_and_keeps_the_words(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    """Nobody is named outside, so the form comes back with the caret there; what was written is not written twice."""
    page = desk(address_of(cases[0], world))
    expect(page.locator("#raised").get_by_text("わかる人にたずねる")).to_be_visible()
    page.keyboard.press("Shift+K")
    page.get_by_label("たずねる相手").select_option("outside")
    page.get_by_label("知識").check()
    page.get_by_label(re.compile("^質問")).fill("在庫はありますか。")

    page.keyboard.press("Control+Enter")

    name = page.get_by_label("宛先の名前")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("宛先の名前を書いてください。")
    expect(page.get_by_label(re.compile("^質問"))).to_have_value("在庫はありますか。")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    assert everything(Escalation) == []
    name.fill("工場 健司")
    page.get_by_label("宛先のメールアドレス").fill("kenji@shop.example")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raised").get_by_text("工場 健司")).to_be_visible()
    assert [one.question for one in everything(Escalation)] == ["在庫はありますか。"]


def test_a_slip_is_sent_by_keyboard_and_the_list_is_two_keys_away(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    expect(page.locator("#raised").get_by_text("わかる人にたずねる")).to_be_visible()
    page.keyboard.press("z")
    page.get_by_label("宛先の名前").fill("工場 健司")
    page.get_by_label("宛先のメールアドレス").fill("kenji@factory")
    page.get_by_label("伝える内容").fill("部品の在庫")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("宛先のメールアドレス")).to_be_focused()
    assert everything(Slip) == []
    page.get_by_label("宛先のメールアドレス").fill("kenji@shop.example")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#raised .raised-one").get_by_text("部品の在庫")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("m")

    expect(page).to_have_url(re.compile(r"/slips/$"))
    expect(page.get_by_role("columnheader", name="伝える内容")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="用件")).to_have_count(1)


def test_axe_objects_to_none_of_these_pages(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    cases: list[Case],
    live_server: LiveServer,
) -> None:
    side, by = world.ours, actor_of(world.ours.agent)
    due = clock.now() + timedelta(hours=4)
    with side.scope():
        one = ask(cases[0], Whom(to="seniors"), Question(question="可否", cause="rule", due_at=due), by=by)
        left = Written(to_name="健司", to_address="k@shop.example", words="部品", due_at=due)
        slip = make_slip(cases[0], left, by=by)
        for _ in range(3):
            raise_signal(cases[0], Seen(kind="site", words="画面が遅い"), by=by)
        incident = Incident.objects.get()
        complained = make_complaint(cases[0], Complained(facts="割れ", severity=3, due_at=due), by=by)
    number = address_of(cases[0], world)
    sign_in(side.supervisor)

    for address in (
        *(f"{number}raised/?form={form}" for form in ("ask", "slip", "signal")),
        *("/escalations/?which=all", "/escalations/causes/", f"/escalations/{one.pk}/", "/slips/"),
        *("/signals/", f"/incidents/{incident.pk}/", "/complaints/", f"/complaints/{complained.pk}/"),
        *(f"{number}complaint/", f"/slip/{sign(slip, generation=1)}/"),
    ):
        assert objections(desk(address)) == []
