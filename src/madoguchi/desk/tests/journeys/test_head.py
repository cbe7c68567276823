"""The head of a case: what one does most in one line, all else behind its end, and every key as it was."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.actions import judge_feeling, link, save_draft, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.following.models import Follow
from madoguchi.kernel.channel import Party
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LONG = "【至急】ブルーレイレコーダーの購入を検討していますが、使用中の外付けハードディスクとの互換性を教えてください"
LINES = """e => {
    const style = getComputedStyle(e);
    return (e.clientHeight - 2 * parseFloat(style.paddingTop)) / parseFloat(style.lineHeight);
}"""
HEIGHT = "document.getElementById('case-head').getBoundingClientRect().height"


def test_keys_open_what_lies_in_the_menu_and_escape_closes_it(
    desk: Callable[[str], Page], world: World, cases: list[Case], now: Callable[[Case], Case]
) -> None:
    with world.ours.scope():
        lead = actor_of(world.ours.supervisor)
        acts = [{"do": "tag", "value": "返品"}]
        add_macro(world.ours.company, desk=world.ours.desk, name="返品を受ける", acts=acts, by=lead)
    page = desk(address_of(cases[0], world))
    menu = page.locator("#case-head details.more")

    page.keyboard.press("m")
    expect(page.locator("#macro-search")).to_be_focused()
    page.keyboard.type("返品")
    page.keyboard.press("Enter")
    expect(page.locator("#case-head").get_by_role("link", name="返品")).to_be_visible()
    expect(menu).not_to_have_attribute("open", "")
    assert now(cases[0]).tags == ["返品"]

    page.keyboard.press("#")
    expect(page.locator("#tag-field")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("> summary")).to_be_focused()
    page.keyboard.press("l")
    expect(page.locator("#link-role")).to_be_focused()
    # One at a time.
    expect(page.locator("#tag-field")).to_be_hidden()


def test_the_menu_is_walked_by_arrows_and_shows_the_keys(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))

    page.keyboard.press(".")
    menu = page.locator("#case-head .more > .panel")
    expect(menu.get_by_text("この用件をフォローする")).to_be_focused()
    assert [one.inner_text() for one in menu.locator("kbd:visible").all()] == ["f", "U", "w", "m", "#", "l"]
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_text("マクロ", exact=False).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#tag-field")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator(".toast")).to_contain_text("この用件をフォローしています")
    assert [one.user_id for one in everything(Follow)] == [world.ours.agent.pk]
    page.keyboard.press(".")
    expect(menu.get_by_text("フォローをやめる")).to_be_visible()


@pytest.mark.parametrize(("width", "most"), [(1440, 195), (1024, 195), (390, 190), (360, 190)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_names_leave_the_conversation_its_room(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    width: int,
    most: int,
    scheme: str,
) -> None:
    sender = Party("a@home.example", "株式会社サンプルコーポレーション西日本支社 勅使河原 権左衛門")
    case = make_case(world.ours.entry_point, subject=LONG, sender=sender)
    with world.ours.scope():
        User.objects.filter(pk=world.ours.agent.pk).update(name="勅使河原 権左衛門之助")
        tags = ["配送時間帯の指定のご希望がある方", "互換性", "購入前", "お急ぎ"]
        Case.objects.filter(pk=case.pk).update(tags=tags, priority=4, assignee=world.ours.agent)
    sign_in(world.ours.supervisor)
    page = desk(address_of(case, world))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})

    assert page.evaluate(HEIGHT) <= most
    for shown in (page.locator(".more > summary"), page.get_by_role("button", name="解決にする").first):
        expect(shown).to_be_in_viewport(ratio=1)
    edges = "e => [e.scrollWidth, e.clientWidth]"
    inner, outer = page.locator("#case-head .acts").evaluate(edges)
    assert inner <= outer
    # Who is responsible is told by the family name at least, whole; that others are taken off is said with who.
    family = page.locator("#case-head .who .family")
    expect(family).to_have_text("勅使河原")
    expect(family).to_be_in_viewport(ratio=1)
    inner, outer = family.evaluate(edges)
    assert inner <= outer
    page.keyboard.press(".")
    expect(
        page.locator("#case-head .more").get_by_text("担当を外す（勅使河原 権左衛門之助さん）")
    ).to_be_visible()
    panel = page.locator("#case-head .more > .panel").bounding_box()
    assert panel
    assert page.locator("#reply-text").evaluate(LINES) >= (5 if width < 761 else 2)
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width
    assert Axe().run(page).response["violations"] == []


def test_whatever_stands_about_it_the_conversation_is_seen_and_send_is_in_reach(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    # given a case with all that may stand above the words of the customer and below them
    case, other = cases[:2]
    with world.ours.scope():
        lead = actor_of(world.ours.supervisor)
        set_tags(case, to=["返品", "至急", "配送の遅れ"], by=lead)
        judge_feeling(Case.objects.get(pk=case.pk), Feeling.ANGER, holds=True, by=lead)
        link(Case.objects.get(pk=case.pk), role="cause", other=other, by=lead)
        save_draft(Case.objects.get(pk=case.pk), kind="reply", text="お調べしております。" * 20, by=lead)

    # when it is opened on a small notebook
    page = desk(address_of(case, world))
    for width, height in ((1366, 768), (1280, 720), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})

        # then both are there, and where the case stands is a whole word
        assert page.evaluate("document.querySelector('.flow').clientHeight") >= min(144, int(height * 0.17))
        send = page.locator("#reply-form footer").bounding_box()
        assert send
        assert send["y"] + send["height"] <= height
        word = page.locator("#case-head .status summary .clip")
        assert word.evaluate("e => e.scrollWidth <= e.clientWidth")
