"""Letters laid out: what people mean comes out, what they type for looks stays, and nothing can act."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.kernel.markup import STYLES, as_html, as_plain, pictures_in

LINK = '<a href="{0}" rel="noopener noreferrer" target="_blank">{0}</a>'


class TestWhatIsMeant:
    @pytest.mark.parametrize(
        ("typed", "laid_out"),
        [
            ("一行目\n二行目", "<p>一行目<br>二行目</p>"),
            ("段落\n\n次の段落", "<p>段落</p><p>次の段落</p>"),
            ("**「重要」**です", "<p><strong>「重要」</strong>です</p>"),
            ("- 一\n- 二", "<ul><li>一</li><li>二</li></ul>"),
            ("3. 三\n4. 四", '<ol start="3"><li>三</li><li>四</li></ol>'),
            ("# 見出し", "<p><strong>見出し</strong></p>"),
            ("`make run`", "<p><code>make run</code></p>"),
            (
                "[こちら](https://x.example)",
                f"<p>{LINK.format('https://x.example').replace('>https://x.example', '>こちら')}</p>",
            ),
            ("<a@b.example>", f"<p>{LINK.format('mailto:a@b.example').replace('>mailto:', '>')}</p>"),
        ],
    )
    def test_words_lists_and_links(self, typed: str, laid_out: str) -> None:
        assert as_html(typed) == laid_out

    def test_a_quotation_ends_where_its_marks_end(self) -> None:
        assert as_html("> 届きますか。\n> いつ?\n明日です。") == (
            "<blockquote><p>届きますか。<br>いつ?</p></blockquote><p>明日です。</p>"
        )

    @pytest.mark.parametrize(
        ("typed", "address", "after"),
        [
            ("https://x.example/a?b=1をご覧ください", "https://x.example/a?b=1", "をご覧ください"),
            ("https://x.example/a。", "https://x.example/a", "。"),
            ("https://x.example/a).", "https://x.example/a", ")."),
        ],
    )
    def test_a_bare_address_is_a_link_up_to_the_next_letter_that_is_not_its_own(
        self, typed: str, address: str, after: str
    ) -> None:
        assert as_html(typed) == f"<p>{LINK.format(address)}{after}</p>"


class TestWhatStaysAsTyped:
    @pytest.mark.parametrize(
        "typed",
        [
            "3*4*5",
            "*これ*",
            "_これ_",
            r"C:\_tmp\*",
            "&copy;",
            "=====",
            "~~~~~",
            "★★☆",
            "[注]: 見本",
            "＼(^o^)／",
            "#1 の件",
        ],
    )
    def test_signs_for_looks(self, typed: str) -> None:
        assert as_html(typed) == f"<p>{typed.replace('&', '&amp;')}</p>"

    def test_a_line_under_words_makes_no_heading_of_them(self) -> None:
        assert as_html("株式会社青空\n-----") == "<p>株式会社青空</p><hr>"

    def test_indents_columns_and_empty_lines(self) -> None:
        assert as_html("　髙橋様\n\n\n品名    価格\n    四つ下げ") == (
            "<p>　髙橋様</p><p><br></p><p>品名\u00a0\u00a0\u00a0 価格<br>四つ下げ</p>"
        )

    def test_the_plain_words_name_pictures_and_are_else_untouched(self) -> None:
        assert (
            as_plain("**図**を\n![図](%E5%9B%B3%201.png) ![](<b c.png>)") == "**図**を\n[図 1.png] [b c.png]"
        )


class TestNothingActs:
    @pytest.mark.parametrize(
        "typed", ["<script>alert(1)</script>", "<b onclick=x>", "<!-- x -->", "<img src=x onerror=y>"]
    )
    def test_html_is_words(self, typed: str) -> None:
        assert re.findall(r"<[^>]+>", as_html(typed)) == ["<p>", "</p>"]

    @pytest.mark.parametrize(
        "address",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "file:///etc",
        ],
    )
    def test_only_safe_addresses_lead_anywhere(self, address: str) -> None:
        assert "href" not in as_html(f"[x]({address})")

    def test_pictures_come_only_from_the_files_that_go_with_it(self) -> None:
        text = "![図](a.png) ![](https://evil.example/x.png) ![](b.png)"

        assert as_html(text, pictures={"a.png": "cid:1@x"}) == (
            '<p><img src="cid:1@x" alt="図"> [https://evil.example/x.png] [b.png]</p>'
        )
        assert pictures_in(text) == ("a.png", "https://evil.example/x.png", "b.png")

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(alphabet="<>&\"'()[]!*_`#->\\ \n:/.aあjavscript", max_size=60))
    def test_whatever_is_typed(self, typed: str) -> None:
        html = as_html(typed)
        tags = {tag.split()[0].strip("/") for tag in re.findall(r"<([^>]*)>", html)}

        assert tags <= {"p", "br", "strong", "a", "ul", "ol", "li", "blockquote", "hr", "code", ""}
        assert not re.search(r'href="(?!https?://|mailto:|tel:)', html)


class TestStyle:
    def test_mail_carries_its_quiet_style_within_and_pages_none(self) -> None:
        text = "> 引用\n\n答え"

        assert "style" not in as_html(text)
        assert as_html(text, styled=True) == (
            f'<div style="{STYLES["letter"]}"><blockquote style="{STYLES["blockquote"]}"><p style="{STYLES["p"]}">引用'
            f'</p></blockquote><p style="{STYLES["p"]}">答え</p></div>'
        )
