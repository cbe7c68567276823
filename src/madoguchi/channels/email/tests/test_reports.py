"""What mail servers and programs write about mails of ours, in the standard forms and in their own."""

import pytest

from madoguchi.channels.email.channel import as_inbound
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.reports import report_of, return_address
from madoguchi.channels.email.tests.mails import joined, mail, part, word
from madoguchi.kernel.channel import Report

OURS = "support@shop.example"
ID = "c.k3jd82hsla.0f1e2d3c@shop.example"
HOME = "support+b.k3jd82hsla.0f1e2d3c@shop.example"
RETURNED = (
    f"Return-Path: <{OURS}>\r\nFrom: {OURS}\r\nSubject: Re: x\r\nMessage-ID: <{ID}>\r\n\r\nwords\r\n".encode()
)


def standard(
    *recipients: bytes, to: str = OURS, kind: str = "message/rfc822", returned: bytes = RETURNED
) -> bytes:
    status = b"\r\n\r\n".join([b"Reporting-MTA: dns; mx.home.example", *recipients])
    parts = [
        part("Content-Type: text/plain", body=b"I'm sorry to have to inform you"),
        part("Content-Type: message/delivery-status", body=status + b"\r\n"),
        part(f"Content-Type: {kind}", body=returned),
    ]
    return mail(
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
        f"Delivered-To: {to}",
        "Auto-Submitted: auto-replied",
        body=joined(parts),
        sender="MAILER-DAEMON@mx.home.example",
    )


def told(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "failure notice"
) -> Report | None:
    raw = mail(
        f"Subject: {word(subject, 'utf-8')}",
        "Return-Path: <>",
        "Content-Type: text/plain; charset=utf-8",
        body=text.encode(),
        sender=sender,
    )
    return report_of(parse(raw.replace(b"Return-Path: <taro@example.com>\r\n", b"")), ours=[OURS])


FAILED = (
    b"Final-Recipient: rfc822; gone@home.example\r\nOriginal-Recipient: rfc822;gone@home.example\r\n"
    b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <gone@home.example>:\r\n User unknown"
)
LATE = b"Final-Recipient: rfc822; full@home.example\r\nAction: delayed\r\nStatus: 4.2.2"
TAKEN = b"Final-Recipient: rfc822; good@home.example\r\nAction: relayed\r\nStatus: 2.0.0"


class TestTheStandard:
    def test_a_failure_with_the_servers_own_words(self) -> None:
        assert report_of(parse(standard(FAILED)), ours=[OURS]) == Report(
            what="bounced",
            about=(ID,),
            recipient="gone@home.example",
            status="5.1.1",
            words="550 5.1.1 <gone@home.example>: User unknown",
        )

    @pytest.mark.parametrize(
        ("recipients", "what"),
        [
            ([LATE], "delayed"),
            ([TAKEN], "delivered"),
            ([TAKEN, FAILED], "bounced"),
            ([TAKEN, LATE], "delayed"),
            ([b"Final-Recipient: rfc822; a@x\r\nAction: failed\r\nStatus: 4.4.7"], "bounced"),
        ],
    )
    def test_the_worst_of_several_counts(self, recipients: list[bytes], what: str) -> None:
        report = report_of(parse(standard(*recipients)))

        assert report is not None
        assert report.what == what

    @pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
    def test_which_mail_it_was_stands_in_what_came_back(self, kind: str) -> None:
        report = report_of(parse(standard(FAILED, kind=kind)))

        assert report is not None
        assert report.about == (ID,)

    def test_or_in_the_address_it_came_home_to_before_all_else(self) -> None:
        other = b"Message-ID: <c.another00.00@shop.example>\r\n\r\n"
        report = report_of(parse(standard(FAILED, to=HOME, returned=other)))

        assert report is not None
        assert report.about == (ID, "c.another00.00@shop.example")


class TestReceipts:
    def receipt(self, disposition: str) -> bytes:
        fields = "\r\n".join(
            [
                "Final-Recipient: rfc822; misaki@home.example",
                f"Original-Message-ID: <{ID}>",
                f"Disposition: {disposition}",
            ]
        )
        parts = [
            part("Content-Type: text/plain", body="開封されました".encode()),
            part("Content-Type: message/disposition-notification", body=fields.encode()),
        ]
        return mail(
            'Content-Type: multipart/report; report-type=disposition-notification; boundary="b1"',
            body=joined(parts),
        )

    @pytest.mark.parametrize(
        ("disposition", "what"),
        [
            ("manual-action/MDN-sent-manually; displayed", "read"),
            ("automatic-action/MDN-sent-automatically; processed", "delivered"),
            ("manual-action/MDN-sent-manually; deleted", "delivered"),
        ],
    )
    def test_say_whether_it_was_opened(self, disposition: str, what: str) -> None:
        report = report_of(parse(self.receipt(disposition)))

        assert report is not None
        assert (report.what, report.about, report.recipient) == (what, (ID,), "misaki@home.example")


QMAIL = f"""Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<gone@home.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 no mailbox here by that name

--- Below this line is a copy of the message.

Return-Path: <{OURS}>
Message-ID: <{ID}>
Subject: x
"""
AU = """Your message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.

    Recipient: <gone@ezweb.ne.jp>
    Reason:    <gone@ezweb.ne.jp>... User unknown
"""
DOCOMO = f"""   ----- The following addresses had permanent fatal errors -----
<gone@docomo.ne.jp>
    (reason: 550 Unknown user gone@docomo.ne.jp)

   ----- Original message -----
From: {OURS}
Message-Id: <{ID}>
"""
SOFTBANK = """次の宛先にメールを送信できませんでした。
gone@softbank.ne.jp
宛先のアドレスが存在しません。
"""
EXCHANGE = """Your message did not reach some or all of the intended recipients.

      gone@home.example on 2026/08/01 10:00
            The e-mail account does not exist at the organization. <mx.home.example #5.1.1>
"""
EXIM_LATE = f"""This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its recipients
after more than 24 hours on the queue on mx.example.

The message identifier is: 1abc-000
  full@home.example
    Delay reason: 452 4.2.2 mailbox full
No action is required on your part. Delivery attempts will continue. Reference {ID}
"""


class TestServersThatJustWrite:
    @pytest.mark.parametrize(
        ("text", "what", "recipient", "status", "words", "about"),
        [
            (QMAIL, "bounced", "gone@home.example", "5.1.1", "Remote host said: 550 5.1.1 no mailbox", (ID,)),
            (AU, "bounced", "gone@ezweb.ne.jp", "", "Each of the following recipients was rejected", ()),
            (DOCOMO, "bounced", "gone@docomo.ne.jp", "5.0.0", "(reason: 550 Unknown user", (ID,)),
            (SOFTBANK, "bounced", "gone@softbank.ne.jp", "", "宛先のアドレスが存在しません。", ()),
            (EXCHANGE, "bounced", "gone@home.example", "5.1.1", "The e-mail account does not exist", ()),
            (EXIM_LATE, "delayed", "full@home.example", "4.2.2", "Delay reason: 452 4.2.2", (ID,)),
        ],
        ids=["qmail", "au", "docomo", "softbank", "exchange", "exim"],
    )
    def test_what_they_say(
        self, text: str, what: str, recipient: str, status: str, words: str, about: tuple[str, ...]
    ) -> None:
        report = told(text)

        assert report is not None
        assert (report.what, report.recipient, report.status, report.about) == (
            what,
            recipient,
            status,
            about,
        )
        assert report.words.startswith(words)

    @pytest.mark.parametrize(
        "subject", ["Mail System Error - Returned Mail", "配信不能: 返品について", "Undeliverable: x"]
    )
    def test_are_known_by_the_subject_when_they_come_from_nobody(self, subject: str) -> None:
        assert told(AU, sender="no-reply@carrier.example", subject=subject) is not None

    def test_a_person_may_write_the_same(self) -> None:
        raw = mail("Subject: Undeliverable parcel", body=AU.encode())

        assert parse(raw).auto is None
        assert report_of(parse(raw)) is None

    def test_an_address_is_no_status(self) -> None:
        report = told("host mx.example[5.1.1.25] user unknown <gone@home.example>")

        assert report is not None
        assert report.status == ""


class TestReturnAddresses:
    def test_say_which_mail_it_was_and_come_home_as_a_clue(self) -> None:
        assert return_address(OURS, ID) == HOME

    @pytest.mark.parametrize(
        ("address", "message_id"),
        [(OURS, "x@shop.example"), (OURS, "c.k3jd82hsla.0f@other.example"), ("s" * 50 + "@shop.example", ID)],
    )
    def test_are_not_made_of_what_is_not_ours_or_too_long(self, address: str, message_id: str) -> None:
        assert return_address(address, message_id) == ""


class TestListsThatAreOurs:
    @pytest.mark.parametrize(
        "header", ["List-Id: <support.shop.example>", "List-Post: <mailto:support@shop.example>"]
    )
    def test_hand_on_what_people_wrote(self, header: str) -> None:
        parsed = parse(mail(header, "Precedence: list", body=b"hello"))

        assert as_inbound(parsed, own_addresses=[OURS]).automatic == ""
        assert as_inbound(parsed, own_addresses=["other@shop.example"]).automatic == "list"
