"""The clues of a mail, in the order in which they are to be believed."""

import base64
from dataclasses import replace

import pytest

from madoguchi.channels.email.compose import ComposeRequest, compose, new_message_id
from madoguchi.channels.email.parse import ParsedMail, parse
from madoguchi.channels.email.tests.mails import mail, word
from madoguchi.channels.email.threading import MOST_MARKS, WAYS, candidates, marks
from madoguchi.kernel.channel import Clue

TOKEN = "k3jd82hsla"


def clues(*headers: str, ours: tuple[str, ...] = ()) -> list[Clue]:
    return list(candidates(parse(mail(*headers)), ours=ours))


class TestTokens:
    @pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"])
    def test_in_every_header_that_names_a_recipient(self, header: str) -> None:
        found = clues(f"{header}: support+c.{TOKEN}@shop.example")

        assert found == [Clue("token", TOKEN, "support@shop.example")]

    def test_survive_a_server_that_changes_case(self) -> None:
        assert clues(f"Cc: SUPPORT+C.{TOKEN.upper()}@Shop.Example") == [
            Clue("token", TOKEN, "support@shop.example")
        ]

    def test_in_our_own_message_id(self) -> None:
        found = clues(f"In-Reply-To: <c.{TOKEN}.0f@shop.example>")

        assert found == [
            Clue("token", TOKEN, "shop.example"),
            Clue("message_id", f"c.{TOKEN}.0f@shop.example"),
        ]

    @pytest.mark.parametrize(
        "address",
        [
            "support@shop.example",
            "support+news@shop.example",
            "support+c.a@shop.example",
            "support+c.a b@x.jp",
        ],
    )
    def test_other_extensions_are_no_tokens(self, address: str) -> None:
        assert clues(f"Cc: {address}") == []

    def test_written_for_others_are_passed_over(self) -> None:
        headers = (f"Cc: help+c.{TOKEN}@other.example, support+c.mine00@shop.example",)

        assert clues(*headers, ours=("support@shop.example",)) == [
            Clue("token", "mine00", "support@shop.example")
        ]
        assert clues(*headers, ours=("shop.example",)) == [Clue("token", "mine00", "support@shop.example")]

    def test_what_we_write_comes_back_as_a_clue(self, sent: ParsedMail) -> None:
        answer = clues(f"In-Reply-To: <{sent.message_id}>", f"Cc: support+c.{TOKEN}@shop.example")

        assert answer[0] == Clue("token", TOKEN, "support@shop.example")
        assert answer[1] == Clue("token", TOKEN, "shop.example")
        assert answer[2] == Clue("message_id", sent.message_id)


@pytest.fixture
def sent() -> ParsedMail:
    parsed = parse(mail())
    assert parsed.date is not None
    request = ComposeRequest(
        message_id=new_message_id("shop.example", TOKEN),
        date=parsed.date,
        from_name="窓口",
        from_address="support@shop.example",
        to=(parsed.sender,),
        subject="[A-1234] 返品について",
        text="承りました。",
    )
    return parse(compose(request))


class TestMessageIds:
    def test_the_parent_then_references_from_last_to_first(self) -> None:
        found = clues("In-Reply-To: <parent@x>", "References: <first@x> <second@x> <parent@x>")

        assert found == [
            Clue("message_id", "parent@x"),
            Clue("message_id", "second@x"),
            Clue("message_id", "first@x"),
        ]

    def test_references_alone(self) -> None:
        assert clues("References: <a@x> <b@x>") == [Clue("message_id", "b@x"), Clue("message_id", "a@x")]


class TestCaseNumbers:
    @pytest.mark.parametrize(
        ("subject", "number"),
        [
            ("Re: [A-1234] 返品について", "A-1234"),
            ("RE: 返品について【ABC-000123456】", "ABC-000123456"),
            ("Re: ［Ａ－１２３４］返品", "A-1234"),
            ("Re: [Aｰ1234]", "A-1234"),
            ("Re: [A−1234]", "A-1234"),
            ("Re: [A‐1234]", "A-1234"),
            ("Re: ( A-1234 )", "A-1234"),
            ("Re: [#A-1234]", "A-1234"),
            ("[a1234] 返品", "A-1234"),
            ("【受付番号 A-1234】", "A-1234"),
            ("受付番号：A-1234", "A-1234"),
            ("受理编号：A-1234", "A-1234"),
            ("受理編號：A-1234", "A-1234"),
            ("접수 번호: A-1234", "A-1234"),
            ("お問い合わせ番号はA-1234です", "A-1234"),
            ("No.A-1234の件", "A-1234"),
            ("Case number: a-1234", "A-1234"),
            ("A-1234", "A-1234"),
            ("Re: Ａ－１２３４の件", "A-1234"),
            ("#A-1234", "A-1234"),
        ],
    )
    def test_are_found(self, subject: str, number: str) -> None:
        assert clues(f"Subject: {word(subject, 'utf-8')}") == [Clue("case_number", number)]

    @pytest.mark.parametrize(
        "subject",
        [
            "WH-1000XM4 が壊れました",
            "A-1234 を2つ注文します",
            "商品番号 A-1234",
            "受付番号 A-1234-5",
            "[ABCD-1234]",
            "[A-12]",
            "[A-1234567890]",
            "[A-1234 x]",
        ],
    )
    def test_are_not_imagined(self, subject: str) -> None:
        assert clues(f"Subject: {word(subject, 'utf-8')}") == []

    def test_several_in_their_order(self) -> None:
        assert [clue.value for clue in clues("Subject: [A-1234] [B-5678] [A-1234]")] == ["A-1234", "B-5678"]

    def test_in_the_body_where_somebody_writes_anew(self) -> None:
        for words in (
            "【Ａ−１２３４】の件です。",
            "お世話になります。\n受付番号：A-1234\n届きました。",
            "先日の件です。\n\nA-1234\n",
        ):
            raw = mail("Content-Type: text/plain; charset=utf-8", body=words.encode())

            assert list(candidates(parse(raw))) == [Clue("case_number", "A-1234")]

    def test_not_in_what_is_quoted_far_below(self) -> None:
        assert list(candidates(parse(mail(body=b"x" * 4_000 + b"[A-1234]")))) == []


def thread_index_of(conversation: bytes, *, answers: int = 0) -> str:
    """What Outlook writes: a byte, five of the time, sixteen that name the conversation, five for each answer."""
    return base64.b64encode(b"\x01" + b"\xd9" * 5 + conversation + b"\x00\x01\x02\x03\x04" * answers).decode()


class TestOutlooksConversations:
    NAME = bytes(range(16))
    AS_WRITTEN = (b"\x01" + b"\xd9" * 5 + NAME).hex()

    def test_an_answer_looks_for_the_beginning_and_for_other_answers(self) -> None:
        found = clues(f"Thread-Index: {thread_index_of(self.NAME, answers=2)}")

        assert found == [
            Clue("conversation", f"begun:{self.AS_WRITTEN}"),
            Clue("conversation", f"answered:{self.AS_WRITTEN}"),
        ]

    def test_a_beginning_looks_for_answers_alone_since_drafts_are_used_again(self) -> None:
        found = clues(f"Thread-Index: {thread_index_of(self.NAME)}")

        assert found == [Clue("conversation", f"answered:{self.AS_WRITTEN}")]

    def test_a_folded_one_is_read(self) -> None:
        whole = thread_index_of(self.NAME, answers=6)

        assert clues(f"Thread-Index: {whole[:40]}\r\n {whole[40:]}") == clues(f"Thread-Index: {whole}")

    @pytest.mark.parametrize("value", ["", "x", "AdnZ", "****************************************", "あ"])
    def test_nonsense_is_none(self, value: str) -> None:
        assert parse(mail(f"Thread-Index: {value}")).thread_index == b""
        assert clues(f"Thread-Index: {value}") == []

    def test_each_leaves_a_mark_for_those_that_come_later(self) -> None:
        begun = parse(mail(f"Thread-Index: {thread_index_of(self.NAME)}"))
        answered = parse(mail(f"Thread-Index: {thread_index_of(self.NAME, answers=1)}"))

        assert list(marks(begun)) == [f"begun:{self.AS_WRITTEN}"]
        assert list(marks(answered)) == [f"answered:{self.AS_WRITTEN}"]


class TestMarks:
    def test_every_mail_that_is_mentioned_but_our_own(self) -> None:
        raw = mail("In-Reply-To: <b@x>", f"References: <a@x> <c.{TOKEN}.0f@shop.example> <b@x>")

        assert list(marks(parse(raw))) == ["b@x", "a@x"]

    def test_the_nearest_of_very_many(self) -> None:
        raw = mail("References: " + " ".join(f"<{n}@x>" for n in range(100)))

        assert list(marks(parse(raw))) == [f"{n}@x" for n in range(99, 99 - MOST_MARKS, -1)]


class TestOrder:
    def test_the_surest_way_comes_first(self) -> None:
        found = clues(
            "Subject: [A-1234]",
            "References: <ref@x>",
            "In-Reply-To: <parent@x>",
            f"Cc: support+c.{TOKEN}@shop.example",
        )

        assert [(clue.kind, clue.value) for clue in found] == [
            ("token", TOKEN),
            ("message_id", "parent@x"),
            ("message_id", "ref@x"),
            ("case_number", "A-1234"),
        ]

    def test_the_ways_are_named_in_one_place(self) -> None:
        assert [way.__name__ for way in WAYS] == [
            "token_in_addresses",
            "token_in_message_ids",
            "in_reply_to",
            "references",
            "thread_index",
            "case_number_in_subject",
            "case_number_in_body",
        ]

    def test_a_first_mail_has_no_clue(self) -> None:
        assert clues("Subject: hello") == []

    def test_ways_take_any_parsed_mail(self) -> None:
        blank = replace(parse(b""), subject="[A-1234]")

        assert list(candidates(blank)) == [Clue("case_number", "A-1234")]
