"""Pictures and files within the words of an article: what may be one, what names one, how it is laid out. Pure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.pictures import MOST_DOTS
from madoguchi.knowledge.enclosed import (
    NAME,
    Shown,
    ending_of,
    is_picture,
    names_in,
    new_name,
    undescribed,
)
from madoguchi.knowledge.factories import GIF, PNG, png_head
from madoguchi.knowledge.reading import as_page, as_words

A, B = "0123456789ab.png", "ba9876543210.pdf"
FILES = {A: Shown("/here/a?b&c", 640, 480), B: Shown("/here/b")}


@pytest.mark.parametrize(
    ("filename", "content", "ending"),
    [
        ("図.png", PNG, "png"),
        ("図.jpg", PNG, "png"),  # it is what it is, whatever it is called
        ("a.gif", GIF, "gif"),
        ("a.PDF", b"%PDF-1.7 \0", "pdf"),
        ("a.docx", b"PK\x03\x04", "docx"),
        ("a.csv", "番号,名前".encode(), "csv"),
        ("a.pdf", b"<script>", ""),
        ("a.txt", b"\0", ""),
        ("a.svg", b"<svg onload=alert(1)>", ""),
        ("a.html", b"<b>", ""),
        ("a", b"a", ""),
        ("a.png", png_head(MOST_DOTS, 2), ""),  # a bomb
        ("a.png", b"\x89PNG\r\n\x1a\n", ""),  # of no size
    ],
)
def test_what_may_be_put_into_an_article(filename: str, content: bytes, ending: str) -> None:
    assert ending_of(filename, content) == ending


def test_what_the_words_name_is_found_once_and_nothing_else() -> None:
    text = (
        f"![図](files/{A}) [表](files/{B}) ![図](<files/{A}>) [外](https://a.example/files/{A}) files/x.png"
    )
    assert names_in(text) == [A, B]


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (f"![裏のボタン](files/{A})", []),
        (f"![ ](files/{A})", [A]),
        (f"![{{{{図の説明}}}}](files/{A})", [A]),
        (f"[](files/{B}) ![](https://a.example/x.png)", []),
    ],
)
def test_a_picture_says_what_it_shows(text: str, without: list[str]) -> None:
    assert list(undescribed(text)) == without


def test_a_page_shows_what_is_its_own_and_leads_nowhere_else() -> None:
    own = f'![図 "甲"](files/{A}) [表](files/{B})'
    text = f"{own} ![外](https://a.example/x.png) ![無](files/ffffffffffff.png) ![表](files/{B})"
    assert as_page(text, FILES) == (
        '<p><img src="/here/a?b&amp;c" alt="図 &quot;甲&quot;" width="640" height="480" loading="lazy"'
        ' decoding="async"> <a href="/here/b" rel="noopener noreferrer">表</a>   </p>\n'
    )
    assert "<img" not in as_page(text)


def test_a_letter_has_the_address_or_what_is_said_of_it() -> None:
    text = f"![図](files/{A})と[表](files/{B})と![外](https://a.example/x.png)"
    assert as_words(text) == "[図]と表と外 https://a.example/x.png"
    with_links = as_words(text, "https://h.example/{}".format)
    assert with_links == f"図 https://h.example/{A}と表 https://h.example/{B}と外 https://a.example/x.png"


_SIGNS = [*"![]()<>\"'&{}\n ", f"files/{A}", "javascript:", "https://a.example/", " onerror=", "図"]


@given(st.lists(st.sampled_from(_SIGNS), max_size=30).map("".join))
def test_whatever_is_typed_a_page_shows_no_picture_from_elsewhere(text: str) -> None:
    parts = re.findall(r"<img ([^>]*)>", as_page(text, FILES))
    names = [re.findall(r'([^\s="]+)="[^"]*"', one) for one in parts]
    assert all(one.startswith('src="/here/a?b&amp;c" alt="') for one in parts)
    assert all(one == ["src", "alt", "width", "height", "loading", "decoding"] for one in names)


@given(st.sampled_from(["png", "jpg", "gif", "webp", "pdf", "txt"]))
def test_a_name_is_one_and_says_whether_it_is_shown(ending: str) -> None:
    name = new_name(ending)
    assert NAME.fullmatch(name)
    assert names_in(f"![図](files/{name})") == [name]
    assert is_picture(name) == (ending not in ("pdf", "txt"))
