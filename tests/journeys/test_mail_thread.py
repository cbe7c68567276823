"""A customer's mail appears by itself in the console, is answered by keys, and the answer reaches their mailbox."""

import email
import email.policy
import smtplib
from email.header import Header
from email.message import EmailMessage

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.servers.dovecot import Dovecot
from tests.servers.ground import until
from tests.servers.postfix import Postfix

pytestmark = [pytest.mark.journey, pytest.mark.server]
CUSTOMER = "customer98@home.example"
QUESTION = "五合炊きの炊飯器の電源が入りません。保証は効きますか。"
ANSWER = "ご不便をおかけしております。保証で交換いたします。"
THANKS = "早速のご返事ありがとうございます。"
_LEAVES_BY_POSTFIX = """
from madoguchi.channels.email.models import SmtpServer
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
with scope.everywhere(reason="a test sets up the server of our one address"):
    point = EntryPoint.objects.get(address=given["address"])
    SmtpServer.objects.create(company_id=point.company_id, entry_point=point, host="127.0.0.1",
        port=given["port"], security="none")
"""


def as_old_programs_write(
    text: str, *, subject: str, number: int, answers: EmailMessage | None = None
) -> bytes:
    """ISO-2022-JP throughout, with the header folded into encoded words."""
    threads = ""
    if answers is not None:
        threads = (
            f"In-Reply-To: {answers['Message-ID']}\r\n"
            f"References: {answers['References']} {answers['Message-ID']}\r\n"
        )
    head = (
        f"From: {Header('高橋 美咲', 'iso-2022-jp').encode()} <{CUSTOMER}>\r\nTo: {ADDRESS}\r\n"
        f"Subject: {Header(subject, 'iso-2022-jp').encode()}\r\n"
        f"Date: Sun, 22 Nov 2026 10:15:3{number} +0900\r\nMessage-ID: <journey{number}@home.example>\r\n{threads}"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n"
        "Content-Transfer-Encoding: 7bit\r\n\r\n"
    )
    return head.encode("ascii") + f"{text}\r\n".encode("iso-2022-jp")


def post(postfix: Postfix, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.smtp) as server:
        server.sendmail(CUSTOMER, [ADDRESS], raw)


def answers_in(dovecot: Dovecot, *, count: int) -> list[EmailMessage]:
    """What the customer has got that people wrote, once it is so much."""
    found: list[EmailMessage] = []

    def all_there() -> bool:
        with dovecot.signed_in(CUSTOMER) as client:
            raws = [m[b"BODY[]"] for m in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]
        found[:] = [mail for mail in mails if mail["Auto-Submitted"] is None]
        return len(found) >= count

    until(all_there, what=f"{count} answers in the customer's mailbox")
    return found


def plain_words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


def message(page: Page, text: str) -> Locator:
    """A message within the open case."""
    return page.get_by_role("article").get_by_role("article").filter(has_text=text)


def test_a_mail_is_seen_answered_and_answered_again_in_one_thread(
    installation: Installation, postfix: Postfix, dovecot: Dovecot, page: Page
) -> None:
    installation.act(_LEAVES_BY_POSTFIX, address=ADDRESS, port=postfix.smtp)
    installation.sign_in(page, "agent")
    page.goto(f"{installation.base_url}/cases/?view=all")
    expect(page.locator(":root")).to_have_attribute("data-live", "on")
    page.evaluate("window.neverLoadedAgain = true")

    # It appears by itself.
    post(postfix, as_old_programs_write(QUESTION, subject="炊飯器の保証について", number=1))
    row = page.get_by_role("region", name="用件の一覧").get_by_role("link", name="炊飯器の保証について")
    expect(row).to_be_visible(timeout=20_000)
    expect(row).to_contain_text("高橋 美咲")
    assert page.evaluate("window.neverLoadedAgain") is True

    # It is opened and answered without a mouse.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="炊飯器の保証について")).to_be_visible()
    expect(message(page, QUESTION)).to_be_visible()
    page.keyboard.press("r")
    box = page.get_by_role("textbox", name="お客様への返信")
    expect(box).to_be_focused()
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Control+Enter")
    ours = message(page, ANSWER)
    expect(ours).to_be_visible()
    expect(box).to_have_value("")

    # It reaches the customer in the thread they began, and the console says that it left.
    [answer] = answers_in(dovecot, count=1)
    began, *between = answer["References"].split()
    assert began == "<journey1@home.example>"
    assert answer["In-Reply-To"] == (between or [began])[-1]
    assert answer["From"].addresses[0].addr_spec == ADDRESS
    assert answer["Subject"].startswith("Re: 炊飯器の保証について [HN-")
    assert plain_words(answer).startswith(ANSWER)
    expect(ours).to_contain_text("送信済み", timeout=20_000)

    # The customer's next words come into the same case, under the agent's eyes.
    raw = as_old_programs_write(THANKS, subject=f"Re: {answer['Subject']}", number=2, answers=answer)
    post(postfix, raw)
    expect(message(page, THANKS)).to_be_visible(timeout=20_000)
    assert page.evaluate("window.neverLoadedAgain") is True
    rows = page.get_by_role("region", name="用件の一覧").get_by_role("link", name="炊飯器の保証について")
    expect(rows).to_have_count(1)
