"""Reading and writing letters in a real browser: everybody in copy, pictures, previews, what came along folded."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.actions import open_case
from madoguchi.cases.factories import arriving
from madoguchi.cases.models import Case, Message
from madoguchi.channels.email import remote_images
from madoguchi.channels.email.models import SentMail
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import MISAKI, everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.infra.outgoing import not_hidden
from madoguchi.infra.tests.webserver import Site, website
from madoguchi.intake.actions import INTAKE
from madoguchi.kernel import clock
from madoguchi.kernel.pieces import Kind, Piece
from madoguchi.kernel.tests.test_pictures import png
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# One red dot: the smallest PNG that is whole.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
PASTE = """(element, picture) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "image.png", {type: "image/png"}));
    element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
PIECES = (
    Piece(Kind.NEW, "届きました。\n\n"),
    Piece(Kind.QUOTE, "> 発送しました。\n> ご確認ください。\n\n"),
    Piece(Kind.NEW, "色が違います。\n\n"),
    Piece(Kind.SIGNATURE, "-- \n髙橋 美咲\n"),
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A web server of the sender's, which stands on this machine and may therefore be asked."""
    monkeypatch.setattr(remote_images, "BOUNDS", replace(remote_images.BOUNDS, allowed=not_hidden))
    with website() as running:
        yield running


def sent(outgoing: Outgoing) -> EmailMessage:
    """An answer as it leaves when its time has come."""
    with clock.held_at(outgoing.due_at + timedelta(seconds=1)):
        send(outgoing.pk, company=outgoing.company_id)
    [mail] = everything(SentMail)
    read = message_from_bytes(bytes(mail.raw), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_key_answers_everybody(desk: Callable[[str], Page], world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        copied = [{"name": "", "address": "boss@home.example"}]
        Message.objects.filter(case=cases[0]).update(cc=copied)
    page = desk(address_of(cases[0], world))
    everybody = page.get_by_role("checkbox", name="全員に返信")
    expect(everybody).not_to_be_checked()

    page.keyboard.press("o")

    expect(everybody).to_be_checked()
    page.keyboard.press("r")
    page.keyboard.type("皆様へ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg.us .by")).to_contain_text("Cc boss@home.example")
    assert [m.cc for m in everything(Message, author="staff")] == [copied]


def test_a_pasted_picture_leaves_within_the_text(
    desk: Callable[[str], Page], world: World, cases: list[Case], settings: Any
) -> None:
    settings.MAIL_TRANSPORT = "outbox"
    page = desk(address_of(cases[0], world))
    page.locator("#reply-text").fill("こちらです。\n")
    page.locator("#reply-text").evaluate(PASTE, DOT)
    expect(page.locator("#reply-text")).to_have_value(
        re.compile(r"^こちらです。\n!\[画像\]\(image-\d{9}\.png\)$")
    )
    page.locator("#reply-text").focus()

    page.keyboard.press("Control+Enter")

    picture = page.locator(".msg.us .laid-out img")
    expect(picture).to_have_js_property("naturalWidth", 1)
    mail = sent(everything(Outgoing)[0])
    [part] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert part.get_content() == base64.b64decode(DOT)
    html = mail.get_body(("html",))
    assert html is not None
    assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html.get_content()


def test_a_mail_is_looked_at_before_it_is_sent(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.locator("#reply-text").fill("**本日** 発送しました。")
    page.keyboard.press("Escape")

    page.keyboard.press("p")

    preview = page.get_by_role("dialog", name="届くメールの見え方")
    expect(preview.locator("strong")).to_have_text("本日")
    expect(preview).to_contain_text("c2@home.example")
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    expect(page.locator("#reply-text")).to_have_value("**本日** 発送しました。")
    assert everything(Outgoing) == []


def test_pictures_from_elsewhere_are_shown_when_asked_for_and_fetched_by_us(
    desk: Callable[[str], Page], world: World, cases: list[Case], site: Site
) -> None:
    address = site.serve("/a.png", png(10, 10))
    with world.ours.scope():
        Message.objects.filter(case=cases[0]).update(html=f'<p>新着</p><img src="{address}">')
    page = desk(address_of(cases[0], world))
    page.get_by_text("元のレイアウトで表示（HTML）").click()
    letter = page.frame_locator("details.html iframe")
    expect(letter.locator("body")).to_contain_text("外部の画像 1 件を表示していません。")
    assert site.asked == []

    page.get_by_role("button", name="画像を表示").click()

    expect(letter.locator("img")).to_have_attribute("src", re.compile("^/handed/"))
    assert [headers["User-Agent"] for _m, _p, headers, _b in site.asked] == ["Mozilla/5.0 (image proxy)"]


def test_what_came_along_opens_in_its_place_and_is_not_quoted(
    desk: Callable[[str], Page], world: World
) -> None:
    text = "".join(piece.text for piece in PIECES)
    with world.ours.scope():
        came = arriving(world.ours.entry_point, text=text, sender=MISAKI, pieces=PIECES)
        case = Case.objects.get(pk=open_case(came, by=INTAKE).case)
    page = desk(address_of(case, world))
    body = page.locator(".msg .body")
    expect(body.locator(".text")).to_have_text(["届きました。", "色が違います。"])
    quotation = body.locator("details", has=page.locator("summary", has_text="引用")).locator(".full")
    expect(quotation).to_be_hidden()

    body.locator("summary", has_text="引用").click()
    body.locator("summary", has_text="署名").click()

    expect(quotation).to_have_text("> 発送しました。\n> ご確認ください。")
    expect(quotation).to_be_visible()
    expect(body.locator("details[open] .full").last).to_contain_text("髙橋 美咲")
    page.keyboard.press("q")
    expect(page.locator("#reply-text")).to_have_value("> 届きました。\n>\n> 色が違います。\n\n")
