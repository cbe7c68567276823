"""Text in the charsets of Japanese mail: rightly labelled, wrongly labelled and not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email import charsets
from madoguchi.channels.email.charsets import Decoded, decode
from madoguchi.channels.email.tests.mails import jis_as_windows_writes_it

GREETING = "お世話になっております。商品の返品についてお問い合わせです。"
VENDOR = "①㈱髙﨑 ﾃｽﾄ ～№"


class TestRightlyLabelled:
    @pytest.mark.parametrize(
        ("label", "codec", "charset"),
        [
            ("utf-8", "utf-8", "utf-8"),
            ("UTF8", "utf-8", "utf-8"),
            ("ISO-2022-JP", "iso-2022-jp", "iso-2022-jp"),
            ("Shift_JIS", "cp932", "cp932"),
            ("x-sjis", "cp932", "cp932"),
            ("windows-31j", "cp932", "cp932"),
            ("EUC-JP", "euc-jp", "euc-jp"),
            ("x-euc-jp", "euc-jp", "euc-jp"),
        ],
    )
    def test_reads_japanese_text(self, label: str, codec: str, charset: str) -> None:
        assert decode(GREETING.encode(codec), label) == Decoded(GREETING, charset, False)

    @pytest.mark.parametrize(
        ("label", "codec", "text"),
        [
            ("gb2312", "gb18030", "请问退货怎么办？"),
            ("big5", "big5", "請問退貨怎麼辦？"),
            ("ks_c_5601-1987", "cp949", "반품은 어떻게 하나요?"),
            ("iso-8859-1", "latin-1", "Où est mon colis envoyé à Besançon ?"),
            ("windows-1251", "cp1251", "Где мой заказ?"),
            ("koi8-r", "koi8-r", "Где мой заказ?"),
            ("utf-16", "utf-16", "返品 please"),
        ],
    )
    def test_reads_the_rest_of_the_world(self, label: str, codec: str, text: str) -> None:
        decoded = decode(text.encode(codec), label)

        assert (decoded.text, decoded.repaired) == (text, False)

    def test_plain_ascii_is_never_a_repair(self) -> None:
        assert decode(b"Hello", "") == Decoded("Hello", "us-ascii", False)
        assert decode(b"Hello", "x-unknown") == Decoded("Hello", "us-ascii", False)


class TestWindowsCharacters:
    """①㈱髙﨑 and half-width kana: in no standard, in every second business mail."""

    def test_in_iso_2022_jp(self) -> None:
        assert decode(jis_as_windows_writes_it(VENDOR), "iso-2022-jp") == Decoded(
            VENDOR, "iso-2022-jp", False
        )

    def test_in_shift_jis(self) -> None:
        assert decode(VENDOR.encode("cp932"), "shift_jis") == Decoded(VENDOR, "cp932", False)

    def test_in_euc_jp(self) -> None:
        kanji = jis_as_windows_writes_it("①㈱髙﨑").removeprefix(b"\x1b$B").removesuffix(b"\x1b(B")
        euc = bytes(byte | 0x80 for byte in kanji) + b" \x8e\xc3\x8e\xbd\x8e\xc4"

        assert decode(euc, "euc-jp") == Decoded("①㈱髙﨑 ﾃｽﾄ", "euc-jp", False)

    def test_user_defined_characters_keep_their_place_in_the_private_area(self) -> None:
        assert decode(b"\x1b$(?\x21\x21\x1b(B", "iso-2022-jp-ms").text == "\ue000"

    def test_half_width_kana_between_shift_out_and_shift_in(self) -> None:
        assert decode(b"\x0eC=D\x0f end", "cp50222").text == "ﾃｽﾄ end"

    def test_supplementary_kanji(self) -> None:
        text = "森鷗外と丂"

        assert decode(text.encode("iso2022_jp_1"), "iso-2022-jp-1") == Decoded(text, "iso-2022-jp", False)

    def test_supplementary_kanji_beside_windows_characters(self) -> None:
        supplement = "丂".encode("iso2022_jp_1")

        assert decode(supplement + jis_as_windows_writes_it("①"), "iso-2022-jp").text == "丂①"

    def test_yen_and_overline_of_jis_roman(self) -> None:
        assert (
            decode(b"\x1b(J\\1,000\x1b(B " + jis_as_windows_writes_it("①"), "iso-2022-jp").text == "¥1,000 ①"
        )

    def test_the_standard_reads_what_the_standard_wrote(self) -> None:
        assert decode("10時〜12時 −5度".encode("iso-2022-jp"), "iso-2022-jp").text == "10時〜12時 −5度"

    @given(st.text(st.sampled_from("あいう漢字カナ①㈱髙﨑德ﾃｽﾄABC 123\n"), max_size=60))
    def test_whatever_windows_writes_comes_back(self, text: str) -> None:
        assert decode(jis_as_windows_writes_it(text), "iso-2022-jp").text == text


class TestLyingLabels:
    @pytest.mark.parametrize(
        "label", ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "euc-jp", "gb18030-x"]
    )
    @pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc-jp", "iso-2022-jp"])
    def test_japanese_under_any_label(self, label: str, codec: str) -> None:
        assert decode(GREETING.encode(codec), label).text == GREETING

    @pytest.mark.parametrize("codec", ["utf-8", "euc-jp", "cp932"])
    def test_eight_bit_text_called_iso_2022_jp(self, codec: str) -> None:
        decoded = decode(GREETING.encode(codec), "iso-2022-jp")

        assert (decoded.text, decoded.repaired) == (GREETING, True)

    def test_utf_8_called_shift_jis_is_not_read_as_mojibake(self) -> None:
        assert decode("日本語".encode(), "shift_jis") == Decoded("日本語", "utf-8", True)

    def test_half_width_kana_in_shift_jis_stay_kana_though_they_are_valid_utf_8(self) -> None:
        assert decode("ﾃｱ".encode("cp932"), "shift_jis") == Decoded("ﾃｱ", "cp932", False)

    @pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc-jp", "iso-2022-jp"])
    def test_no_label_at_all(self, codec: str) -> None:
        decoded = decode(GREETING.encode(codec))

        assert (decoded.text, decoded.repaired) == (GREETING, False)

    def test_western_text_without_a_label(self) -> None:
        assert decode("Le café est fermé.".encode("latin-1")).text == "Le café est fermé."

    def test_western_text_keeps_its_label(self) -> None:
        assert decode("façade".encode("latin-1"), "iso-8859-1") == Decoded("façade", "cp1252", False)

    def test_a_cut_character_costs_that_character_alone(self) -> None:
        decoded = decode(GREETING.encode()[:-1], "utf-8")

        assert decoded == Decoded(GREETING[:-1] + "\ufffd", "utf-8", True)

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            ("佐藤太郎".encode()[:-1], "佐藤太�"),
            ("返品".encode()[:-1], "返�"),
            ("請求書の件.pdf".encode()[:14], "請求書の�"),
            ("返品できますか".encode() + b"\xa0", "返品できますか�"),
            ("キャンセルお願いします".encode() + b"\x92", "キャンセルお願いします�"),
        ],
    )
    def test_a_stray_byte_in_a_few_words_of_utf_8_costs_that_alone(self, data: bytes, text: str) -> None:
        assert decode(data, "utf-8").text == decode(data).text == text

    @pytest.mark.parametrize("codec", ["cp932", "euc_jp"])
    @pytest.mark.parametrize("text", ["佐藤", "返品です", "ﾃｽﾄです", "㈱髙﨑の件", "領収書を送ってください"])
    def test_a_few_words_that_are_called_utf_8_and_are_not(self, codec: str, text: str) -> None:
        if codec == "euc_jp":
            text = text.replace("㈱髙﨑", "高崎")

        assert decode(text.encode(codec), "utf-8").text == text

    def test_a_cut_character_in_iso_2022_jp(self) -> None:
        decoded = decode(b"\x1b$B$*@$OC$K$J$C$F$*$j$\x1b(B.", "iso-2022-jp")

        assert decoded.text.startswith("お世話になっております"[:9])
        assert decoded.repaired

    @pytest.mark.parametrize(
        "label", ["unicode_escape", "idna", "rot13", "zlib", "../../etc", "undefined", "\x00"]
    )
    def test_codecs_that_are_no_charsets_are_never_used(self, label: str) -> None:
        assert charsets.family_of(label) == ""
        assert decode("日本語".encode(), label).text == "日本語"


class TestStorable:
    def test_composes_to_nfc(self) -> None:
        assert decode("か\u3099は\u309a".encode(), "utf-8").text == "がぱ"

    def test_drops_control_characters_but_keeps_tabs_and_line_ends(self) -> None:
        assert decode(b"a\x00b\tc\r\nd\x07", "utf-8").text == "ab\tc\r\nd"

    def test_drops_byte_order_marks(self) -> None:
        assert decode("\ufeff件名".encode(), "utf-8").text == "件名"

    def test_replaces_lone_surrogates(self) -> None:
        assert charsets.clean("a\udc80b") == "a\ufffdb"

    @given(
        st.binary(max_size=300),
        st.sampled_from(["", "utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "latin1", "utf-7"]),
    )
    def test_any_bytes_under_any_label_become_storable_text(self, data: bytes, label: str) -> None:
        text = decode(data, label).text

        assert "\x00" not in text
        assert text.encode("utf-8").decode("utf-8") == text
        assert charsets.clean(text) == text

    @given(
        st.lists(
            st.sampled_from(
                [b"\x1b$B", b"\x1b(B", b"\x1b(I", b"\x1b$(D", b"\x1b$(?", b'$"', b"!", b"\n", b"\xa4"]
            )
        )
    )
    def test_any_mixture_of_escapes_is_read(self, pieces: list[bytes]) -> None:
        assert isinstance(decode(b"".join(pieces), "iso-2022-jp").text, str)
