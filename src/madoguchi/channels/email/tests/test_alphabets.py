"""Mail for old phones and old mail software: what they cannot show is replaced, and the writer is told."""

import email
import email.policy
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.channels.email.alphabets import ISO_2022_JP, MISSING, fitted_to_jis, replaced
from madoguchi.channels.email.charsets import clean
from madoguchi.channels.email.compose import Attachment, compose
from madoguchi.channels.email.parse import Address, parse
from madoguchi.channels.email.tests.test_compose import REQUEST

OLD = replace(REQUEST, alphabet=ISO_2022_JP)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class TestReplacing:
    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("①②⑳", {"①": "(1)", "②": "(2)", "⑳": "(20)"}),
            (
                "㈱窓口 ㍻ ㎡ № ℡ Ⅲ ½",
                {"㈱": "(株)", "㍻": "平成", "㎡": "m2", "№": "No", "℡": "TEL", "Ⅲ": "III", "½": "1/2"},
            ),
            ("髙橋 﨑 𠮷 德 濵", {"髙": "高", "﨑": "崎", "𠮷": "吉", "德": "徳", "濵": "浜"}),
            ("ｶﾞｷﾞ ﾊﾟﾝ", {"ｶﾞｷﾞ": "ガギ", "ﾊﾟﾝ": "パン"}),
            ("ﾞ ﾜﾞ ﾅﾟ", {"ﾞ": "゛", "ﾜﾞ": "ワ゛", "ﾅﾟ": "ナ゜"}),  # no letter of the standard carries the mark
            ("café € – •", {"é": "e", "€": "EUR", "–": "-", "•": "・"}),
            ("😊韩", {"😊": "〓", "韩": "〓"}),
        ],
    )
    def test_what_old_software_has_no_letter_for_is_replaced_readably(
        self, typed: str, told: dict[str, str]
    ) -> None:
        assert replaced(typed) == told
        assert set(fitted_to_jis(typed)).isdisjoint(set("".join(told)))

    @pytest.mark.parametrize("typed", ["いつもの文章です。ABC 123", "〜−―‖￥", "～－—∥¥", "葛\U000e0100城"])
    def test_what_looks_the_same_is_not_told(self, typed: str) -> None:
        assert replaced(typed) == {}

    @pytest.mark.parametrize(
        ("typed", "arrives"),
        [("10時～12時", "10時〜12時"), ("－5℃", "−5℃"), ("待って—", "待って―"), ("∥¥100", "‖￥100")],
    )
    def test_one_sign_with_two_names_takes_the_standard_one(self, typed: str, arrives: str) -> None:
        assert fitted_to_jis(typed) == arrives

    @unhurried
    @given(st.text())
    @example("ﾞ")
    def test_anything_at_all_can_be_written(self, typed: str) -> None:
        fitted = fitted_to_jis(typed)

        assert ISO_2022_JP.encoded(fitted).isascii()
        assert b"\x1b(J" not in ISO_2022_JP.encoded(fitted)

    def test_any_half_width_letters_beside_each_other_can_be_written(self) -> None:
        half_width = [chr(code) for code in range(0xFF61, 0xFFA0)]
        pairs = " ".join(first + second for first, second in product(half_width, half_width))

        assert MISSING not in fitted_to_jis(pairs)
        assert ISO_2022_JP.encoded(fitted_to_jis(pairs)).isascii()


class TestOldMail:
    TEXT = "髙橋様\n\n㈱窓口の﨑です。①10時～12時 ②ｶﾗｰ –"
    ARRIVES = "高橋様\n\n(株)窓口の崎です。(1)10時〜12時 (2)カラー -"

    def test_the_body_is_seven_bit_jis_that_pythons_own_codec_reads(self) -> None:
        mail = email.message_from_bytes(compose(replace(OLD, text=self.TEXT)), policy=email.policy.default)

        assert mail["Content-Type"] == 'text/plain; charset="ISO-2022-JP"'
        assert mail["Content-Transfer-Encoding"] == "7bit"
        assert mail.get_content() == f"{self.ARRIVES}\n".replace("\n", "\r\n")

    def test_every_line_of_the_body_ends_in_ascii(self) -> None:
        _headers, _, body = compose(replace(OLD, text="一行目\n二行目")).partition(b"\r\n\r\n")

        assert body == "一行目".encode("iso2022_jp") + b"\r\n" + "二行目".encode("iso2022_jp") + b"\r\n"

    def test_headers_are_written_in_the_same_letters(self) -> None:
        request = replace(
            OLD,
            subject="Re: ㈱窓口の件 [A-1]",
            from_name="青空商店～窓口",
            to=(Address("髙橋", "a@docomo.example"),),
        )
        raw = compose(request)
        mail = email.message_from_bytes(raw, policy=email.policy.default)

        assert b"UTF-8" not in raw.upper()
        assert mail["Subject"] == "Re: (株)窓口の件 [A-1]"
        assert str(mail["From"]) == "青空商店〜窓口 <support@shop.example>"
        assert str(mail["To"]) == "高橋 <a@docomo.example>"

    def test_our_own_parser_reads_the_whole_mail_back(self) -> None:
        request = replace(OLD, text=self.TEXT, subject="髙橋様の件" * 10)

        mail = parse(compose(request))

        assert mail.text.strip() == self.ARRIVES
        assert mail.subject == "高橋様の件" * 10
        assert mail.warnings == ()

    def test_a_file_has_its_whole_name_for_new_software_and_one_in_old_letters(self) -> None:
        file = Attachment("髙橋様 御見積書①.pdf", "application/pdf", b"%PDF")

        raw = compose(replace(OLD, attachments=(file,)))

        assert b"=?ISO-2022-JP?B?" in raw.partition(b'name="')[2]
        assert b"filename*0*=UTF-8''%E9%AB%99%E6%A9%8B" in raw
        assert [a.filename for a in parse(raw).attachments] == ["髙橋様 御見積書①.pdf"]

    def test_a_line_longer_than_a_server_takes_is_broken(self) -> None:
        raw = compose(replace(OLD, text="長" * 2_000))

        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert parse(raw).text.replace("\n", "") == "長" * 2_000

    def test_but_none_of_html_where_a_line_end_is_a_blank_between_letters(self) -> None:
        html = f'<p>{"長" * 2_000}<a href="https://shop.example/{"a" * 1_200}">ここ</a></p>'
        raw = compose(replace(OLD, text="長い", html=html))
        [_plain, laid_out] = email.message_from_bytes(raw, policy=email.policy.default).iter_parts()

        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert laid_out.get_content() == html
        assert laid_out.get_content_charset() == "iso-2022-jp"

    @unhurried
    @given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))
    def test_whatever_is_written_arrives_as_it_was_told(self, text: str) -> None:
        mail = parse(compose(replace(OLD, text=text, subject="件名")))

        assert mail.text.strip() == fitted_to_jis(clean(text)).strip()
