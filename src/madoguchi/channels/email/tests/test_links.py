"""Where a link leads stands beside it unless its words say so, and a disguised one is called so."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from madoguchi.channels.email.links import Beside, _is_a_name, beside, is_lookalike

WEB, EVIL = "https://shop.example/a", "https://evil.example/"
# What may stand in the words of a link to evil.example, and what it calls for where nothing else stands there.
SAID: list[tuple[str, Beside]] = [
    ("evil.example", ""),
    ("EVIL.example", ""),
    ("www.evil.example", ""),
    ("https://evil.example/a?to=bank.example", ""),
    ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ", ""),
    ("evil。example", ""),
    ("info@evil.example", ""),
    ("こちら", "host"),
    ("evil", "host"),
    ("evil.", "host"),
    ("資料.pdf", "host"),
    ("bank.example", "trap"),
    ("notevil.example", "trap"),
    ("https://evil.example@bank.example", "trap"),
    ("https://evil.example.bank.example/", "trap"),
    ("info@bank.example", "trap"),
    ("evil\u202e.example", "trap"),
]


class TestWeb:
    @pytest.mark.parametrize(
        ("words", "what"),
        [
            ("shop.example", ""),
            ("https://shop.example/a?b=1", ""),
            ("ＨＴＴＰＳ：／／ｓｈｏｐ．ｅｘａｍｐｌｅ／", ""),
            ("www.shop.example", ""),
            ("詳しくはshop.exampleから", ""),
            ("詳しくはhttps://shop.exampleから。", ""),
            ("https://shop.example/?to=bank.co.jp", ""),
            ("お問い合わせは shop.example、または電話で", ""),
            ("こちら", "host"),
            ("楽天市場", "host"),
            ("", "host"),
            ("請求書.pdf", "host"),
            ("manual.html", "host"),
            ("See Node.js 20.1", "host"),
            ("v1.2.3", "host"),
            ("example", "host"),
            ("info@shop.example", ""),
            ("bank.co.jp", "trap"),
            ("ｈｔｔｐｓ：//bank.co.jp/login", "trap"),
            ("bank。co。jp", "trap"),
            ("HTTPS:///bank.example", "trap"),
            ("https://shop.example@bank.example", "trap"),
            ("https://bank.co.jp@shop.example/", "trap"),
            ("shop.example (bank.co.jp)", "trap"),
            ("info@bank.example", "trap"),
            ("b\u200bank.exam\u00adple", "trap"),
            ("shop.example\u202e", "trap"),
            ("みずほ.example", "trap"),
            ("\u200b" * 2000 + "bank.co.jp", "trap"),
        ],
    )
    def test_by_what_its_words_say(self, words: str, what: Beside) -> None:
        assert beside(WEB, "shop.example", words) == what

    @pytest.mark.parametrize(
        ("host", "words", "what"),
        [
            ("www.shop.example", "shop.example", ""),
            ("my.shop.example", "shop.example", "host"),
            ("evil.co.jp", "co.jp", "host"),
            ("shop.example.evil.example", "shop.example", "trap"),
            ("notshop.example", "shop.example", "trap"),
            ("xn--shop-f79hm9d.jp", "日本shop.jp", ""),
            ("xn--wgv71a.example", "日本.example", ""),
            ("xn--mller-kva.example", "こちら", "host"),
            ("xn--pple-43d.example", "こちら", "trap"),
            ("192.0.2.1", "192.0.2.1のページ", "host"),
        ],
    )
    def test_by_the_host(self, host: str, words: str, what: Beside) -> None:
        assert beside(f"https://{host}/", host, words) == what

    @pytest.mark.parametrize(
        "href", ["https://bank.co.jp@evil.example/", "https://a:b@evil.example", "https://[x"]
    )
    def test_whatever_the_words_an_address_with_a_user_is_disguised(self, href: str) -> None:
        assert beside(href, "evil.example", "evil.example") == "trap"

    @given(st.lists(st.sampled_from(SAID), max_size=6), st.data())
    def test_the_worst_of_what_stands_in_words_decides(
        self, said: list[tuple[str, Beside]], data: DataObject
    ) -> None:
        """Whatever is said in whatever order, with letters between that nobody sees."""
        words = " ".join(word for word, _what in said)
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(words)))
            words = f"{words[:at]}\u200b{words[at:]}"
        whats = {what for _word, what in said}

        assert beside(EVIL, "evil.example", words) == next((w for w in ("trap", "") if w in whats), "host")

    @given(
        st.lists(
            st.sampled_from([*"evilxamp.:/@-＠．／ 。銀\u200b\u202e", "evil", ".example", "evil.example"])
        )
    )
    def test_no_words_that_do_not_hold_the_host_leave_it_out(self, letters: list[str]) -> None:
        words = "".join(letters)
        seen = normalize("NFKC", words.replace("\u200b", "")).replace("。", ".")

        what = beside(EVIL, "evil.example", words)

        assert what != "" or ("evil.example" in seen and "\u202e" not in seen)
        assert what == "trap" or "\u202e" not in seen

    def test_endless_words_end(self) -> None:
        assert beside(EVIL, "evil.example", "a." * 500_000 + "@" * 500_000) == "host"

    @pytest.mark.parametrize(
        ("label", "is_host"),
        [("a" * 1_000_000, True), ("あ" * 1_000_000, True), ("あ" + "a" * 1_000_000, False)],
    )
    def test_a_label_is_looked_through_once(self, label: str, is_host: bool) -> None:
        assert _is_a_name(f"あ.{label}.jp", "") is is_host


@pytest.mark.parametrize(
    ("host", "lookalike"),
    [
        ("apple.example", False),
        ("xn--pple-43d.example", True),
        ("xn--80ak6aa92e.com", True),
        ("xn--e1afmkfd.xn--p1ai", False),
        ("xn--wgv71a.example", False),
        ("xn--mller-kva.example", False),
        ("xn--aaaaaaaaaaaaaaaaaaa0.example", True),
    ],
    ids=["plain", "one letter", "all letters", "Russian", "Japanese", "German", "broken"],
)
def test_a_host_in_letters_that_look_like_others(host: str, lookalike: bool) -> None:
    assert is_lookalike(host) is lookalike


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("info@shop.example", ""),
        ("メール: INFO@Shop.example", ""),
        ("お問い合わせ", "host"),
        ("shop.example", "host"),
        ("info@bank.example", "trap"),
        ("bank.example", "trap"),
    ],
)
def test_a_mail_address(words: str, what: Beside) -> None:
    assert beside("mailto:info@shop.example?subject=x", "info@shop.example", words) == what


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("03-1234-5678", ""),
        ("０３（１２３４）５６７８", ""),
        ("+81 3 1234 5678", ""),
        ("電話する", "host"),
        ("内線 123", "host"),
        ("0120-000-000", "trap"),
        ("03-1234-5678（9:00～18:00）", ""),
        ("03-1234-5678 10時～18時", ""),
        ("24時間受付", "host"),
        ("0120-000-000（9:00～18:00）", "trap"),
    ],
)
def test_a_phone_number(words: str, what: Beside) -> None:
    assert beside("tel:+81-3-1234-5678", "+81-3-1234-5678", words) == what
