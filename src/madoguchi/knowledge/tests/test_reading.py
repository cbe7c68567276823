"""How an article reads on a page and in a letter, and what changed in it."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.knowledge.diff import compare
from madoguchi.knowledge.reading import as_page, as_words

_TYPED = """# 返品
**「重要」**です。

- 未使用
- [窓口](https://shop.example/a)

| 地域 | 日数 |
|--|--|
| 東京 | 1 |
"""


def test_markdown_is_laid_out_below_the_title() -> None:
    html = as_page(_TYPED)
    assert "<h2>返品</h2>" in html
    assert "<strong>「重要」</strong>です。" in html
    assert '<a href="https://shop.example/a" rel="noopener noreferrer">窓口</a>' in html
    assert "<th>地域</th>" in html


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("当社が負担します。\n着払いで。", "<p>当社が負担します。<br>\n着払いで。</p>"),
        ("first\nsecond", "<p>first<br>\nsecond</p>"),
        ("FAQ\nをご覧ください", "<p>FAQ<br>\nをご覧ください</p>"),
        ("一  \n二", "<p>一<br>\n二</p>"),
        ("一\n\n二", "<p>一</p>\n<p>二</p>"),
        ("- 品番\n  色", "<ul>\n<li>品番<br>\n色</li>\n</ul>"),
    ],
)
def test_a_line_that_was_ended_ends(typed: str, page: str) -> None:
    assert as_page(typed).strip() == page


def test_nothing_in_it_can_act() -> None:
    html = as_page(
        '<script>x</script> [a](javascript:x) ![b](https://evil.example/p.png) <b onclick="x">c</b>'
    )
    assert "<script" not in html
    assert "href" not in html
    assert "<img" not in html
    assert "<b" not in html


def test_in_a_letter_it_is_plain_words() -> None:
    words = (
        "■ 返品\n「重要」です。\n\n・未使用\n・窓口 https://shop.example/a\n\n| 地域 | 日数 |\n| 東京 | 1 |"
    )
    assert as_words(_TYPED) == words


def test_underlines_within_a_code_are_part_of_it() -> None:
    assert as_words("品番AB__12__CDは__販売終了__です") == "品番AB__12__CDは販売終了です"


def test_what_changed_is_told_word_by_word() -> None:
    told = [(piece.kind, piece.text) for piece in compare("送料は500円です。", "送料は無料です。")]
    assert told == [("same", "送料は"), ("gone", "500円"), ("new", "無料"), ("same", "です。")]


@given(st.text(alphabet="あい漢字アb1 。\n", max_size=60), st.text(alphabet="あい漢字アb1 。\n", max_size=60))
def test_both_texts_can_be_told_from_what_changed(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert "".join(one.text for one in pieces if one.kind != "new") == before
    assert "".join(one.text for one in pieces if one.kind != "gone") == after


@pytest.mark.parametrize(
    "hostile",
    [
        "-" * 20_000 + "x",
        "[" * 20_000,
        "[a](" * 5_000,
        "# " + "# " * 10_000 + "x",
        "**a " * 5_000,
        "__a " * 5_000,
    ],
    ids=["a rule", "brackets", "links", "a heading", "stars", "underlines"],
)
def test_no_text_keeps_us_for_ever(hostile: str) -> None:
    assert as_words(hostile).strip()
    assert "<script" not in as_page(hostile)


def test_more_signs_than_anybody_writes_are_shown_as_they_stand() -> None:
    assert as_page("**<b>" * 1_001).startswith("<pre>**&lt;b&gt;**&lt;b&gt;")
    assert as_page("**a** " * 500).startswith("<p><strong>a</strong>")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (r"2\*3\*4 a\_b \`x\` \<b> c:\\d", r"2*3*4 a_b `x` <b> c:\d"),
        ("\\# 品番\n\\- 靴", "# 品番\n- 靴"),
        (r"\*\*注意\*\* \[a](b)", "**注意** [a](b)"),
        (r"c:\files ¥1,000", r"c:\files ¥1,000"),
        ("**a\\*b**", "a*b"),
    ],
)
def test_signs_that_are_escaped_are_words(typed: str, words: str) -> None:
    assert as_words(typed) == words
    assert unescape(re.sub("<[^>]+>", "", as_page(typed).replace("<br>", ""))).strip() == words


@given(st.text("ab \\*_#`<|[](){}!~", max_size=40))
def test_whatever_is_escaped_comes_back(words: str) -> None:
    words = words.strip()
    assert as_words(re.sub(r"([^\w\s])|_", r"\\\g<0>", words)) == words
