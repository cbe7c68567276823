"""HTML mail, safe to look at and readable as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.html import SafeHtml, sanitise, to_text


def safe(html: str, **cid_urls: str) -> str:
    return sanitise(html, cid_urls=cid_urls).html


class TestDanger:
    @pytest.mark.parametrize(
        "html",
        [
            "<script>alert(1)</script>",
            "<style>body{background:url(https://x.jp)}</style>",
            "<title>x</title>",
            "<iframe src='https://x.jp'></iframe>",
            "<svg onload=alert(1)><script>1</script></svg>",
            "<object data='https://x.jp'></object>",
            "<link rel=stylesheet href='https://x.jp'>",
            "<meta http-equiv=refresh content='0;https://x.jp'>",
            "<base href='https://x.jp'>",
            "<!-- comment -->",
        ],
    )
    def test_leaves_nothing(self, html: str) -> None:
        assert sanitise(html, cid_urls={}) == SafeHtml("", 0)

    @pytest.mark.parametrize(
        "html",
        [
            "<p onclick='x()'>words</p>",
            "<p class=a id=b name=c>words</p>",
            "<p style='position:fixed;background:url(https://x.jp);width:1px'>words</p>",
            "<form action='https://x.jp'><p>words</p><input value=x><button></button></form>",
        ],
    )
    def test_leaves_the_words(self, html: str) -> None:
        assert safe(html).replace(' style=""', "") == "<p>words</p>"

    def test_harmless_styles_stay(self) -> None:
        assert safe('<b style="color:red;position:fixed">x</b>') == '<b style="color:red">x</b>'

    @given(st.text("<>\"'= /abimgsrchfontyle:;!-\n", max_size=80))
    def test_whatever_comes(self, html: str) -> None:
        cleaned = safe(html)

        assert "<script" not in cleaned
        assert " src=" not in cleaned
        assert safe(cleaned).count("<") == cleaned.count("<")


class TestImages:
    @pytest.mark.parametrize("source", ["https://x.jp/a.png?b=1", "http://x.jp/a.png", "HTTPS://x.jp/a.png"])
    def test_from_elsewhere_are_held_back_and_counted(self, source: str) -> None:
        assert sanitise(f'<img src="{source}" alt="a">', cid_urls={}) == SafeHtml(
            f'<img data-held-src="{source}" alt="a">', 1
        )

    def test_without_a_scheme_are_from_elsewhere_too(self) -> None:
        assert sanitise('<img src="//x.jp/a.png">', cid_urls={}) == SafeHtml(
            '<img data-held-src="https://x.jp/a.png">', 1
        )

    def test_that_came_along_are_shown(self) -> None:
        html = '<img src="cid:logo@x"><img src="CID:two%40x">'

        assert sanitise(html, cid_urls={"logo@x": "/f/1", "two@x": "/f/2"}) == SafeHtml(
            '<img src="/f/1"><img src="/f/2">', 0
        )

    @pytest.mark.parametrize(
        "source", ["cid:unknown", "/local", "file:///etc/passwd", "javascript:x", "data:text/html,x", ""]
    )
    def test_that_cannot_be_shown_lose_their_address(self, source: str) -> None:
        assert sanitise(f'<img src="{source}">', cid_urls={}) == SafeHtml("<img>", 0)

    def test_inside_the_html_itself_are_shown(self) -> None:
        assert safe('<img src="data:image/png;base64,AAAA">') == '<img src="data:image/png;base64,AAAA">'

    def test_that_vanish_with_what_is_around_them_are_not_counted(self) -> None:
        html = '<noscript><img src="https://x.jp/a"></noscript><img src="https://x.jp/b">'

        assert sanitise(html, cid_urls={}).held_images == 1

    def test_in_other_attributes_are_never_fetched(self) -> None:
        html = '<table background="https://x.jp/a"><tr><td background="https://x.jp/b">x</td></tr></table>'

        assert "x.jp" not in safe(html)
        assert "x.jp" not in safe('<img srcset="https://x.jp/a 2x">')

    def test_words_that_look_like_the_mark_stay_words(self) -> None:
        assert safe('<p> src="held" data-held-src="x"</p>') == '<p> src="held" data-held-src="x"</p>'


class TestLinks:
    @pytest.mark.parametrize(
        ("href", "title"),
        [
            ("https://shop.example/orders?id=1&amp;x=2", "shop.example"),
            ("https://mybank.example@evil.example/", "evil.example"),
            ("https://evil.example\\@mybank.example/", "evil.example"),
            ("https://EVIL.example:8443/", "evil.example"),
            ("//evil.example/x", "evil.example"),
            ("https://аpple.example/", "xn--pple-43d.example"),
            ("mailto:taro@example.com?subject=x", "taro@example.com"),
            ("tel:+81312345678", "+81312345678"),
        ],
    )
    def test_name_their_true_destination(self, href: str, title: str) -> None:
        cleaned = safe(f'<a href="{href}" title="mybank.example" target="_self">mybank.example</a>')

        assert f'title="{title}"' in cleaned
        assert cleaned.count("title=") == 1
        assert 'rel="noopener noreferrer nofollow"' in cleaned
        assert 'target="_blank"' in cleaned

    @pytest.mark.parametrize(
        "href",
        ["javascript:alert(1)", "java\nscript:x", "data:text/html,x", "/local", "#top", "https://", "cid:x"],
    )
    def test_that_lead_nowhere_are_words(self, href: str) -> None:
        assert "href" not in safe(f'<a href="{href}">words</a>')

    def test_a_host_cannot_break_out_of_the_title(self) -> None:
        assert "onclick" not in safe("<a href='https://a\" onclick=\"x()'>x</a>").replace(
            "onclick=&quot;", ""
        )


class TestText:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>一</p><p>二</p>", "一\n\n二"),
            ("<div>一</div><div>二</div>", "一\n二"),
            ("<div>一<div>二</div>三</div>", "一\n二\n三"),
            ("一<br>二<br><br>三", "一\n二\n\n三"),
            ("<div><br></div><div>x</div>", "x"),
            ("a  \n b", "a b"),
            ("a<b>b</b> <i>c</i>", "ab c"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("<h1>題</h1>本文", "題\n\n本文"),
            ("<ul><li>一</li><li>二</li></ul>", "- 一\n- 二"),
            ("<ol><li>一</li><li>二</li></ol>", "1. 一\n2. 二"),
            ("<ol start=3><li>三</li></ol>", "3. 三"),
            ("<ul><li>一<ul><li>壱</li></ul></li><li>二</li></ul>", "- 一\n  - 壱\n- 二"),
            ("<table><tr><th>品</th><th>数</th></tr><tr><td>靴</td><td>1</td></tr></table>", "品\t数\n靴\t1"),
            ("<p>new</p><blockquote><p>old</p><p>older</p></blockquote>", "new\n\n> old\n>\n> older"),
            ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n>\n> > b\n>\n> c\n\nd"),
            ('<a href="https://x.jp/a">ここ</a>から', "ここ (https://x.jp/a)から"),
            ('<a href="https://x.jp/">x.jp</a>', "x.jp"),
            ('<a href="https://x.jp/">https://x.jp</a>', "https://x.jp"),
            ('<a href="javascript:x">y</a>', "y"),
            ('<img src="x" alt="ロゴ"><img src="y">', "[ロゴ]"),
            ("一<hr>二", "一\n----------\n二"),
            ("<style>x{}</style><script>y</script><title>t</title>z", "z"),
            ("&lt;b&gt; &amp; &nbsp;x", "<b> &\u00a0x".replace("\u00a0", " \u00a0")),
            ("<html><head><title>t</title></head><body>x</body></html>", "x"),
            ("<p>unclosed <b>tags", "unclosed tags"),
            ("", ""),
        ],
    )
    def test_is_laid_out(self, html: str, text: str) -> None:
        assert to_text(html) == text

    @given(st.text("<>/ apbrulitdh=\"'&;\n", max_size=80))
    def test_never_raises(self, html: str) -> None:
        assert isinstance(to_text(html), str)


class TestHostileSize:
    def test_a_tree_without_end_becomes_words(self) -> None:
        html = "<div>" * 200_000 + "the words"

        assert sanitise(html, cid_urls={}) == SafeHtml("<pre>the words</pre>", 0)
        assert to_text(html) == "the words"

    def test_ampersands_without_end_become_words(self) -> None:
        assert to_text("&" * 1_000_000) == "&" * 1_000_000

    def test_quotes_within_quotes_do_not_multiply(self) -> None:
        html = "<blockquote>" * 9_000 + "x<br>" * 9_000

        assert len(to_text(html)) < 500_000

    def test_its_words_are_still_escaped(self) -> None:
        html = "<div>" * 30_000 + "&lt;script&gt;"

        assert sanitise(html, cid_urls={}).html == "<pre>&lt;script&gt;</pre>"
