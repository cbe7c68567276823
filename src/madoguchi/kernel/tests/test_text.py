"""Text as it is stored, and card numbers that never are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.text import (
    BLOT,
    as_cell,
    blot_card_numbers,
    blot_spoken_card_numbers,
    clean,
    fold,
    from_cell,
    is_card_number,
    one_line,
    whole_number,
)

VISA, AMEX = "4111111111111111", "378282246310005"


def luhn_digit(body: str) -> str:
    """The digit that makes a card number of the digits before it."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Any number of 13 to 19 digits that passes the check and is not one digit repeated."""
    body = draw(st.text("0123456789", min_size=12, max_size=18).filter(lambda s: len(set(s)) > 1))
    return body + luhn_digit(body)


@st.composite
def other_numbers(draw: st.DrawFn) -> str:
    """A number of 13 to 19 digits that does not pass it."""
    card = draw(card_numbers())
    return card[:-1] + str((int(card[-1]) + draw(st.integers(1, 9))) % 10)


UNSEEN = " \n\r\t\v\u00a0\u3000\u2003\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u0000\u3164\uffa0\ufe0f\u034f"
FORMULA = "=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋﬩⩵−"


class TestCells:
    @given(st.text(UNSEEN, max_size=6), st.sampled_from(FORMULA), st.text(max_size=10))
    def test_nothing_is_taken_for_a_formula_whatever_stands_before_it(
        self, before: str, first: str, after: str
    ) -> None:
        words = before + first + after

        assert as_cell(words) == f"'{words}"

    @given(st.text(" \u3000\n\u200b", max_size=4), st.text(max_size=20))
    def test_all_else_stays_as_it_is(self, before: str, words: str) -> None:
        seen = unicodedata.normalize("NFKC", words).lstrip(UNSEEN)
        cell = as_cell(before + "品" + words)

        assert cell == before + "品" + words
        assert as_cell(words) in (words, f"'{words}")
        assert as_cell(words) == f"'{words}" or seen[:1] not in tuple("=+-@")

    @pytest.mark.parametrize(
        "words", ["", " ", "\n", "5℃", "03-1234-5678", "'1", "'品", "A=1", "返品 -3 点", "〜＝", "ー", "–"]
    )
    def test_plain_words_are_left_alone(self, words: str) -> None:
        assert as_cell(words) == words

    @given(
        st.text("'", max_size=3),
        st.one_of(st.text(max_size=20), st.text("'=＝+＋-－−@＠\t\r\n\u200b 品", max_size=8)),
    )
    def test_what_was_made_a_cell_is_read_as_it_was(self, before: str, words: str) -> None:
        assert from_cell(as_cell(before + words)) == before + words
        assert from_cell("品" + words) == "品" + words

    @pytest.mark.parametrize(
        ("cell", "words"), [("'＝1", "＝1"), ("'＋5℃", "＋5℃"), ("''-1", "'-1"), ("'品", "'品"), ("'", "'")]
    )
    def test_an_apostrophe_that_stands_for_nothing_stays(self, cell: str, words: str) -> None:
        assert from_cell(cell) == words

    @pytest.mark.parametrize(
        "words", ["'=1", "''＠A", "－5℃", "+81 3-1234-5678", "\t1", "\r1", "\n=1", "\u200b＠SUM(A1)"]
    )
    def test_what_begins_like_a_formula_is_read_behind_an_apostrophe(self, words: str) -> None:
        assert as_cell(words) == f"'{words}"


class TestClean:
    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            ("か\u3099き", "がき"),
            ("一\r\n二\r三\n四", "一\n二\n三\n四"),
            ("a\x00b\x07c\x7fd", "abcd"),
            ("列\t列", "列\t列"),
            ("前\ud83d後", "前後"),
            ("😀①㈱髙﨑", "😀①㈱髙﨑"),
            ("", ""),
        ],
    )
    def test_what_is_stored(self, written: str, stored: str) -> None:
        assert clean(written) == stored

    @given(st.text(alphabet=st.characters(codec=None)))
    def test_any_text_becomes_one_that_a_database_takes_and_stays_so(self, written: str) -> None:
        stored = clean(written)
        stored.encode()
        assert "\x00" not in stored
        assert "\r" not in stored
        assert unicodedata.is_normalized("NFC", stored)
        assert clean(stored) == stored


class TestOneLine:
    def test_white_space_is_folded_and_length_is_held(self) -> None:
        assert one_line("  返品　に\r\n ついて\t") == "返品 に ついて"
        assert one_line("長" * 600) == "長" * 500
        assert one_line("長い件名", most=2) == "長い"
        assert one_line("invoice\u202efdp.exe \u2066x\u2069") == "invoicefdp.exe x"

    @given(st.text())
    def test_it_is_one_line(self, written: str) -> None:
        assert len(one_line(written).splitlines()) <= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("ＡＢＣ", "abc"), ("ｶﾞｲﾄﾞ", "ガイド"), ("①", "1"), ("Straße", "STRASSE"), ("㈱", "(株)")],
)
def test_variants_compare_equal_when_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


class TestCardNumbers:
    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            (VISA, "■■■■■■■■■■■■1111"),
            (AMEX, "■■■■■■■■■■■0005"),
            ("4111 1111 1111 1111", "■■■■ ■■■■ ■■■■ 1111"),
            ("4111-1111-1111-1111", "■■■■-■■■■-■■■■-1111"),
            ("3782 822463 10005", "■■■■ ■■■■■■ ■0005"),
            ("４１１１　１１１１　１１１１　１１１１", "■■■■　■■■■　■■■■　１１１１"),
            ("4111−1111‐1111–1111", "■■■■−■■■■‐■■■■–1111"),
            ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "■ ■ ■ ■ ■ ■ ■ ■ ■ ■ ■ ■ 1 1 1 1"),
            ("番号は4111111111111111です。", "番号は■■■■■■■■■■■■1111です。"),
            ("4111 1111 1111 1111 12/28", "■■■■ ■■■■ ■■■■ 1111 12/28"),
            ("4111 1111 1111 1111 1228", "■■■■ ■■■■ ■■■■ 1111 1228"),
            ("12 4111111111111111", "12 ■■■■■■■■■■■■1111"),
            ("090-1234-5678 4111-1111-1111-1111", "090-1234-5678 ■■■■-■■■■-■■■■-1111"),
            ("4111.1111.1111.1111", "■■■■.■■■■.■■■■.1111"),
            ("4111  1111  1111  1111", "■■■■  ■■■■  ■■■■  1111"),
            ("4111 - 1111 - 1111 - 1111", "■■■■ - ■■■■ - ■■■■ - 1111"),
            ("4111 1111\n1111 1111", "■■■■ ■■■■\n■■■■ 1111"),
            ("4111\u200b1111\u200b1111\u200b1111", "■■■■\u200b■■■■\u200b■■■■\u200b1111"),
            ("3782/822463/10005", "■■■■/■■■■■■/■0005"),
            ('4111<b title="9">1111</b>&nbsp;1111 1111', '■■■■<b title="9">■■■■</b>&nbsp;■■■■ 1111'),
            (f"{VISA} {AMEX}", "■■■■■■■■■■■■1111 ■■■■■■■■■■■0005"),
            (f"{VISA}\n{AMEX}", "■■■■■■■■■■■■1111\n■■■■■■■■■■■0005"),
            ("4111*1111*1111*1111#", "■■■■*■■■■*■■■■*1111#"),
            ("2＊4111＊1111＊1111＊1111", "2＊■■■■＊■■■■＊■■■■＊1111"),
        ],
    )
    def test_they_are_blotted_but_for_the_last_four(self, written: str, stored: str) -> None:
        assert blot_card_numbers(written) == stored

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "ご注文番号 20260401-0012",
            "0120-444-444",
            "4111111111111112",
            "0000000000000000",
            "411111111111",
            "41111111111111111111",
            "4111.1111.1111.1112",
            "41.11.11.11.11.11.11.11",
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14",
            "2026年4月1日 10時15分 03-1234-5678",
        ],
    )
    def test_other_numbers_stay(self, written: str) -> None:
        assert blot_card_numbers(written) == written

    @given(card_numbers(), st.text("あ、。 \n番号abc", max_size=8), st.text("あ、。 \n番号abc", max_size=8))
    def test_every_card_number_is_found_in_any_text(self, card: str, before: str, after: str) -> None:
        stored = blot_card_numbers(before + card + after)
        assert stored == before + BLOT * (len(card) - 4) + card[-4:] + after

    @pytest.mark.parametrize(
        ("said", "stored"),
        [
            ("四一一一の一一一一の一一一一の一一一一です", "■■■■の■■■■の■■■■の一一一一です"),
            # the month it expires, and a phone number before, digit by digit
            ("0 9 0 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 8", "0 9 0" + " ■" * 12 + " 1 1 1 1 1 2 8"),
            ("三七八二、えーと、八二二四六三、はい、一〇〇零五", "■■■■、えーと、■■■■■■、はい、■〇〇零五"),
            ("四一一一 一一一一 一一一一 一一一二 です", "四一一一 一一一一 一一一一 一一一二 です"),
            ("〇九〇 一二三四 五六七八 の 一つ目", "〇九〇 一二三四 五六七八 の 一つ目"),
        ],
    )
    def test_spoken_ones_are_found_in_kanji_and_among_other_digits(self, said: str, stored: str) -> None:
        assert blot_spoken_card_numbers(said) == stored

    @given(card_numbers(), st.sampled_from([" ", "-", "　", "－", "‐", "−"]))
    def test_however_it_is_grouped(self, card: str, between: str) -> None:
        written = between.join(card[i : i + 4] for i in range(0, len(card), 4))
        stored = blot_card_numbers(written)
        assert [c for c in stored if c.isdigit()] == list(card[-4:])
        assert len(stored) == len(written)

    @given(other_numbers())
    def test_no_other_number_of_one_piece_is_touched(self, number: str) -> None:
        assert blot_card_numbers(number) == number

    @given(st.text(alphabet=st.sampled_from("0123456789 -　０１２あ")))
    def test_nothing_but_digits_changes_and_once_is_enough(self, written: str) -> None:
        stored = blot_card_numbers(written)
        assert len(stored) == len(written)
        assert all(
            new == old or (new == BLOT and old.isdecimal()) for old, new in zip(written, stored, strict=True)
        )

    def test_a_megabyte_of_digits_takes_no_time_to_speak_of(self) -> None:
        """Grows with the length alone: a mail full of digits must not hold up the door."""
        assert blot_card_numbers("12345 " * 170_000).count(BLOT) >= 0


class TestACardNumberInPlaceOfAPhoneNumber:
    @pytest.mark.parametrize(
        "written",
        [
            "4111111111111111",
            "4111 1111-1111 1111",
            "4111.1111.1111.1111",
            "(4111)1111-1111-1111",
            "４１１１－１１１１－１１１１－１１１１",
            "378282246310005",
            "30569309025904",
            "TEL 4111 1111 1111 1111 12/29",
        ],
    )
    def test_is_known(self, written: str) -> None:
        assert is_card_number(written)

    @pytest.mark.parametrize(
        "written",
        [
            "090-1234-5678",
            "+81 (0)90-1234-5678",
            "03-1234-5678 03-9876-5432",
            "4111111111111112",
            "4222222222222",  # 13 digits, which pass
            "00000000000000",
            "misaki@home.example",
            "",
        ],
    )
    def test_is_no_other_number(self, written: str) -> None:
        assert not is_card_number(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("", None),
        ("-1", None),
        (" 1", None),
        ("1.5", None),
    ],
)
def test_a_whole_number_is_what_fits_into_a_column(written: str, meant: int | None) -> None:
    assert whole_number(written) == meant
    assert whole_number("１２") is None
    assert whole_number("1234", most_digits=3) is None
