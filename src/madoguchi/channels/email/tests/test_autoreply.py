"""Which machine wrote a mail, if one did."""

import pytest

from madoguchi.channels.email.autoreply import LOOP_HEADER, classify
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.tests.mails import mail, word


def auto(*headers: str, sender: str = "Taro <taro@example.com>") -> str | None:
    return parse(mail(*headers, body=b"x", sender=sender)).auto


SERVERS = [
    "MAILER-DAEMON@mx.example",
    "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    "postmaster@docomo.ne.jp",
]


def from_server(*headers: str, sender: str, body: str = "x") -> str | None:
    """As a door leaves it that knows no envelope."""
    lines = [f"From: {sender}", "To: support@shop.example", *headers, "", body]
    return parse("\r\n".join(lines).encode()).auto


class TestPeople:
    @pytest.mark.parametrize(
        "header",
        [
            "Subject: hello",
            "Auto-Submitted: no",
            "Auto-Submitted: No ; comment",
            "Precedence: normal",
            "X-Auto-Response-Suppress: DR, RN, NRN",
        ],
    )
    def test_are_not_taken_for_machines(self, header: str) -> None:
        assert auto(header) is None

    def test_a_postmaster_in_the_name_or_domain_is_a_person(self) -> None:
        assert auto(sender="taro@postmaster.example") is None
        assert auto(sender="not-mailer-daemon-at-all@x.jp") is None


class TestAutomaticReplies:
    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: AUTO-GENERATED; type=x",
            "X-Autoreply: yes",
            "X-Autorespond: vacation",
            "Precedence: auto_reply",
            "X-Auto-Response-Suppress: All",
            "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        ],
    )
    def test_are_known_by_their_headers(self, header: str) -> None:
        assert auto(header) == "auto-reply"

    @pytest.mark.parametrize(
        ("subject", "kind"),
        [
            ("自動返信：出張のため不在です", "auto-reply"),
            ("【自動返信】お問い合わせありがとうございます", "auto-reply"),
            ("不在通知 Re: 返品の件", "auto-reply"),
            ("Automatic reply: Your order", "auto-reply"),
            ("Out of Office Re: hello", "auto-reply"),
            ("Réponse automatique : bonjour", "auto-reply"),
            ("Re: 【自動返信】お問い合わせありがとうございます", None),
            ("自動返信メールが届きません", None),
            ("注文の自動返信が来ない", None),
            ("不在通知が入っていました", None),
            ("不在でした。再配達をお願いします", None),
        ],
    )
    def test_are_known_by_what_the_subject_begins_with(self, subject: str, kind: str | None) -> None:
        assert parse(mail(f"Subject: {word(subject, 'utf-8')}", body=b"x")).auto == kind

    def test_a_null_sender_is_never_answered(self) -> None:
        headers = {"return-path": ["<>"]}

        assert (
            classify(headers=headers, content_type="text/plain", report_type="", sender="a@x.jp")
            == "auto-reply"
        )


class TestReceipts:
    def test_are_told_from_other_automatic_replies(self) -> None:
        header = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"'

        assert auto(header, "Auto-Submitted: auto-replied") == "receipt"


class TestBounces:
    @pytest.mark.parametrize(
        "header",
        [
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            'Content-Type: multipart/report; report-type="Delivery-Status"; boundary="b"',
            "Content-Type: message/delivery-status",
            "X-Failed-Recipients: nobody@x.jp",
        ],
    )
    def test_are_known_by_their_structure(self, header: str) -> None:
        assert auto(header) == "bounce"

    @pytest.mark.parametrize("sender", SERVERS)
    @pytest.mark.parametrize(
        "headers",
        [
            ("Return-Path: <>",),
            ("Auto-Submitted: auto-generated",),
        ],
        ids=["from nobody", "says so"],
    )
    def test_are_known_by_a_servers_address_that_takes_no_answer(
        self, sender: str, headers: tuple[str, ...]
    ) -> None:
        assert from_server(*headers, sender=sender) == "bounce"

    def test_are_known_by_a_sender_that_is_no_address(self) -> None:
        assert from_server(sender="MAILER-DAEMON") == "bounce"

    @pytest.mark.parametrize("sender", SERVERS)
    @pytest.mark.parametrize(
        ("subject", "body"),
        [
            ("Undelivered Mail Returned to Sender", "<a@x.jp>: host mx said: 550 5.1.1 User unknown"),
            ("Mail could not be delivered", "Final-Recipient: rfc822; a@x.jp"),
            ("メールを送信できません", "宛先のアドレスが存在しません。"),
            ("Returned mail: see transcript", "The original message was received at Mon"),
        ],
    )
    def test_are_known_by_a_servers_address_and_what_it_says(
        self, sender: str, subject: str, body: str
    ) -> None:
        assert from_server(f"Subject: {word(subject, 'utf-8')}", sender=sender, body=body) == "bounce"

    @pytest.mark.parametrize("sender", SERVERS)
    @pytest.mark.parametrize(
        ("subject", "body"),
        [
            ("貴社からのメールについて", "御社のサーバーから 550 5.7.1 が返ります。設定をご確認ください。"),
            ("メールが配信できませんでした", "先週から御社の通知が届いていないようです。"),
            ("炊飯器の件", "いつ届きますか。"),
        ],
    )
    def test_who_looks_after_a_server_is_a_person(self, sender: str, subject: str, body: str) -> None:
        assert from_server(f"Subject: {word(subject, 'utf-8')}", sender=sender, body=body) is None


class TestLists:
    @pytest.mark.parametrize(
        "header",
        [
            "List-Id: <news.x.jp>",
            "List-Unsubscribe: <https://x.jp/u>",
            "Precedence: bulk",
            "Precedence: list",
            "Precedence: junk",
            "X-ML-Name: news",
        ],
    )
    def test_are_known_by_their_headers(self, header: str) -> None:
        assert auto(header) == "list"


class TestWhichComesFirst:
    def test_our_own_mail_come_back_is_a_loop_whatever_else_it_is(self) -> None:
        assert auto(f"{LOOP_HEADER}: 1", "Auto-Submitted: auto-replied", "List-Id: <x>") == "loop"

    def test_a_report_is_a_bounce_though_a_person_may_write_from_there(self) -> None:
        header = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'

        assert from_server(header, sender="postmaster@x.jp") == "bounce"

    def test_a_bounce_is_a_bounce_though_it_says_auto_replied(self) -> None:
        assert auto("Auto-Submitted: auto-replied", sender="mailer-daemon@x.jp") == "bounce"

    def test_an_absence_note_through_a_list_is_an_automatic_reply(self) -> None:
        assert auto("Auto-Submitted: auto-replied", "Precedence: bulk") == "auto-reply"
