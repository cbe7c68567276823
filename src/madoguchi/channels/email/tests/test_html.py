"""HTML mail, safe to look at and readable as text."""

from base64 import b64encode
from html import escape
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.hidden_html import hiding_classes
from madoguchi.channels.email.html import (
    SafeHtml,
    remote_images,
    sanitise,
    shows_from_elsewhere,
    to_text,
)


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

    @pytest.mark.parametrize(
        "dot",
        [
            'width="1" height="1"',
            "width=0",
            "height='1px'",
            'style="width:1px;height:1px"',
            'style="color:red; max-height: 0 "',
            'style="display:none"',
            'style="DISPLAY : none!important"',
        ],
    )
    def test_of_a_dots_size_are_never_loaded(self, dot: str) -> None:
        html = f'<p>a<img src="https://x.jp/seen?by=1" {dot}><img {dot} src="//x.jp/seen">b</p>'

        assert sanitise(html, cid_urls={}) == SafeHtml("<p>ab</p>", 0)
        assert remote_images(html) == []

    @pytest.mark.parametrize(
        "size", ['width="10"', 'style="width:100px"', 'style="line-height:1"', 'width="1%"']
    )
    def test_of_any_other_size_are_held(self, size: str) -> None:
        assert remote_images(f'<img src="https://x.jp/a" {size}>') == ["https://x.jp/a"]

    def test_that_somebody_asked_for_are_shown_from_our_copy(self) -> None:
        html = '<img src="https://x.jp/a?b=1&amp;c=2"><img src="//x.jp/b"><img src="https://x.jp/c">'
        shown = {"https://x.jp/a?b=1&c=2": "/f/1", "https://x.jp/b": "/f/2"}

        assert sanitise(html, cid_urls={}, shown=shown) == SafeHtml(
            '<img src="/f/1"><img src="/f/2"><img data-held-src="https://x.jp/c">', 1
        )

    def test_that_are_held_are_named_once_in_their_order(self) -> None:
        html = '<img src="https://x.jp/b?x=1&amp;y=2"><p> data-held-src="https://x.jp/no"</p>'
        html += '<img src="https://x.jp/a" alt="<img data-held-src=1>"><img src="https://x.jp/b?x=1&y=2">'

        assert remote_images(html) == ["https://x.jp/b?x=1&y=2", "https://x.jp/a"]

    @pytest.mark.parametrize(
        ("html", "shows"),
        [
            ("<IMG alt=x\nsrc = 'https://x.jp/a'>", True),
            ("<img src=//x.jp/a>", True),
            ("<img src='cid:a'> https://x.jp", False),
            ("<a href='https://x.jp'>x</a>", False),
        ],
    )
    def test_from_elsewhere_are_noticed_at_a_glance(self, html: str, shows: bool) -> None:
        assert shows_from_elsewhere(html) is shows

    def test_within_the_html_that_are_bombs_are_not_shown(self) -> None:
        bomb = b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + pack(">II", 30_000, 30_000) + bytes(20)).decode()

        assert safe(f'<img src="data:image/png;base64,{bomb}">') == "<img>"
        assert safe(f'<img src="data:image/png;base64,{bomb[:8]}%0a{bomb[8:]}">') == "<img>"


class TestTraps:
    @pytest.mark.parametrize(
        ("href", "words", "leads_to"),
        [
            ("https://evil.example/", "https://mybank.example/login", "evil.example"),
            ("https://evil.example/", "www.mybank.example", "evil.example"),
            ("https://evil.example/", "ログインは https://mybank.example から", "evil.example"),
            ("https://mybank.example.evil.example/", "<b>my</b>bank.example", "mybank.example.evil.example"),
            ("https://mybank.example@evil.example/", "mybank.example/top", "evil.example"),
            ("https://evil.example/", "my\u200bbank.example", "evil.example"),
            ("https://аpple.example/", "apple.example", "xn--pple-43d.example"),
            ("https://192.0.2.1/", "mybank.example", "192.0.2.1"),
        ],
    )
    def test_a_link_whose_words_name_another_host_is_marked(
        self, href: str, words: str, leads_to: str
    ) -> None:
        html = f'<p><a href="{href}">{words}</a>!</p>'

        cleaned = sanitise(html, cid_urls={}, leads_to="実際の移動先：%(host)s").html

        assert cleaned.startswith(f'<p><bdi class="trap">⚠ 実際の移動先：{leads_to}</bdi> <a ')
        assert cleaned.endswith("</a>!</p>")

    @pytest.mark.parametrize(
        ("href", "words"),
        [
            ("https://shop.example/a", "https://shop.example"),
            ("https://www.shop.example/a", "shop.example"),
            ("https://shop.example/a", "WWW.Shop.Example/news"),
            ("https://日本.example/", "日本.example"),
            ("https://shop.example/", "こちら"),
            ("https://shop.example/f", "請求書.pdf"),
            ("https://shop.example/f", "v1.2.3"),
            ("mailto:info@shop.example", "info@shop.example"),
            ("tel:03-1234-5678", "www.shop.example"),
        ],
    )
    def test_any_other_link_is_not(self, href: str, words: str) -> None:
        assert "⚠" not in safe(f'<a href="{href}">{words}</a>')


class TestBeside:
    def test_the_host_stands_beside_words_that_do_not_say_it(self) -> None:
        html = '<p><a style="color:white" lang="en" href="https://evil.example/x?a=1">お客様銀行</a>。</p>'

        assert safe(html).endswith('>お客様銀行</a> <bdi class="to">(evil.example)</bdi>。</p>')

    def test_and_beside_a_picture(self) -> None:
        html = '<a href="https://evil.example/"><img src="cid:bank" alt="bank.example"></a>'

        assert sanitise(html, cid_urls={"bank": "/f/1"}).html.endswith(
            '></a> <bdi class="to">(evil.example)</bdi>'
        )

    def test_a_style_before_the_address_hides_no_trap(self) -> None:
        html = '<a style="color:red" dir="rtl" href="https://evil.example/">https://bank.example</a>'

        assert safe(html).startswith('<bdi class="trap">⚠ leads to evil.example</bdi> <a ')

    def test_a_link_of_many_lines_is_marked_before_the_first(self) -> None:
        trap = f'<a href="http://evil.example">www.bank.jp{"<br>" * 200}</a>'
        host = f'<a href="http://evil.example">お客様銀行{"<br>" * 200}</a>'

        assert safe(trap).startswith('<bdi class="trap">⚠ leads to evil.example</bdi> <a ')
        assert safe(host).startswith('<bdi class="to">(evil.example)</bdi> <a ')

    @pytest.mark.parametrize("tag", ["rp", "rt", "rtc"])
    def test_what_stands_beside_a_ruby_is_no_word_of_a_link(self, tag: str) -> None:
        html = f'<a href="http://evil.example">www.bank.j<{tag}> evil.example </{tag}>p</a>'

        cleaned = safe(html)

        assert cleaned.startswith('<bdi class="trap">⚠ leads to evil.example</bdi> <a ')
        assert cleaned.endswith(">www.bank.jp</a>")

    def test_the_letters_of_a_ruby_stay(self) -> None:
        html = "<p><ruby>山田<rp>(</rp><rt>やまだ</rt><rp>)</rp></ruby>様</p>"

        assert safe(html) == "<p><ruby>山田</ruby>様</p>"
        assert to_text(html) == "山田(やまだ)様"

    @pytest.mark.parametrize(
        "how", ['span style="color:white"', 'font color="white"', 'h1 style="background-color:red"']
    )
    def test_a_host_in_other_colours_is_said_once_more(self, how: str) -> None:
        html = f'<a href="http://evil.example"><{how}>evil.example</{how.split()[0]}> 銀行ログイン</a>'

        assert '<bdi class="to">(evil.example)</bdi> <a ' in safe(html)

    @pytest.mark.parametrize("how", ['style="display:none"', "hidden", 'style="font-size:0"'])
    def test_words_that_nobody_sees_say_no_host(self, how: str) -> None:
        html = f'<a href="https://evil.example/">こちら<span {how}> https://evil.example</span></a>'

        assert safe(html).startswith('<bdi class="to">(evil.example)</bdi> <a ')

    def test_a_mail_cannot_imitate_or_turn_round_what_we_say(self) -> None:
        html = '<bdi class="to">(bank.example)</bdi><bdo dir="rtl">elpmaxe.knab</bdo>'

        assert safe(html) == "(bank.example)elpmaxe.knab"

    @pytest.mark.parametrize(
        "html", ['<a href="https://x.example"></a>', "<a>words</a>", "<a href='/x'>words</a>"]
    )
    def test_nothing_stands_beside_what_cannot_be_followed(self, html: str) -> None:
        assert "bdi" not in safe(html)

    @given(st.text("<>\"'= /ahrefbdi:;!-@.。x\u202e", max_size=80))
    def test_whatever_the_words_are_the_host_is_there_once(self, words: str) -> None:
        cleaned = safe(f'<a href="https://evil.example/">{escape(words)}</a>')

        assert cleaned.count("<bdi") == (1 if words.strip() else 0)


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
            ("https://evil%2eexample/", "evil.example"),
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


HIDING = [
    '<div style="display:none;font-size:1px">preheader</div>',
    '<span style="color:#fff;DISPLAY : NONE !important">preheader<b>preheader</b></span>',
    '<div style="font-size:0px;line-height:0">preheader<p style="font-size:1em">preheader</p></div>',
    '<div style="max-height:0;overflow:hidden">preheader<br><img alt="preheader" src="a.png"></div>',
    '<div style="mso-hide:all">preheader</div>',
    '<div style="visibility:hidden">preheader<table><tr><td>preheader</td></tr></table></div>',
    '<div style="height:0px;width:0;overflow:hidden">preheader</div>',
    '<div style="opacity:0;color:transparent">preheader</div>',
    "<div hidden>preheader</div>",
    '<p hidden="hidden">preheader</p>',
]
MEANT = [
    '<p style="font-size:0"><span style="font-size:14px">words</span></p>',
    '<div style="visibility:hidden"><p style="visibility:visible">words</p></div>',
    '<p><a style="display:inline-block;mso-hide:all">words</a></p>',
    '<p style="max-height:0.5em;opacity:0.9;font-size:0.8em">words</p>',
    '<p style="overflow:hidden;width:100px;line-height:0">words</p>',
    "<p>words</p>",
]


class TestWhatIsHidden:
    @pytest.mark.parametrize("hidden", HIDING)
    @pytest.mark.parametrize("meant", MEANT)
    def test_is_not_among_the_words(self, hidden: str, meant: str) -> None:
        assert to_text(hidden + meant) == "words"
        assert to_text(f"<div>{meant}</div>{hidden}") == "words"

    @pytest.mark.parametrize("hidden", HIDING)
    def test_is_all_there_is_to_read_where_nothing_else_is(self, hidden: str) -> None:
        assert to_text(hidden).startswith("preheader")

    @pytest.mark.parametrize("hidden", HIDING)
    def test_stays_hidden_where_it_is_shown_as_laid_out(self, hidden: str) -> None:
        tag = safe(hidden).partition(">")[0]

        assert any(way in tag for way in ("display:none", "font-size:0", "visibility:hidden", " hidden="))

    def test_by_a_style_sheet_for_all_screens_is_not_among_the_words(self) -> None:
        sheet = "<style>/* x */ @media print{.a{display:none}} p.pre, .b {color:red;display:none!important}</style>"

        assert to_text(f'{sheet}<p class="c pre">preheader</p><p class="a">words</p>') == "words"

    def test_by_any_of_several_style_sheets_and_one_without_end_hides_nothing(self) -> None:
        sheets = "<style>.a{color:red}</style><STYLE type='text/css'>.pre{display:none}</STYLE>"

        assert to_text(f'{sheets}<p class="pre">preheader</p><p>words</p>') == "words"
        assert hiding_classes("<style>.pre{display:none}" * 20_000) == {}

    def test_sizes_of_what_is_seen_are_ours(self) -> None:
        assert safe('<p style="font-size:0"><b style="font-size:40px">x</b></p>') == (
            '<p style="font-size:0"><b style="font-size:medium">x</b></p>'
        )
        assert safe('<b style="font-size:40px;display:block">x</b>') == '<b style="">x</b>'


def test_a_line_of_a_no_break_space_is_blank() -> None:
    assert to_text("<div>one</div><div>&nbsp;</div><div>two</div>") == "one\n\ntwo"
