"""The console in a real browser: keyboard, IME, undo, drafts that survive, news that does not disturb."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.actions import add_note, change_status, release_reply
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Mention, Note, Priority, Status
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import MISAKI, everything
from madoguchi.desk.tests.journeys.conftest import Hub, address_of
from madoguchi.kernel.channel import Party
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

AXE = Axe()
SEE_ALL = "/cases/?view=all"


class TestKeyboard:
    def test_walking_opening_and_taking_without_a_mouse(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], now: Callable[[Case], Case]
    ) -> None:
        page = desk(SEE_ALL)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")

        expect(page.locator("#case h1")).to_have_text("伊藤 千尋の件")
        assert page.url.endswith(address_of(cases[1], world) + "?view=all")
        page.keyboard.press("a")
        expect(page.locator("#case-head")).to_contain_text("担当 青木 翔")
        assert now(cases[1]).assignee_id == world.ours.agent.pk

    def test_solving_offers_a_way_back(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], now: Callable[[Case], Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("e")
        expect(page.locator(".toast")).to_contain_text("状態を「解決」にしました")
        assert now(cases[0]).status == Status.SOLVED

        page.locator(".toast").get_by_role("button", name="取り消す").click()

        expect(page.locator("#case-head .acts .chip.choice").first).to_contain_text("新規")
        assert now(cases[0]).status == Status.NEW

    def test_keys_lead_to_the_fields_and_escape_leaves_the_words(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("n")
        expect(page.locator("#note-text")).to_be_focused()
        page.keyboard.type("jek")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        expect(page.locator("#reply-text")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        expect(page.locator("#note-text")).to_have_value("jek")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        expect(page.locator("input[type=search]").first).to_be_focused()

    def test_two_letters_lead_to_a_list(self, desk: Callable[[str], Page], cases: list[Case]) -> None:
        page = desk("/")
        page.keyboard.press("g")
        page.keyboard.press("u")
        page.wait_for_url("**/cases/?view=unassigned")

        expect(page.get_by_role("heading", level=1)).to_have_text("未割当")
        expect(page.locator("#rows .row")).to_have_count(len(cases))

    def test_the_palette_acts_on_the_case_and_finds_others(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], now: Callable[[Case], Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("Control+k")
        page.keyboard.type("返事待ちにする")
        page.keyboard.press("Enter")
        expect(page.locator(".toast")).to_contain_text("返事待ち")
        assert now(cases[0]).status == Status.WAITING_CUSTOMER

        page.keyboard.press("Control+k")
        page.keyboard.type("山﨑")
        page.get_by_role("option", name="山﨑 悠の件").click()
        expect(page.locator("#case h1")).to_have_text("山﨑 悠の件")


class TestWriting:
    def test_an_answer_is_sent_by_keys_and_taken_back(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("早すぎました。")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".msg.us .text")).to_have_text("早すぎました。")
        expect(page.locator("#reply-text")).to_have_value("")

        page.locator(".toast").get_by_role("button", name="取り消す").click()

        expect(page.locator(".msg.us .state")).to_contain_text("送信前に取り消しました")
        expect(page.locator("#reply-text")).to_have_value("早すぎました。")
        assert [o.state for o in everything(Outgoing)] == ["cancelled"]

    def test_what_the_desk_wants_confirmed_is_answered_by_keys(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(care_words="返金")
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("返金します。")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#send-check")).to_contain_text("「返金」は、この窓口で注意が必要な言葉です。")
        expect(page.get_by_role("button", name="確認して送信")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#send-check")).to_be_empty()
        expect(page.locator("#reply-text")).to_be_focused()
        expect(page.locator("#reply-text")).to_have_value("返金します。")
        assert everything(Outgoing) == []

        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("button", name="確認して送信")).to_be_focused()
        page.keyboard.press("Enter")

        expect(page.locator(".msg.us .text")).to_have_text("返金します。")
        assert len(everything(Outgoing)) == 1

    def test_enter_that_confirms_a_conversion_sends_nothing(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], context: BrowserContext
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        ime = context.new_cdp_session(page)
        ime.send("Input.imeSetComposition", {"text": "こうかん", "selectionStart": 4, "selectionEnd": 4})
        for modifiers in (0, 2):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "modifiers": modifiers}
            ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
            ime.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
        ime.send("Input.insertText", {"text": "交換"})

        expect(page.locator("#reply-text")).to_have_value("交換")
        expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
        assert everything(Outgoing) == []

    def test_a_draft_survives_reloading_and_walking_to_another_case(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world) + "?view=all")
        page.keyboard.press("r")
        page.keyboard.type("書きかけ")
        page.reload()
        expect(page.locator("#reply-text")).to_have_value("書きかけ")

        page.locator("#reply-text").focus()
        page.keyboard.press("Control+End")
        page.keyboard.type("の文章")
        page.locator(f"#case-{cases[1].pk}").click()
        expect(page.locator("#case h1")).to_have_text("伊藤 千尋の件")
        expect(page.locator("#reply-text")).to_have_value("")
        page.locator(f"#case-{cases[0].pk}").click()
        expect(page.locator("#case h1")).to_have_text("髙橋 美咲の件")
        expect(page.locator("#reply-text")).to_have_value("書きかけの文章")
        assert [draft.text for draft in everything(Draft)] == ["書きかけの文章"]

    def test_when_somebody_was_faster_the_words_stay_and_the_reason_is_told(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("お調べします。")
        say_again(cases[0], text="解決しました。")

        page.keyboard.press("Control+Enter")

        expect(page.locator("#composer-notice")).to_contain_text("用件")
        expect(page.locator("#entries")).to_contain_text("解決しました。")
        expect(page.locator("#reply-text")).to_have_value("お調べします。")
        assert everything(Outgoing) == []
        # Who has read it and sends again means it.
        expect(page.locator("#reply-form[data-unread]")).to_have_count(0)
        page.locator("#reply-text").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".msg.us .text")).to_have_text("お調べします。")

    def test_a_colleagues_answer_that_came_live_is_told_before_a_second_one_goes_out(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        with page.expect_response(lambda got: "/here/" in got.url and "yes" in (got.request.post_data or "")):
            page.keyboard.type("お調べします。")
        # The agent was not heard of for long, so somebody else may answer.
        with world.ours.scope():
            release_reply(cases[0], by=actor_of(world.ours.agent))
            reply(cases[0], Reply(text="解決しました。"), by=actor_of(world.ours.supervisor))
        hub.tell("message.queued", cases[0])
        expect(page.locator("#entries")).to_contain_text("解決しました。")
        hub.tell("message.sent", cases[0])

        page.keyboard.press("Control+Enter")

        expect(page.locator("#composer-notice")).to_contain_text(
            "内容を確かめてから、もう一度送信してください"
        )
        expect(page.locator("#reply-text")).to_have_value("お調べします。")
        assert len(everything(Outgoing)) == 1
        # Who has read it and sends again means it.
        expect(page.locator("#reply-form[data-unread]")).to_have_count(0)
        page.locator("#reply-text").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".msg.us .text").last).to_have_text("お調べします。")

    def test_a_mail_that_came_live_is_told_before_an_answer_goes_out_past_it(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("お調べします。")
        say_again(cases[0], text="郵便番号も違いました。")
        hub.tell("message.received", cases[0])
        expect(page.locator("#entries")).to_contain_text("郵便番号も違いました。")

        page.keyboard.press("Control+Enter")

        expect(page.locator("#composer-notice")).to_contain_text(
            "内容を確かめてから、もう一度送信してください"
        )
        expect(page.locator("#reply-text")).to_have_value("お調べします。")
        assert everything(Outgoing) == []

        say_again(cases[0], text="番地もです。")
        hub.tell("message.received", cases[0])
        expect(page.locator("#entries")).to_contain_text("番地もです。")
        page.locator("#composer-news button").click()
        # Who has read it and sends again means it.
        expect(page.locator("#reply-form[data-unread]")).to_have_count(0)
        page.locator("#reply-text").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".msg.us .text")).to_have_text("お調べします。")

    def test_words_outlive_the_session(
        self,
        desk: Callable[[str], Page],
        sign_in: Callable[[User], None],
        world: World,
        cases: list[Case],
        context: BrowserContext,
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("切れる前。")
        expect(page.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
        context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)

        page.keyboard.type("切れた後。")
        expect(page.locator("[data-draft-state]").first).to_contain_text("下書きを保存できません")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast.bad")).to_contain_text("ログインの有効期限")
        assert everything(Outgoing) == []
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(page.locator("input[name=login]")).to_be_visible()
        sign_in(world.ours.agent)
        page.goto(page.url.split("/account/")[0] + address_of(cases[0], world))

        expect(page.locator("#reply-text")).to_have_value("切れる前。切れた後。")

    def test_a_note_stays_inside(self, desk: Callable[[str], Page], world: World, cases: list[Case]) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("n")
        page.keyboard.type("在庫は12台です。")
        page.keyboard.press("Control+Enter")

        expect(page.locator(".msg.note .text")).to_have_text("在庫は12台です。")
        assert [note.text for note in everything(Note)] == ["在庫は12台です。"]
        assert everything(Outgoing) == []

    def test_an_at_sign_in_a_note_offers_the_colleagues(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("n")
        page.keyboard.type("a@shop.example です。@")
        offered = page.get_by_role("listbox", name="担当者")
        expect(offered.get_by_role("option")).to_have_count(3)
        expect(page.locator("#say")).to_have_text("候補は 3 件です。矢印キーで選び、Enter で決定します。")
        first = offered.get_by_role("option").first
        expect(first).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowUp")
        expect(offered.get_by_role("option").last).to_have_attribute("aria-selected", "true")
        last = page.locator("#note-text").get_attribute("aria-activedescendant")
        assert last == offered.get_by_role("option").last.get_attribute("id")
        page.keyboard.press("Escape")
        expect(offered).to_be_hidden()
        expect(page.locator("#note-text")).to_be_focused()

        page.keyboard.press("Backspace")
        page.keyboard.type("@")
        name = offered.get_by_role("option").first.locator("span").inner_text()
        page.keyboard.press("Tab")
        expect(page.locator("#note-text")).to_have_value(f"a@shop.example です。@{name} ")
        page.keyboard.type("ご確認ください。\n＠")
        offered.get_by_role("option").last.click()
        page.keyboard.press("Control+Enter")

        expect(page.locator(".msg.note .text")).to_contain_text("ご確認ください。")
        assert {m.user_id for m in everything(Mention)} == {world.ours.supervisor.pk, world.ours.manager.pk}

    def test_a_name_is_found_by_what_a_conversion_made_and_never_chosen_within_one(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], context: BrowserContext
    ) -> None:
        User.objects.filter(pk=world.ours.supervisor.pk).update(name="森 美咲", kana="もり みさき")
        page = desk(address_of(cases[0], world))
        page.keyboard.press("n")
        page.keyboard.type("@")
        offered = page.get_by_role("listbox", name="担当者")
        expect(offered).to_be_visible()
        ime = context.new_cdp_session(page)
        ime.send("Input.imeSetComposition", {"text": "もり", "selectionStart": 2, "selectionEnd": 2})
        expect(offered).to_be_hidden()
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
        ime.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
        expect(page.locator("#note-text")).to_have_value("@もり")

        ime.send("Input.insertText", {"text": "もり"})

        expect(offered.get_by_role("option")).to_have_text("森 美咲もり みさき")
        page.keyboard.press("Enter")
        expect(page.locator("#note-text")).to_have_value("@森 美咲 ")
        expect(offered).to_be_hidden()

    def test_templates_and_quotations_come_to_the_caret(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        with world.ours.scope():
            ReplyTemplate.objects.create(company=world.ours.company, name="お礼", body="{{customer}}様へ\n")
        page = desk(address_of(cases[0], world))
        page.keyboard.press("t")
        page.keyboard.type("お礼")
        page.keyboard.type("お")
        page.locator("[data-filter='#template-list']").fill("")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#template-list button").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#reply-text")).to_have_value("髙橋 美咲様へ\n")
        page.keyboard.press("Escape")
        page.keyboard.press("q")

        expect(page.locator("#reply-text")).to_have_value("髙橋 美咲様へ\n\n> 髙橋 美咲です。\n\n")

    def test_a_file_is_added_and_goes_with_the_answer(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        file = {"name": "見積書.txt", "mimeType": "text/plain", "buffer": b"1000"}
        page.locator("#composer input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]
        expect(page.locator("#composer [name=attachment]")).to_have_count(1)
        page.locator("#reply-text").fill("お送りします。")
        page.get_by_role("button", name="送信して解決").first.click()

        expect(page.locator(".msg.us .file")).to_contain_text("見積書.txt")

    def test_without_javascript_one_reads_searches_and_answers(
        self,
        browser: Any,
        world: World,
        cases: list[Case],
        live_server: LiveServer,
        context: BrowserContext,
        sign_in: Callable[[User], None],
        settled: None,
    ) -> None:
        sign_in(world.ours.agent)
        plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
        page = plain.new_page()
        page.goto(live_server.url + "/")
        page.locator("form[role=search] input").first.fill("伊藤")
        page.keyboard.press("Enter")
        page.locator("a.row").first.click()
        page.locator("#reply-text").fill("お調べします。")
        page.locator("#composer button.main:visible").click()

        assert page.locator(".msg.us .text").inner_text() == "お調べします。"
        plain.close()
        assert [o.state for o in everything(Outgoing)] == ["queued"]


class TestNews:
    def test_the_customers_other_cases_come_and_change_beside_the_open_one(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        others = page.locator("#others")
        expect(others).to_contain_text("ほかの用件はありません。")
        sender = Party("c2@home.example")
        second = make_case(world.ours.entry_point, sender=sender, subject="二つ目の用件")

        hub.tell("case.opened", second, customer=second.customer_id)
        expect(others.locator("a[data-case]")).to_contain_text(["二つ目の用件"])
        with world.ours.scope():
            change_status(second, to=Status.SOLVED, by=actor_of(world.ours.agent))
        hub.tell("case.changed", second)
        expect(others.locator("a[data-case]")).to_contain_text("解決")

    @pytest.mark.parametrize("act", ["返事待ちにする", "解決にする", "統合"])
    def test_every_act_is_within_reach_on_a_phone(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], act: str
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.set_viewport_size({"width": 390, "height": 844})
        if act != "解決にする":
            page.locator("#case-head .more > summary").click()

        found = page.locator("#case-head .acts").get_by_text(act, exact=False).locator("visible=true").first
        found.scroll_into_view_if_needed()
        box = found.bounding_box()

        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        found.click(trial=True)

    def test_new_words_come_into_the_open_case_without_touching_what_is_typed(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        page.keyboard.press("r")
        page.keyboard.type("書きかけ")
        say_again(cases[0], text="追加の写真です。")

        hub.tell("message.received", cases[0])

        expect(page.locator("#entries")).to_contain_text("追加の写真です。")
        expect(page.locator("#composer-news")).to_contain_text("新着: 髙橋 美咲")
        expect(page.locator("#reply-text")).to_be_focused()
        expect(page.locator("#reply-text")).to_have_value("書きかけ")
        page.locator("#composer-news button").click()
        page.locator("#reply-text").press("Control+Enter")
        expect(page.locator(".msg.us .text")).to_have_text("書きかけ")

    def test_a_new_case_joins_the_list_and_the_counts(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(SEE_ALL)
        page.mouse.move(900, 500)
        fresh = make_case(world.ours.entry_point, subject="届いたばかりの件", sender=MISAKI)

        hub.tell("case.opened", fresh)

        expect(page.locator("#rows a.row").first).to_contain_text("届いたばかりの件")
        expect(page.locator(".rail a", has_text="未割当").locator("b")).to_have_text("4")

    def test_under_the_pointer_the_list_holds_still_and_says_what_it_holds_back(
        self, desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
    ) -> None:
        page = desk(SEE_ALL)
        page.locator(f"#case-{cases[1].pk}").hover()
        fresh = make_case(world.ours.entry_point, subject="届いたばかりの件", sender=MISAKI)

        hub.tell("case.opened", fresh)

        button = page.get_by_role("button", name="新しい動き 1件を表示")
        expect(button).to_be_visible()
        expect(page.locator("#rows a.row").first).to_contain_text("髙橋 美咲の件")
        button.click()
        expect(page.locator("#rows a.row").first).to_contain_text("届いたばかりの件")

    def test_the_back_button_returns_to_the_case_before(
        self, desk: Callable[[str], Page], cases: list[Case]
    ) -> None:
        page = desk(SEE_ALL)
        page.locator(f"#case-{cases[0].pk}").click()
        expect(page.locator("#case h1")).to_have_text("髙橋 美咲の件")
        page.locator(f"#case-{cases[1].pk}").click()
        expect(page.locator("#case h1")).to_have_text("伊藤 千尋の件")
        page.go_back()
        expect(page.locator("#case h1")).to_have_text("髙橋 美咲の件")


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_nothing_that_axe_objects_to(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], page: Page, scheme: Any
    ) -> None:
        with world.ours.scope():
            add_note(cases[0], text="@青木 見てください", by=actor_of(world.ours.supervisor))
        page.emulate_media(color_scheme=scheme)

        for address in (SEE_ALL, address_of(cases[0], world), "/cases/?q=ない言葉"):
            found = AXE.run(desk(address))
            assert [
                (v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found.response["violations"]
            ] == []

    @pytest.mark.parametrize("width", [360, 420, 1000, 1440, 1920])
    def test_nothing_sticks_out_at_any_width(
        self, desk: Callable[[str], Page], world: World, page: Page, width: int
    ) -> None:
        case = make_case(
            world.ours.entry_point,
            subject="Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenについてのとても長い件名",
            text="https://shop.example/" + "x" * 300,
            sender=Party(
                "a" * 60 + "@home.example", "株式会社みなと設計インターナショナルホールディングス 斎藤"
            ),
        )
        page.set_viewport_size({"width": width, "height": 800})

        for address in (SEE_ALL, address_of(case, world)):
            shown = desk(address)
            assert shown.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
            for pane in (".list", ".flow", ".case > header", ".composer"):
                wide = "p => { const e = document.querySelector(p); return e ? e.scrollWidth - e.clientWidth : 0 }"
                assert shown.evaluate(wide, pane) <= 1, (address, pane)

    @pytest.mark.parametrize("width", [360, 390, 1000])
    def test_a_rows_labels_never_cut_its_number(
        self, desk: Callable[[str], Page], world: World, page: Page, width: int
    ) -> None:
        case = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            labels = ["とても長い名前のタグその一", "とても長い名前のタグその二", "三"]
            Case.objects.filter(pk=case.pk).update(tags=labels, priority=Priority.HIGH)
        page.set_viewport_size({"width": width, "height": 800})

        row = desk(SEE_ALL).locator(f"#case-{case.pk}")

        label = row.locator(".label").bounding_box()
        assert label is not None
        assert label["width"] >= 64
        expect(row.locator(".rest")).to_have_text("+2")
        number, meta = row.locator(".meta .nowrap"), row.locator(".meta")
        expect(number).to_have_text(case.spoken_number(world.ours.company.prefix))
        assert number.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        inner, outer = number.bounding_box(), meta.bounding_box()
        assert inner is not None
        assert outer is not None
        assert outer["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        boxes = [one.bounding_box() for one in meta.locator("> *:visible").all()]
        shown = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
        assert all(ends <= begins for (_, ends), (begins, _) in pairwise(shown))

    def test_a_mail_as_laid_out_is_shown_in_a_case_opened_from_the_list(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        with world.ours.scope():
            cases[0].messages.update(html="<p>表の中の言葉</p>")
        page = desk(SEE_ALL)
        page.locator(f"#case-{cases[0].pk}").click()
        page.locator("details.quoted.html summary").click()

        expect(page.frame_locator("details.html iframe").locator("body")).to_contain_text("表の中の言葉")
