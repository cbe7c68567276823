"""Whole mails: what parse() makes of them."""

import base64
import dataclasses
import hashlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.channels.email import structure
from madoguchi.channels.email.parse import MOST_REFERENCES, Address, ParsedMail, parse
from madoguchi.channels.email.tests.mails import (
    jis_as_windows_writes_it,
    joined,
    mail,
    multipart,
    order_mail,
    part,
    text_mail,
    word,
)

BODY = "お世話になっております。\n返品について伺います。"
PLAIN = part("Content-Type: text/plain; charset=utf-8", body=b"plain words")
HTML = part("Content-Type: text/html; charset=utf-8", body=b"<p>rich words</p>")
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def attached(name: str, content: bytes, content_type: str = "application/pdf", *headers: str) -> bytes:
    return part(
        f"Content-Type: {content_type}",
        f"Content-Disposition: attachment; {name}",
        "Content-Transfer-Encoding: base64",
        *headers,
        body=base64.encodebytes(content),
    )


class TestEnvelope:
    def test_everything_a_plain_mail_says(self) -> None:
        raw = mail(
            f"Subject: {word('返品について')}",
            f"Cc: {word('課長')} <boss@example.com>",
            "Reply-To: other@example.com",
            "In-Reply-To: <a@shop.example>",
            "References: <r@shop.example>\r\n <a@shop.example>",
            "Delivered-To: support@shop.example",
            "X-Original-To: info@shop.example",
            "Content-Type: text/plain; charset=iso-2022-jp",
            body=BODY.replace("\n", "\r\n").encode("iso-2022-jp"),
            sender=f"{word('山田太郎')} <taro@Example.com>",
        )

        assert parse(raw) == ParsedMail(
            message_id="m1@example.com",
            in_reply_to=("a@shop.example",),
            references=("r@shop.example", "a@shop.example"),
            thread_index=b"",
            date=datetime(2024, 3, 1, 10, 15, 30, tzinfo=timezone(timedelta(hours=9))),
            sender=Address("山田太郎", "taro@example.com"),
            to=(Address("", "support@shop.example"),),
            cc=(Address("課長", "boss@example.com"),),
            reply_to=(Address("", "other@example.com"),),
            delivered_to=("support@shop.example", "info@shop.example"),
            failed_recipients=(),
            lists="",
            subject="返品について",
            text=BODY,
            html="",
            attachments=(),
            auto=None,
            charset="iso-2022-jp",
            warnings=(),
        )

    def test_absent_headers_are_empty(self) -> None:
        parsed = parse(b"Subject: x\r\n\r\nhello")

        assert (parsed.message_id, parsed.in_reply_to, parsed.references) == ("", (), ())
        assert (parsed.sender, parsed.to, parsed.date) == (Address("", ""), (), None)
        assert parsed.warnings == ("no-sender", "date-unreadable")

    def test_a_sender_without_an_address_keeps_its_name(self) -> None:
        parsed = parse(b"From: MAILER-DAEMON\r\n\r\nfailed")

        assert parsed.sender == Address("MAILER-DAEMON", "")
        assert parsed.auto == "bounce"

    def test_sender_stands_in_for_a_missing_from(self) -> None:
        assert parse(b"Sender: a@x.jp\r\n\r\n").sender == Address("", "a@x.jp")

    def test_repeated_to_headers_add_up(self) -> None:
        parsed = parse(b"To: a@x.jp\r\nTo: b@x.jp\r\n\r\n")

        assert [address.address for address in parsed.to] == ["a@x.jp", "b@x.jp"]

    def test_endless_references_keep_the_nearest(self) -> None:
        raw = mail("References: " + " ".join(f"<{n}@x>" for n in range(MOST_REFERENCES + 5)))

        assert parse(raw).references[0] == "5@x"
        assert parse(raw).references[-1] == f"{MOST_REFERENCES + 4}@x"

    @pytest.mark.parametrize(
        "lead", [b"\r\n", b"\n\n", b"\xef\xbb\xbf", b"From taro Fri Mar  1 10:15:30 2024\n"]
    )
    def test_dirt_before_the_headers(self, lead: bytes) -> None:
        assert parse(lead + text_mail(b"hello")).text == "hello"

    @pytest.mark.parametrize("eol", [b"\r\n", b"\n"])
    def test_either_line_end(self, eol: bytes) -> None:
        parsed = parse(mail("Subject: x", body=b"one" + eol + b"two", eol=eol))

        assert (parsed.subject, parsed.text) == ("x", "one\ntwo")


class TestText:
    @pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"])
    @pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
    def test_charsets_and_encodings(self, charset: str, encoding: str) -> None:
        data = BODY.encode(charset)
        body = {
            "8bit": data,
            "base64": base64.encodebytes(data),
            "quoted-printable": "".join(f"={byte:02X}" for byte in data).encode(),
        }[encoding]

        parsed = parse(text_mail(body, charset, encoding))

        assert (parsed.text, parsed.warnings) == (BODY, ())

    def test_windows_characters_in_iso_2022_jp(self) -> None:
        parsed = parse(text_mail(jis_as_windows_writes_it("①㈱髙﨑 ﾃｽﾄ"), "iso-2022-jp", "7bit"))

        assert (parsed.text, parsed.warnings) == ("①㈱髙﨑 ﾃｽﾄ", ())

    def test_a_label_that_lies_is_reported(self) -> None:
        parsed = parse(text_mail(BODY.encode("cp932"), "utf-8"))

        assert (parsed.text, parsed.warnings) == (BODY, ("charset-repaired",))

    def test_no_label(self) -> None:
        assert parse(mail(body=BODY.encode("cp932"))).text == BODY

    def test_a_transfer_encoding_with_trimmings(self) -> None:
        assert parse(text_mail(base64.b64encode(b"hello"), "utf-8", ' BASE64 ; x="y"')).text == "hello"

    def test_broken_base64_gives_what_is_left(self) -> None:
        assert parse(text_mail(b"aGVsbG8gd29ybGQ", "utf-8", "base64")).text == "hello world"

    def test_text_is_in_nfc_without_nul(self) -> None:
        assert parse(text_mail("か\u3099\x00".encode(), "utf-8")).text == "が"

    def test_flowed_paragraphs_are_whole_again(self) -> None:
        body = b"one \r\ntwo\r\n> quoted \r\n> more\r\n-- \r\nTaro"

        assert parse(mail("Content-Type: text/plain; format=flowed", body=body)).text == (
            "one two\n> quoted more\n-- \nTaro"
        )

    def test_flowed_japanese_joins_without_spaces(self) -> None:
        body = "返品に \r\nついて".encode()

        parsed = parse(mail("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", body=body))

        assert parsed.text == "返品について"


class TestStructure:
    def test_alternative_gives_both(self) -> None:
        parsed = parse(multipart("alternative", [PLAIN, HTML]))

        assert (parsed.text, parsed.html, parsed.attachments) == ("plain words", "<p>rich words</p>", ())

    def test_html_alone_is_made_readable(self) -> None:
        parsed = parse(mail("Content-Type: text/html; charset=utf-8", body="<p>一</p><p>二</p>".encode()))

        assert (parsed.text, parsed.html) == ("一\n\n二", "<p>一</p><p>二</p>")

    def test_an_empty_plain_part_does_not_hide_the_html(self) -> None:
        blank = part("Content-Type: text/plain", body=b" \r\n")

        assert parse(multipart("alternative", [blank, HTML])).text == "rich words"

    def test_html_names_its_own_charset(self) -> None:
        html = '<meta http-equiv="Content-Type" content="text/html; charset=EUC-JP"><p>ｱ 返品</p>'

        assert "返品" in parse(mail("Content-Type: text/html", body=html.encode("euc-jp"))).html

    def test_text_in_several_parts_is_joined(self) -> None:
        picture = attached('filename="a.png"', PNG, "image/png")

        parsed = parse(multipart("mixed", [PLAIN, picture, part("Content-Type: text/plain", body=b"after")]))

        assert parsed.text == "plain words\nafter"
        assert [file.filename for file in parsed.attachments] == ["a.png"]

    def test_related_in_alternative_in_mixed(self) -> None:
        html = part("Content-Type: text/html", body=b'<img src="cid:logo@x"><img src="cid:none">')
        logo = attached('filename="logo.png"', PNG, "image/png", "Content-ID: <logo@x>")
        related = part('Content-Type: multipart/related; boundary="r"', body=joined([html, logo], "r"))
        both = part('Content-Type: multipart/alternative; boundary="a"', body=joined([PLAIN, related], "a"))

        parsed = parse(multipart("mixed", [both, attached('filename="order.pdf"', b"%PDF")]))

        assert parsed.text == "plain words"
        assert [(file.filename, file.inline, file.content_id) for file in parsed.attachments] == [
            ("logo.png", True, "logo@x"),
            ("order.pdf", False, ""),
        ]

    def test_a_missing_closing_boundary_loses_nothing(self) -> None:
        raw = multipart("mixed", [PLAIN, attached('filename="a.pdf"', b"%PDF")]).replace(b"--b1--", b"")

        parsed = parse(raw)

        assert parsed.text == "plain words"
        assert parsed.attachments[0].content == b"%PDF"

    def test_promised_parts_that_never_came(self) -> None:
        parsed = parse(mail('Content-Type: multipart/mixed; boundary="b1"', body=b"just words"))

        assert (parsed.text, parsed.warnings) == ("just words", ("broken-structure",))

    def test_a_multipart_without_a_boundary(self) -> None:
        assert parse(mail("Content-Type: multipart/mixed", body=b"just words")).text == "just words"

    def test_nesting_beyond_reason_keeps_the_headers_and_the_words(self) -> None:
        deep = b"".join(
            b'Content-Type: multipart/mixed; boundary="x%d"\r\n\r\n--x%d\r\n' % (n, n) for n in range(3000)
        )

        parsed = parse(mail("Subject: deep", deep + b"\r\nthe words"))

        assert parsed.subject == "deep"
        assert "the words" in parsed.text
        assert "broken-structure" in parsed.warnings

    def test_what_is_beyond_all_bounds_is_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(structure, "MOST_BYTES", 56)

        parsed = parse(b"From: a@x.jp\nDate: Fri, 1 Mar 2024 10:15:30 +0900\n\nwords and more words")

        assert (parsed.text, parsed.warnings) == ("words", ("cut-size",))


class TestAttachments:
    def test_content_and_digest(self) -> None:
        file = parse(multipart("mixed", [PLAIN, attached('filename="a.pdf"', PNG)])).attachments[0]

        assert (file.filename, file.content_type, file.content) == ("a.pdf", "application/pdf", PNG)
        assert file.sha256 == hashlib.sha256(PNG).hexdigest()

    @pytest.mark.parametrize(
        "name",
        [
            f'filename="{word("見積書.pdf")}"',
            f'filename="{word("見積", "utf-8")}\r\n {word("書.pdf", "utf-8")}"',
            "filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8.pdf",
            "filename*0*=UTF-8''%E8%A6%8B%E7%A9%8D;\r\n filename*1*=%E6%9B%B8.pdf",
            "filename*=iso-2022-jp''%1B%24B8%2B%40Q%3Dq%1B%28B.pdf",
        ],
    )
    def test_japanese_names(self, name: str) -> None:
        assert (
            parse(multipart("mixed", [PLAIN, attached(name, b"x")])).attachments[0].filename == "見積書.pdf"
        )

    @pytest.mark.parametrize("codec", ["utf-8", "cp932", "iso-2022-jp", "euc-jp"])
    def test_raw_names(self, codec: str) -> None:
        name = "お見積もりソフト表.pdf".encode(codec)
        file = part(b'Content-Type: application/pdf; name="' + name + b'"', body=b"x")

        assert parse(multipart("mixed", [PLAIN, file])).attachments[0].filename == "お見積もりソフト表.pdf"

    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\taro\見積.pdf", "見積.pdf"),
            ("..", "attachment-1.pdf"),
            ("", "attachment-1.pdf"),
            ("evil\u202egpj.exe", "evilgpj.exe"),
            ("n" * 300 + ".pdf", "n" * 196 + ".pdf"),
        ],
    )
    def test_names_are_names_only(self, name: str, safe: str) -> None:
        raw = multipart("mixed", [PLAIN, attached(f'filename="{name}"', b"x")])

        assert parse(raw).attachments[0].filename == safe

    def test_a_text_file_is_a_file(self) -> None:
        parsed = parse(multipart("mixed", [PLAIN, attached('filename="log.txt"', b"log", "text/plain")]))

        assert parsed.text == "plain words"
        assert parsed.attachments[0].content == b"log"

    @pytest.mark.parametrize("content_type", ["image/p\x00ng", "image/絵", "image/" + "x" * 101])
    def test_a_malformed_type_means_bytes(self, content_type: str) -> None:
        raw = multipart("mixed", [PLAIN, attached('filename="a"', b"x", content_type)])

        assert parse(raw).attachments[0].content_type == "application/octet-stream"

    def test_a_mail_that_is_nothing_but_a_file(self) -> None:
        raw = mail(
            "Content-Type: application/pdf",
            'Content-Disposition: attachment; filename="scan.pdf"',
            "Content-Transfer-Encoding: base64",
            body=base64.b64encode(b"%PDF"),
        )

        parsed = parse(raw)

        assert (parsed.text, parsed.attachments[0].filename) == ("", "scan.pdf")

    def test_a_forwarded_mail_is_one_file_with_everything_in_it(self) -> None:
        enclosed = part(
            "Content-Type: message/rfc822",
            body=text_mail(b"inner", "", "7bit", f"Subject: {word('見積/依頼')}"),
        )

        parsed = parse(multipart("mixed", [PLAIN, enclosed]))

        assert parsed.text == "plain words"
        assert parsed.attachments[0].filename == "見積_依頼.eml"
        assert parse(parsed.attachments[0].content).text == "inner"

    def test_a_forwarded_mail_is_handed_on_as_it_came(self) -> None:
        inner = mail(
            "Subject: =?iso-2022-jp?B?GyRC\r\n X-Odd",
            b"X-Raw: \xff\xfe",
            "X-Long: " + "x" * 300,
            body=b"inner",
        )
        raw = multipart("mixed", [PLAIN, part("Content-Type: message/rfc822", body=inner)])

        assert parse(raw).attachments[0].content == inner

    def test_an_enclosed_header_that_the_library_refuses_to_write_is_written(self) -> None:
        inner = b"Subject: a\n b\r\rContent-Type: x\r\n\r\ninner"
        raw = multipart("mixed", [PLAIN, part("Content-Type: message/rfc822", body=inner)])

        assert b"inner" in parse(raw).attachments[0].content

    def test_the_parts_of_a_bounce_are_kept(self) -> None:
        status = part(
            "Content-Type: message/delivery-status",
            body=b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; no@x.jp\r\nStatus: 5.1.1\r\n",
        )
        raw = multipart("report", [PLAIN, status]).replace(
            b"multipart/report;", b"multipart/report; report-type=delivery-status;"
        )

        parsed = parse(raw)

        assert parsed.auto == "bounce"
        assert parsed.attachments[0].content_type == "message/delivery-status"
        assert b"Status: 5.1.1" in parsed.attachments[0].content


class TestLanguage:
    @pytest.mark.parametrize(
        ("body", "language"),
        [
            ("返品したいです。", "ja"),
            ("Where is my order 1234?", "en"),
            ("Hello, I am 山田 from Tokyo and my parcel has not arrived yet.", "en"),
            ("https://shop.example/items/very-long-address-of-a-thing?id=1 が開けません", "ja"),
            (
                "Thank you, that helps.\n\nOn Fri, 1 Mar 2024, Support <s@x.jp> wrote:\n"
                "> お世話になっております。\n> 窓口です。",
                "en",
            ),
            ("", "ja"),
            ("Здравствуйте! Где мой заказ 1234?", "ru"),
            ("您好，请问我的订单什么时候发货？", "zh-Hans"),
            ("請問何時可以到貨・謝謝", "zh-Hant"),
            ("주문한 상품이 아직 도착하지 않았습니다.", "ko"),
            ("Здравствуйте, я Ямада. さくら заказала два стола и три стула.", "ru"),
            ("ﾃﾚﾋﾞ故障", "ja"),
            ("山田と申します。Windows 11 Pro で Madoguchi が動きません。", "ja"),
            ("1234-5678", "ja"),
        ],
    )
    def test_is_told_by_what_is_new(self, body: str, language: str) -> None:
        assert parse(text_mail(body.encode(), "utf-8")).language == language

    @pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp"])
    def test_ideographs_alone_are_japanese_in_a_charset_of_japan(self, charset: str) -> None:
        assert parse(text_mail("至急連絡希望".encode(charset), charset)).language == "ja"
        assert parse(text_mail("大小不合".encode("gbk"), "gb2312")).language == "zh-Hans"

    def test_a_few_latin_letters_in_a_japanese_charset(self) -> None:
        assert parse(text_mail(b"OK", "iso-2022-jp")).language == "ja"


def storable(parsed: ParsedMail) -> bool:
    texts = [
        parsed.message_id,
        parsed.subject,
        parsed.text,
        parsed.html,
        parsed.sender.name,
        parsed.sender.address,
    ]
    texts += [
        text for file in parsed.attachments for text in (file.filename, file.content_type, file.content_id)
    ]
    texts += [*parsed.references, *parsed.in_reply_to, *parsed.delivered_to]
    return all("\x00" not in text and text.encode("utf-8") is not None for text in texts)


SAMPLES = [
    order_mail(0),
    order_mail(1),
    order_mail(2),
    multipart("mixed", [PLAIN, HTML, attached("filename*0*=UTF-8''%E8%A6%8B; filename*1=.pdf", PNG)]),
    multipart("mixed", [PLAIN, part("Content-Type: message/rfc822", body=order_mail(0))]),
]


class TestWhateverTheBytes:
    @given(st.binary(max_size=600))
    def test_noise(self, raw: bytes) -> None:
        assert storable(parse(raw))

    @given(
        st.lists(
            st.sampled_from(
                [
                    b"From: ",
                    b"Subject: =?utf-8?B?",
                    b"?=",
                    b"Content-Type: ",
                    b"multipart/mixed; boundary=",
                    b"b",
                    b"--b",
                    b"--b--",
                    b"\r\n",
                    b"\n",
                    b"\n\n",
                    b";",
                    b'"',
                    b"message/rfc822",
                    b"message/delivery-status",
                    b"text/html",
                    b"charset=iso-2022-jp",
                    b"\x1b$B",
                    b"\x1b(B",
                    b"\xff",
                    b"name*0*=",
                    b"%E3%81",
                    b"Content-Transfer-Encoding: ",
                    b"base64",
                    b"uuencode",
                    b"quoted-printable",
                    b"=",
                    b"<",
                    b">",
                    b"@",
                    b" ",
                ]
            ),
            max_size=40,
        )
    )
    def test_mail_like_noise(self, pieces: list[bytes]) -> None:
        assert storable(parse(b"".join(pieces)))

    @given(st.sampled_from(SAMPLES), st.data())
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    def test_good_mail_gone_bad(self, raw: bytes, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 5))):
            start = data.draw(st.integers(0, len(raw)))
            end = data.draw(st.integers(start, min(len(raw), start + 40)))
            raw = raw[:start] + data.draw(st.binary(max_size=12)) + raw[end:]

        assert storable(parse(raw))

    @given(st.sampled_from(SAMPLES), st.integers(0, 4000))
    def test_mail_cut_short(self, raw: bytes, length: int) -> None:
        assert storable(parse(raw[:length]))

    def test_many_lines_within_many_parts_are_shown_as_they_stand(self) -> None:
        opened = b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(900)
        )
        mail = parse(b"Subject: many\r\nFrom: a@b.example\r\n" + opened + b"\r\n" + b"x\r\n" * 100_000)

        assert mail.warnings[0] == "broken-structure"
        assert (mail.subject, mail.sender.address) == ("many", "a@b.example")
        assert "boundary" in mail.text

    def test_the_same_bytes_give_the_same_mail(self) -> None:
        for raw in SAMPLES:
            assert dataclasses.asdict(parse(raw)) == dataclasses.asdict(parse(raw))


def test_a_uuencoded_file_whose_name_is_percent_encoded_and_raw_bytes() -> None:
    body = b"begin 644 %83%82%83%8B\xff.txt\n#86)C\n`\nend\n"

    [file] = parse(b"From: taro@home.example\r\n\r\n" + body).attachments

    assert (file.content, file.filename.endswith(".txt")) == (b"abc", True)
    assert storable(parse(body))
