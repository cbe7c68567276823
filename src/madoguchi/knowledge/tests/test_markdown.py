"""Markdown of articles as a page and as a letter: what each sign becomes, and that nothing in it can act. Pure."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from madoguchi.knowledge.reading import as_page, as_words

REL = 'rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("# 返品", "<h2>返品</h2>"),
        ("## 送料 ##", "<h3>送料</h3>"),
        ("##### 五", "<h6>五</h6>"),
        ("###### 六", "<h6>六</h6>"),
        ("返品\n===", "<h2>返品</h2>"),
        ("#返品", "<p>#返品</p>"),
        ("~~旧価格~~", "<p><s>旧価格</s></p>"),
        ("*「重要」*です", "<p><em>「重要」</em>です</p>"),
        ("**「返品」**は", "<p><strong>「返品」</strong>は</p>"),
        ("と__強__と", "<p>と<strong>強</strong>と</p>"),
        ("AB__12__CD", "<p>AB__12__CD</p>"),
        ("> 引用", "<blockquote>\n<p>引用</p>\n</blockquote>"),
        ("1. 一\n2. 二", "<ol>\n<li>一</li>\n<li>二</li>\n</ol>"),
        ("3. 三", '<ol start="3">\n<li>三</li>\n</ol>'),
        ("- 一\n  - 二", "<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul>\n</li>\n</ul>"),
        ("`a<b`", "<p><code>a&lt;b</code></p>"),
        ("```\n<b>x</b>\n```", "<pre><code>&lt;b&gt;x&lt;/b&gt;\n</code></pre>"),
        ("---", "<hr>"),
        ("", ""),
    ],
)
def test_each_sign_is_laid_out(typed: str, page: str) -> None:
    assert as_page(typed).strip() == page


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("[窓](https://a.example/?q=1&b=2)", f'<a href="https://a.example/?q=1&amp;b=2" {REL}>窓</a>'),
        ("[窓](http://a.example)", f'<a href="http://a.example" {REL}>窓</a>'),
        ("[電話](tel:0312345678)", f'<a href="tel:0312345678" {REL}>電話</a>'),
        ("[メール](mailto:a@b.example)", f'<a href="mailto:a@b.example" {REL}>メール</a>'),
        ("[次へ](/article/1)", f'<a href="/article/1" {REL}>次へ</a>'),
        ("<https://a.example>", f'<a href="https://a.example" {REL}>https://a.example</a>'),
        ("[x]: https://a.example\n[x]", f'<a href="https://a.example" {REL}>x</a>'),
    ],
)
def test_a_link_leads_there_and_tells_nobody_from_where(typed: str, link: str) -> None:
    assert as_page(typed) == f"<p>{link}</p>\n"


@pytest.mark.parametrize(
    "typed",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:x)",
        "[x](&#106;avascript:x)",
        "[x](java\tscript:x)",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)",
        "[x](ftp://a.example)",
        "![x](https://evil.example/p.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "<javascript:x>",
        "<script>x</script>",
        "<img src=x onerror=y>",
        "<svg/onload=x>",
        "<iframe src='https://evil.example'></iframe>",
        "<style>*{display:none}</style>",
        "<a href='https://evil.example' onclick='x'>x</a>",
        "<!-- --><form action='//evil.example'><input name=x></form>",
        "```html\n<script>x</script>\n```",
        "- <b onmouseover=x>b</b>",
        "|<script>|\n|--|\n|<img src=x>|",
    ],
)
def test_what_could_act_or_fetch_is_words_at_most(typed: str) -> None:
    seen = _tags(as_page(typed))
    assert {name for name, _attributes in seen} <= STILL
    assert [attributes for _name, attributes in seen if attributes.get("href")] == []


STILL = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "a"),
    *("strong", "em", "s", "table", "thead", "tbody", "tr", "th", "td"),
}
_PIECES = st.sampled_from(
    [
        *("# ", "**", "__", "~~", "`", "```\n", "> ", "- ", "1. ", "|", "|--|\n", "---\n", "\n", "\n\n", " "),
        *(
            "[",
            "]",
            "(",
            ")",
            "](",
            "<",
            ">",
            '"',
            "'",
            "&",
            "&#106;",
            "\\",
            "![",
            "<!--",
            "-->",
            "<![CDATA[",
        ),
        *("<script>", "</script>", "<img src=x onerror=y>", "<a href='", "<svg onload=x>", "javascript:x"),
        *(
            "https://a.example",
            "data:text/html,x",
            "mailto:a@b.example",
            "返品",
            "「重要」",
            "x",
            "\x00",
            "\u3000",
        ),
    ]
)


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=25).map("".join))
@example("[a](<javascript:x>)")
@example("[a](https://a.example \"x' onclick='y\")")
def test_whatever_is_typed_nothing_in_it_acts(typed: str) -> None:
    for name, attributes in _tags(as_page(typed)):
        assert name in STILL
        assert set(attributes) <= {"a": {"href", "rel", "title"}, "ol": {"start"}}.get(name, {"title"})
        there = attributes.get("href") or ""
        scheme = there.partition(":")[0].lower() if ":" in there.partition("/")[0] else ""
        assert scheme in ("", "http", "https", "mailto", "tel")


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    reader = Reader()
    reader.feed(html)
    reader.close()
    return found


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("# 返品", "■ 返品"),
        ("###### 六 ######", "■ 六"),
        ("#返品", "#返品"),
        ("- 一\n* 二\n+ 三", "・一\n・二\n・三"),
        ("- 一\n  - 内", "・一\n  ・内"),
        ("1. 一\n2. 二", "1. 一\n2. 二"),
        ("**強**と__強__", "強と強"),
        ("**二行に\nわたる**言葉", "二行に\nわたる言葉"),
        ("AB__12__CD", "AB__12__CD"),
        ("品番 __AB__ です", "品番 AB です"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("5*3*2", "5*3*2"),
        ("2026-12-01 - 03", "2026-12-01 - 03"),
        ("-5度", "-5度"),
        ("[窓口](https://a.example)", "窓口 https://a.example"),
        ("[窓口](<https://a.example>)", "窓口 https://a.example"),
        ('[窓口](https://a.example "題")', "窓口 https://a.example"),
        ("[](https://a.example)", "https://a.example"),
        ("![図](https://a.example/p.png)", "図 https://a.example/p.png"),
        ("[未入金]の注文", "[未入金]の注文"),
        ("|地域|日数|\n|:--|--:|\n|東京|1|", "|地域|日数|\n|東京|1|"),
        ("一\n\n---\n\n二", "一\n\n\n二"),
        ("品番 A--B", "品番 A--B"),
        ("> 引用", "> 引用"),
        ("\n\n題\n\n", "題"),
        ("", ""),
    ],
)
def test_in_a_letter_signs_become_what_people_write(typed: str, words: str) -> None:
    assert as_words(typed) == words


@given(st.text(alphabet="あ返品。、「」 0１aＺ\n", max_size=60))
def test_words_without_signs_stay_as_they_are_in_a_letter(typed: str) -> None:
    assert as_words(typed) == typed.strip()


@given(
    st.lists(st.sampled_from(["# 題\n", "- 項\n", "**強**", "[窓](https://a.example)", "本文\n"]), max_size=8)
)
def test_a_letter_made_of_a_letter_is_the_same(parts: list[str]) -> None:
    once = as_words("\n".join(parts))
    assert as_words(once) == once
