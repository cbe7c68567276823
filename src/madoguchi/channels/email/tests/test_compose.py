"""Answers on their way out: what the wire carries, and that our own parser reads back what was meant."""

import base64
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madoguchi.channels.email.compose import (
    Attachment,
    ComposeRequest,
    UnsafeHeader,
    compose,
    new_message_id,
)
from madoguchi.channels.email.parse import Address, parse

REQUEST = ComposeRequest(
    message_id="c.abcdef123456.99@shop.example",
    date=datetime(2024, 3, 1, 10, 15, 30, tzinfo=timezone(timedelta(hours=9))),
    from_name="青空商店 お客様窓口",
    from_address="support@shop.example",
    to=(Address("山田太郎", "taro@example.com"),),
    subject="Re: 返品について [A-1234]",
    text="山田様\n\nお世話になっております。",
)


class TestWire:
    def test_a_short_answer_byte_for_byte(self) -> None:
        request = replace(
            REQUEST,
            from_name="Support",
            to=(Address("", "taro@example.com"),),
            subject="Re: Order",
            text="Hi.\nBye.",
        )

        assert compose(request) == (
            b"From: Support <support@shop.example>\r\n"
            b"To: taro@example.com\r\n"
            b"Subject: Re: Order\r\n"
            b"Date: Fri, 01 Mar 2024 10:15:30 +0900\r\n"
            b"Message-ID: <c.abcdef123456.99@shop.example>\r\n"
            b"MIME-Version: 1.0\r\n"
            b'Content-Type: text/plain; charset="UTF-8"\r\n'
            b"Content-Transfer-Encoding: 7bit\r\n"
            b"\r\n"
            b"Hi.\r\nBye.\r\n"
        )

    def test_the_same_request_gives_the_same_bytes(self) -> None:
        request = replace(
            REQUEST, html="<p>x</p>", attachments=(Attachment("a.pdf", "application/pdf", b"x"),)
        )

        assert compose(request) == compose(request)

    def test_every_line_is_short_ascii_ended_by_crlf(self) -> None:
        request = replace(
            REQUEST,
            subject="返品" * 200,
            text="長い文" * 1000 + "\n" + "x" * 5000,
            to=tuple(Address("とても長い名前" * 5, f"a{n}@example.com") for n in range(20)),
            references=tuple(f"{n}.{'r' * 60}@example.com" for n in range(50)),
            attachments=(Attachment("見積書" * 30 + ".pdf", "application/pdf", b"x" * 1000),),
        )

        raw = compose(request)

        assert raw.isascii()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 120
        assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")

    def test_long_plain_lines_are_wrapped_by_encoding(self) -> None:
        raw = compose(replace(REQUEST, text="x" * 5000))

        assert max(len(line) for line in raw.split(b"\r\n") if b":" not in line) <= 78
        assert parse(raw).text == "x" * 5000

    def test_bcc_is_in_the_envelope_alone(self) -> None:
        request = replace(
            REQUEST,
            cc=(Address("", "c@example.com"),),
            bcc=(Address("", "secret@example.com"), Address("", "c@example.com")),
        )

        assert b"secret" not in compose(request)
        assert request.recipients == ("taro@example.com", "c@example.com", "secret@example.com")

    def test_the_thread_is_named(self) -> None:
        parsed = parse(compose(replace(REQUEST, in_reply_to="b@x.jp", references=("a@x.jp", "b@x.jp"))))

        assert (parsed.in_reply_to, parsed.references) == (("b@x.jp",), ("a@x.jp", "b@x.jp"))

    def test_long_threads_keep_the_first_and_the_nearest(self) -> None:
        parsed = parse(compose(replace(REQUEST, references=tuple(f"{n}@x.jp" for n in range(100)))))

        assert parsed.references == ("0@x.jp", *(f"{n}@x.jp" for n in range(81, 100)))

    def test_foreign_identifiers_that_cannot_be_written_do_not_stop_an_answer(self) -> None:
        parsed = parse(
            compose(replace(REQUEST, in_reply_to="識別子@x.jp", references=("a b@x", "ok@x.jp", "x" * 1000)))
        )

        assert (parsed.in_reply_to, parsed.references) == ((), ("ok@x.jp",))

    def test_extra_headers(self) -> None:
        raw = compose(replace(REQUEST, headers={"Auto-Submitted": "auto-replied", "X-Madoguchi-Loop": "1"}))

        assert b"\r\nAuto-Submitted: auto-replied\r\n" in raw
        assert parse(raw).auto == "loop"

    def test_an_international_domain_travels_in_ascii(self) -> None:
        raw = compose(replace(REQUEST, to=(Address("", "taro@日本語.jp"),)))

        assert b"To: taro@xn--wgv71a119e.jp\r\n" in raw


class TestOtherReaders:
    """The standard library's strict reader stands for all the mail programs that are not ours."""

    def test_read_the_same_headers_body_and_file(self) -> None:
        request = replace(
            REQUEST,
            subject="Re: とても長い件名です。" * 10,
            html="<p>お世話になっております。</p>",
            attachments=(Attachment("お見積書（最終版）" * 6 + ".pdf", "application/pdf", b"%PDF"),),
        )

        message = message_from_bytes(compose(request), policy=policy.default)

        assert message["subject"] == request.subject
        assert message["from"].addresses[0].display_name == request.from_name
        assert message["to"].addresses[0].addr_spec == "taro@example.com"
        assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == request.text
        assert message.get_body(("html",)).get_content().rstrip() == request.html
        assert [(file.get_filename(), file.get_content()) for file in message.iter_attachments()] == [
            (request.attachments[0].filename, b"%PDF")
        ]
        assert all(not one.defects for one in message.walk())

    def test_the_fallback_name_for_readers_without_rfc_2231(self) -> None:
        raw = compose(replace(REQUEST, attachments=(Attachment("見積.pdf", "application/pdf", b"x"),)))

        assert b'Content-Type: application/pdf;\r\n name="=?UTF-8?B?6KaL56mNLnBkZg==?="\r\n' in raw
        assert b"Content-Disposition: attachment;\r\n filename*=UTF-8''%E8%A6%8B%E7%A9%8D.pdf\r\n" in raw

    def test_no_encoded_word_cuts_a_character(self) -> None:
        raw = compose(replace(REQUEST, subject="𠮷野家" * 30))
        words = [line.strip() for line in raw.split(b"\r\n") if b"=?UTF-8?B?" in line and b"<" not in line]

        assert len(words) > 3
        for one in words:
            content = one.split(b"?")[3]
            assert base64.b64decode(content).decode("utf-8")
            assert len(one.removeprefix(b"Subject: ")) <= 75


class TestStructure:
    def test_html_beside_text(self) -> None:
        parsed = parse(compose(replace(REQUEST, html="<p>はい</p>")))

        assert (parsed.text, parsed.html.rstrip()) == (REQUEST.text, "<p>はい</p>")

    def test_inline_images_stand_beside_the_html(self) -> None:
        logo = Attachment("logo.png", "image/png", b"\x89PNG", content_id="logo@shop")
        raw = compose(replace(REQUEST, html='<img src="cid:logo@shop">', attachments=(logo,)))

        assert b"multipart/related" in raw
        file = parse(raw).attachments[0]
        assert (file.inline, file.content_id, file.content) == (True, "logo@shop", b"\x89PNG")

    def test_without_html_every_file_is_attached(self) -> None:
        logo = Attachment("logo.png", "image/png", b"\x89PNG", content_id="logo@shop")

        assert parse(compose(replace(REQUEST, attachments=(logo,)))).attachments[0].inline is False

    def test_a_boundary_that_stands_in_the_text_is_not_used(self) -> None:
        text = "--=_mixed_0\nnot a boundary\n--=_mixed_0--"
        file = Attachment("a.txt", "text/plain", b"x")

        parsed = parse(compose(replace(REQUEST, text=text, attachments=(file,))))

        assert parsed.text == text
        assert len(parsed.attachments) == 1

    @pytest.mark.parametrize(
        "content_type", ["", "nonsense", "text/plain\r\nX: y", "message/rfc822", "multipart/mixed"]
    )
    def test_types_that_cannot_be_sent_become_plain_bytes(self, content_type: str) -> None:
        file = parse(
            compose(replace(REQUEST, attachments=(Attachment("a.bin", content_type, b"x"),)))
        ).attachments[0]

        assert (file.content_type, file.content) == ("application/octet-stream", b"x")


class TestInjection:
    @pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.jp", "a\nb", "a\rb", "a\x00b", "a\x1bb", "\ud800"])
    def test_line_breaks_and_controls_are_refused_in_every_header(self, evil: str) -> None:
        requests = [
            replace(REQUEST, subject=evil),
            replace(REQUEST, from_name=evil),
            replace(REQUEST, from_address=f"{evil}@x.jp"),
            replace(REQUEST, to=(Address(evil, "a@x.jp"),)),
            replace(REQUEST, cc=(Address("", f"{evil}@x.jp"),)),
            replace(REQUEST, message_id=f"{evil}@x.jp"),
            replace(REQUEST, in_reply_to=evil),
            replace(REQUEST, references=(evil,)),
            replace(REQUEST, headers={"X-A": evil}),
            replace(REQUEST, headers={evil: "x"}),
            replace(REQUEST, attachments=(Attachment(evil, "text/plain", b""),)),
        ]

        for request in requests:
            with pytest.raises(UnsafeHeader):
                compose(request)

    @pytest.mark.parametrize("name", ["From", "bcc", "Content-Type", "MIME-Version", "X Y", "X:", ""])
    def test_headers_of_the_mail_itself_cannot_be_added(self, name: str) -> None:
        with pytest.raises(UnsafeHeader):
            compose(replace(REQUEST, headers={name: "x"}))

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "x",
            "@x.jp",
            "a@",
            "a b@x.jp",
            "a,b@x.jp",
            "<a@x.jp>",
            "a@x.jp, b@x.jp",
            "山@x.jp",
            "a" * 320 + "@x.jp",
        ],
    )
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(UnsafeHeader):
            compose(replace(REQUEST, to=(Address("", address),)))

    def test_addresses_that_phones_once_gave_out_are_not(self) -> None:
        assert b"To: foo..bar.@docomo.ne.jp\r\n" in compose(
            replace(REQUEST, to=(Address("", "foo..bar.@docomo.ne.jp"),))
        )


class TestIdentifiers:
    def test_a_message_id_carries_the_token_and_is_new_each_time(self) -> None:
        first, second = new_message_id("shop.example", "abc123"), new_message_id("shop.example", "abc123")

        assert first.startswith("c.abc123.")
        assert first.endswith("@shop.example")
        assert first != second

    @pytest.mark.parametrize("token", ["", "ABCDEF", "abc 12", "abc", "a\r\nb1234", "x" * 65])
    def test_tokens_that_would_not_come_home_are_refused(self, token: str) -> None:
        with pytest.raises(UnsafeHeader):
            new_message_id("shop.example", token)


LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff\u2028\u2029")
LINE = st.text(LETTERS, max_size=120).map(lambda text: unicodedata.normalize("NFC", text))
SUBJECT = LINE.map(str.strip)
# What stands in the quotation marks that Outlook keeps is read without them.
NAME = LINE.map(lambda text: " ".join(text.split())).filter(lambda text: not re.fullmatch("'[^']+'", text))
FILENAME = (
    st.text(
        LETTERS.filter(
            lambda char: (
                char not in "/\\\u200e\u200f"
                and not "\u202a" <= char <= "\u202e"
                and not "\u2066" <= char <= "\u2069"
            )
        ),
        min_size=1,
        max_size=80,
    )
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(lambda text: text not in ("", ".", ".."))
)
JAPANESE_NAME = st.text(st.sampled_from("見積書①㈱髙﨑（最終）ｱ𠮷 .-_'%\"a1"), min_size=1, max_size=60).map(
    lambda text: f"{text.strip()}.pdf"
)


class TestRoundTrip:
    @example(subject="x", name=",", lines=[])
    @example(subject="", name="'", lines=[])
    @example(subject="", name="''", lines=[])
    @example(subject="x", name="\"<>,;:()'", lines=[])
    @example(subject="x", name=", 山田,", lines=[])
    @given(subject=SUBJECT, name=NAME, lines=st.lists(LINE, max_size=6))
    def test_words(self, subject: str, name: str, lines: list[str]) -> None:
        text = "\n".join(lines).rstrip()

        parsed = parse(
            compose(
                replace(REQUEST, subject=subject, from_name=name, to=(Address(name, "t@x.jp"),), text=text)
            )
        )

        assert parsed.subject == subject
        assert parsed.sender == Address(name, "support@shop.example")
        assert parsed.to == (Address(name, "t@x.jp"),)
        assert parsed.text == text
        assert parsed.warnings == ()

    @given(st.one_of(FILENAME, JAPANESE_NAME), st.binary(max_size=200))
    def test_files(self, filename: str, content: bytes) -> None:
        file = Attachment(filename, "application/pdf", content)

        parsed = parse(compose(replace(REQUEST, attachments=(file,)))).attachments

        assert [(one.filename, one.content) for one in parsed] == [(filename, content)]

    def test_identifiers_and_date(self) -> None:
        request = replace(REQUEST, date=datetime(2024, 3, 1, tzinfo=UTC))

        parsed = parse(compose(request))

        assert (parsed.message_id, parsed.date) == (request.message_id, request.date)


class TestBulkMail:
    def test_it_says_where_to_leave_the_list_by_one_click(self) -> None:
        raw = compose(replace(REQUEST, unsubscribe="https://shop.example/leave/abc"))

        assert b"\r\nList-Unsubscribe: <https://shop.example/leave/abc>\r\n" in raw
        assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw

    def test_an_answer_has_nothing_of_it(self) -> None:
        assert b"List-Unsubscribe" not in compose(REQUEST)

    @pytest.mark.parametrize(
        "address", ["http://shop.example/", "https://a b", "https://a>\r\nX: y", "mailto:a@b"]
    )
    def test_only_a_safe_address_is_written(self, address: str) -> None:
        with pytest.raises(UnsafeHeader):
            compose(replace(REQUEST, unsubscribe=address))


class TestFileNames:
    def test_what_turns_the_direction_of_a_text_is_taken_out(self) -> None:
        raw = compose(replace(REQUEST, attachments=(Attachment("請求書\u202efdp.exe", "text/plain", b"x"),)))

        assert parse(raw).attachments[0].filename == "請求書fdp.exe"

    def test_a_picture_without_html_beside_it_is_an_attachment(self) -> None:
        picture = Attachment("a.png", "image/png", b"x", content_id="1@shop.example")

        raw = compose(replace(REQUEST, attachments=(picture,)))

        assert b"Content-Disposition: attachment;\r\n" in raw
        assert b"Content-ID" not in raw
