"""Header values as mailers really write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.headers import (
    Address,
    addresses_of,
    date_of,
    mailbox,
    message_ids_of,
    parameters_of,
    text_of,
)
from madoguchi.channels.email.tests.mails import word


def raw(value: bytes) -> str:
    """As the parser hands a header over: bytes above 127 as surrogates."""
    return value.decode("ascii", "surrogateescape")


class TestSubjects:
    @pytest.mark.parametrize(
        ("value", "subject"),
        [
            ("Order 42", "Order 42"),
            ("  padded \t", "padded"),
            ("folded\r\n here", "folded here"),
            (word("返品について"), "返品について"),
            (word("返品について", "utf-8"), "返品について"),
            ("=?UTF-8?Q?=E8=BF=94=E5=93=81?=", "返品"),
            ("=?utf-8?q?a_b=5Fc?=", "a b_c"),
            (f"Re: {word('返品')}", "Re: 返品"),
            (f"{word('返品')}\r\n {word('について')}", "返品について"),
            (f"{word('返品')}{word('について')}", "返品について"),
            (f"{word('返品')} and {word('交換')}", "返品 and 交換"),
            (f"[A-1]{word('返品')}", "[A-1]返品"),
            (f"{word('返品')} {word('交換', 'utf-8')}", "返品交換"),
            ("=?UTF-8*ja?B?6L+U5ZOB?=", "返品"),
            ("=?unknown?B?6L+U5ZOB?=", "返品"),
            ("=?broken", "=?broken"),
            ("", ""),
        ],
    )
    def test_decodes(self, value: str, subject: str) -> None:
        assert text_of(value) == subject

    def test_a_character_split_between_two_words(self) -> None:
        # 返 is E8 BF 94; the first word ends after two of its bytes.
        assert text_of("=?UTF-8?B?6L8=?=\r\n =?UTF-8?B?lOWTgQ==?=") == "返品"
        assert text_of("=?UTF-8?Q?=E8=BF?= =?UTF-8?Q?=94=E5=93=81?=") == "返品"

    def test_base64_cut_into_words_without_regard_to_its_groups(self) -> None:
        assert text_of("=?UTF-8?B?6L+U5Z?= =?UTF-8?B?OB?=") == "返品"

    def test_base64_without_padding_and_with_dirt(self) -> None:
        assert text_of("=?UTF-8?B?6L+U5ZOB44!=?=") == "返品\ufffd"
        assert text_of("=?UTF-8?B?6L+U5ZOBA?=") == "返品"

    @pytest.mark.parametrize("codec", ["utf-8", "iso-2022-jp", "cp932", "euc-jp"])
    def test_raw_bytes_without_any_label(self, codec: str) -> None:
        assert text_of(raw("商品の返品についてです".encode(codec))) == "商品の返品についてです"

    def test_line_ends_inside_encoded_words_cannot_break_out(self) -> None:
        assert text_of(word("一\n二\r\n三", "utf-8")) == "一 二 三"

    def test_windows_characters(self) -> None:
        assert text_of("=?ISO-2022-JP?B?GyRCLSEbKEI=?=") == "①"

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
    def test_never_raises(self, value: str) -> None:
        assert "\n" not in text_of(f"=?utf-8?b?{value}?= {value} =?x?q?{value}?=")


class TestAddresses:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("taro@example.com", [("", "taro@example.com")]),
            ("<taro@Example.COM>", [("", "taro@example.com")]),
            ("Taro Yamada <taro@example.com>", [("Taro Yamada", "taro@example.com")]),
            ('"Yamada, Taro" <taro@example.com>', [("Yamada, Taro", "taro@example.com")]),
            (r'"Taro \"T\" \\ Yamada" <taro@example.com>', [('Taro "T" \\ Yamada', "taro@example.com")]),
            ("taro@example.com (Taro)", [("Taro", "taro@example.com")]),
            ("a@x.jp, B <b@y.jp>;c@z.jp", [("", "a@x.jp"), ("B", "b@y.jp"), ("", "c@z.jp")]),
            ("undisclosed-recipients:;", []),
            ("Team: a@x.jp, b@y.jp;, c@z.jp", [("", "a@x.jp"), ("", "b@y.jp"), ("", "c@z.jp")]),
            ("foo..bar.@docomo.ne.jp", [("", "foo..bar.@docomo.ne.jp")]),
            ('"foo..bar."@docomo.ne.jp', [("", "foo..bar.@docomo.ne.jp")]),
            ('<"foo..bar."@docomo.ne.jp>', [("", "foo..bar.@docomo.ne.jp")]),
            ("<@relay.jp,@b.jp:taro@example.com>", [("", "taro@example.com")]),
            ("Taro <taro@example.com", [("Taro", "taro@example.com")]),
            ('"Taro <taro@example.com>', [("Taro", "taro@example.com")]),
            ("no address", []),
            ("@", []),
            ("", []),
        ],
    )
    def test_reads(self, value: str, expected: list[tuple[str, str]]) -> None:
        assert addresses_of(value) == tuple(Address(name, address) for name, address in expected)

    @pytest.mark.parametrize("quote", ['"', ""])
    def test_encoded_names_in_and_out_of_quotes(self, quote: str) -> None:
        value = f"{quote}{word('山田 太郎')}{quote} <taro@example.com>, b@y.jp"

        assert addresses_of(value) == (Address("山田 太郎", "taro@example.com"), Address("", "b@y.jp"))

    def test_a_comma_inside_an_encoded_name_separates_nothing(self) -> None:
        assert addresses_of(f"{word('山田, 太郎')} <taro@example.com>") == (
            Address("山田, 太郎", "taro@example.com"),
        )

    def test_name_and_address_encoded_together(self) -> None:
        assert addresses_of(word("山田 <taro@example.com>")) == (Address("山田", "taro@example.com"),)

    @pytest.mark.parametrize("codec", ["utf-8", "iso-2022-jp", "cp932", "euc-jp"])
    def test_raw_japanese_names(self, codec: str) -> None:
        # In Shift_JIS the second byte of ソ is a backslash, in ISO-2022-JP kanji hold quotes and commas.
        value = raw('"ソフト商店のお問い合わせ窓口" <shop@example.com>'.encode(codec))

        assert addresses_of(value) == (Address("ソフト商店のお問い合わせ窓口", "shop@example.com"),)

    def test_blanks_and_controls_do_not_reach_the_address(self) -> None:
        assert mailbox(" ta ro@exam\x00ple.com ") == Address("", "taro@example.com")
        assert addresses_of("Ta\x00ro <taro@exam\x00\x10ple.com>") == (Address("Taro", "taro@example.com"),)
        # The quotation mark that was never closed takes name and address along.
        assert addresses_of('Taro"<ta\x00ro@exam\x00ple.com') == (Address("Taro", "taro@example.com"),)

    @given(st.text('"\\<>(),;:@ aé', max_size=60))
    def test_any_punctuation_is_read(self, value: str) -> None:
        assert all("@" in address.address for address in addresses_of(value))

    def test_hostile_lengths_cost_one_pass(self) -> None:
        for piece in ('"', '\\"', "(", "<", " ", "a@b ", '"\\'):
            assert isinstance(addresses_of(piece * 100_000), tuple)

    def test_wide_brackets_that_never_close_cost_one_pass(self) -> None:
        assert addresses_of("\uff1c" + "@" * 400_000) == ()

    @pytest.mark.parametrize("address", ["taro@x.example", "@taro@x.example"])
    def test_wide_brackets_are_read_as_narrow_ones(self, address: str) -> None:
        assert addresses_of(f"Taro \uff1c{address}\uff1e") == addresses_of(f"Taro <{address}>")


class TestParameters:
    def test_value_alone(self) -> None:
        assert parameters_of("Text/Plain") == ("text/plain", {})

    def test_quoted_and_bare(self) -> None:
        value = 'text/plain; Charset=UTF-8 ; format=flowed; name="a; b.txt"'

        assert parameters_of(value) == (
            "text/plain",
            {"charset": "UTF-8", "format": "flowed", "name": "a; b.txt"},
        )

    def test_extended_with_charset(self) -> None:
        value = "attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D.pdf"

        assert parameters_of(value)[1] == {"filename": "見積.pdf"}

    def test_continued_sections_in_any_order_splitting_a_character(self) -> None:
        value = "attachment;\r\n filename*1*=%8B%E7%A9%8D;\r\n filename*2=.pdf;\r\n filename*0*=UTF-8''%E8%A6"

        assert parameters_of(value)[1] == {"filename": "見積.pdf"}

    def test_shift_jis_and_iso_2022_jp_sections(self) -> None:
        assert parameters_of("a; filename*=Shift_JIS''%8C%A9%90%CF.pdf")[1] == {"filename": "見積.pdf"}
        assert parameters_of("a; filename*=ISO-2022-JP''%1B%24B8%2B%40Q%1B%28B.pdf")[1] == {
            "filename": "見積.pdf"
        }

    def test_continued_without_encoding(self) -> None:
        assert parameters_of('a; filename*0="long "; filename*1="name.txt"')[1] == {
            "filename": "long name.txt"
        }

    def test_the_extended_form_wins(self) -> None:
        assert parameters_of("a; filename=\"x.pdf\"; filename*=UTF-8''%E8%A6%8B.pdf")[1] == {
            "filename": "見.pdf"
        }

    def test_backslashes_of_windows_paths_survive(self) -> None:
        assert parameters_of(r'a; filename="C:\docs\a.txt"')[1] == {"filename": r"C:\docs\a.txt"}

    def test_an_unclosed_quote_runs_to_the_end(self) -> None:
        assert parameters_of('a; filename="open.txt')[1] == {"filename": "open.txt"}

    @given(st.text("abc*='\"%;=0189 \\", max_size=60))
    def test_any_punctuation_is_read(self, value: str) -> None:
        assert isinstance(parameters_of("x; filename*" + value), tuple)


class TestMessageIds:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("<a@x>", ("a@x",)),
            ("<a@x> <b@y>\r\n\t<c@z>", ("a@x", "b@y", "c@z")),
            ("<a@x><b@y>", ("a@x", "b@y")),
            ("<a@x> <b@y> <a@x>", ("a@x", "b@y")),
            ("<very-long-\r\n id@x>", ("very-long-id@x",)),
            ('Your message of Friday <a@x> "subject"', ("a@x",)),
            ("a@x b@y", ("a@x", "b@y")),
            ("no identifiers", ()),
            ("", ()),
        ],
    )
    def test_reads(self, value: str, expected: tuple[str, ...]) -> None:
        assert message_ids_of(value) == expected


class TestDates:
    def test_with_a_zone(self) -> None:
        japan = timezone(timedelta(hours=9))

        assert date_of("Fri, 1 Mar 2024 10:15:30 +0900 (JST)") == datetime(
            2024, 3, 1, 10, 15, 30, tzinfo=japan
        )

    def test_without_a_zone_is_utc(self) -> None:
        date = date_of("Fri, 1 Mar 2024 10:15:30 -0000")

        assert date == datetime(2024, 3, 1, 10, 15, 30, tzinfo=UTC)
        assert date is not None
        assert date.tzinfo is not None

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "yesterday",
            "Fri, 31 Feb 2024 10:15:30 +0900",
            "Thu, 1 Jan 1970 00:00:00 +0000",
            "Fri, 1 Mar 2124 10:15:30 +0900",
            "Fri, 1 Mar 2024 10:15:30 +9999",
            "Fri, 1 Mar 99999999999 10:15:30 +0900",
        ],
    )
    def test_what_is_no_date_of_our_time_is_none(self, value: str) -> None:
        assert date_of(value) is None

    @given(st.text(max_size=40))
    def test_never_raises(self, value: str) -> None:
        date = date_of(value)

        assert date is None or date.tzinfo is not None
