"""Articles beside an answer in Chromium: words by one key, and what the answer then rests on."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case
from madoguchi.delivery.models import Cited
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.knowledge.factories import PNG, approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


# What is copied elsewhere, and the Markdown that it becomes.
PASTED = [
    ("<h1>返品</h1><p>8日<b>以内</b>です。</p>", "## 返品\n\n8日**以内**です。"),
    ("<ol start=3><li>開ける<ul><li>箱</li></ul></li><li>戻す</li></ol>", "3. 開ける\n   - 箱\n4. 戻す"),
    (
        "<table><tr><td>国</td><td>料金</td></tr><tr><td>日本</td><td>1|2</td></tr></table>",
        "| 国 | 料金 |\n| --- | --- |\n| 日本 | 1\\|2 |",
    ),
    (
        '<p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">1.&nbsp;</span>抜く</p>'
        '<p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">2.&nbsp;</span>待つ</p>',
        "1. 抜く\n1. 待つ",
    ),
    (
        '<b style="font-weight:normal"><p><span style="font-weight:700">注意 </span>火気</p></b>',
        "**注意** 火気",
    ),
    (
        '<p><a href="https://a.example/b (c)">表</a><a href="javascript:alert(1)">危険</a></p>',
        "[表](https://a.example/b%20%28c%29)危険",
    ),
    (
        '<style>p{color:red}</style><script>alert(1)</script><p>一<br>二</p><img src="//x.example/y">',
        "一\n二",
    ),
    # Cells that are joined leave the others in their columns.
    (
        "<table><tr><td>国</td><td>便</td><td>円</td></tr><tr><td rowspan=2>日本</td><td>船</td><td>1</td></tr>"
        "<tr><td>空</td><td>2</td></tr><tr><td colspan=2>ほか</td><td>3</td></tr></table>",
        "| 国 | 便 | 円 |\n| --- | --- | --- |\n| 日本 | 船 | 1 |\n|  | 空 | 2 |\n| ほか |  | 3 |",
    ),
    # What are signs in Markdown stay what they are in words.
    (
        "<p># 品番 2*3*4 a_b _c_ `x` &lt;b&gt; a|b c:\\d ~~e~~ [f](g) &amp;lt;</p><p>&gt; h</p><p>---</p>",
        "\\# 品番 2\\*3\\*4 a_b \\_c\\_ \\`x\\` \\<b> a\\|b c:\\\\d \\~\\~e\\~\\~ \\[f](g) \\&lt;"
        "\n\n\\> h\n\n\\---",
    ),
    ("<p><code>a*b|c</code> と <code>d`e</code></p>", "`a*b|c` と ``d`e``"),
    # Lists of Word's that bear no style of lists.
    (
        '<p class="MsoListParagraphCxSpFirst">・抜く</p><p class="MsoListParagraphCxSpLast">·&nbsp;&nbsp; 待つ</p>'
        '<p class="MsoListParagraph">(1) 押す</p><p class="MsoListParagraph">② 離す</p>'
        '<p class="MsoListParagraph">終わり</p>',
        "- 抜く\n- 待つ\n1. 押す\n1. 離す\n- 終わり",
    ),
]


def pasted(page: Page, html: str) -> str:
    """What the editor holds once this was pasted into it alone."""
    page.locator("#id_body").fill("")
    return str(
        page.evaluate(
            """html => {
              const given = new DataTransfer(), body = document.querySelector("#id_body");
              given.setData("text/html", html);
              given.setData("text/plain", "plain");
              given.items.add(new File(["x"], "words.png", { type: "image/png" }));
              const how = { clipboardData: given, bubbles: true, cancelable: true };
              body.dispatchEvent(new ClipboardEvent("paste", how));
              return body.value;
            }""",
            html,
        )
    )


def writes_with_keys_and_buttons(page: Page) -> None:
    """Keys and buttons write Markdown, lists go on by themselves, and all of it can be taken back."""
    body, keys = page.locator("#id_body"), page.keyboard
    before = body.input_value()
    body.press("Control+End")
    keys.insert_text("\n抜く")
    keys.press("Control+Shift+7")
    keys.press("Enter")
    keys.insert_text("待つ")
    keys.press("Enter")
    keys.press("Enter")
    keys.insert_text("注意")
    keys.press("Shift+ArrowLeft")
    keys.press("Shift+ArrowLeft")
    keys.press("Control+b")
    assert body.input_value() == f"{before}\n1. 抜く\n2. 待つ\n**注意**"
    keys.press("Control+k")
    assert body.input_value().endswith("**[注意](https://)**")
    keys.press("Control+z")
    keys.press("Control+b")
    assert body.input_value().endswith("\n注意")
    # while an IME converts, no key is a command
    body.dispatch_event("keydown", {"key": "b", "code": "KeyB", "ctrlKey": True, "isComposing": True})
    assert body.input_value().endswith("\n注意")
    page.get_by_role("button", name="見出し").press("ArrowLeft")
    expect(page.locator("[data-mark=picture]")).to_be_focused()
    page.locator("[data-mark=heading]").click()
    assert body.input_value().endswith("\n## 注意")
    body.fill(before)


def test_words_of_an_article_go_in_by_one_key_and_are_its_basis_while_they_stand(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    side = world.ours
    with side.scope():
        boss = actor_of(side.company_manager)
        approved(
            side.company, by=boss, title="電源が入らない", body="**電源コード**を抜いて、10分お待ちください。"
        )
        approved(side.company, by=boss, title="配達の日時", body="配達日は変更できます。")
    say_again(cases[0], text="電源が入りません。")
    page = desk(address_of(cases[0], world))
    expect(page.locator(".suggested .fits")).to_have_count(1)

    page.keyboard.press("Shift+T")
    expect(page.locator("#reply-text")).to_have_value("電源コードを抜いて、10分お待ちください。")
    expect(page.locator(".suggested .rests")).to_contain_text("電源が入らない · 第1版")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+L")
    expect(page.locator("#reply-text")).to_have_value(re.compile("電源コードを抜いて.+/article/"))

    page.locator("#reply-text").fill("確認いたします。")
    expect(page.locator(".suggested .rests")).to_have_count(0)
    assert sorted(one.how for one in everything(Cited)) == ["link", "text"]

    # when a picture is put into an article, then what it shows is typed where the caret waits, and both are seen
    page.goto(f"{page.url.partition('/cases/')[0]}{reverse('desk:article_new')}")
    page.locator("#id_title").fill("背面のボタン")
    page.locator("#id_body").focus()
    page.locator("form.editor input[type=file]").set_input_files(
        [{"name": "背面.png", "mimeType": "image/png", "buffer": PNG}]
    )
    expect(page.locator("#id_body")).to_have_value(re.compile(r"^!\[\{\{画像の説明\}\}\]\(files/.+\.png\)$"))
    page.keyboard.insert_text("背面にあるボタン")
    expect(page.locator("#preview-words img")).to_have_attribute("alt", "背面にあるボタン")

    written = page.locator("#id_body").input_value()
    writes_with_keys_and_buttons(page)
    assert [pasted(page, html) for html, _words in PASTED] == [words for _html, words in PASTED]
    page.locator("#id_body").fill(written)

    page.keyboard.press("Control+Enter")
    expect(page.locator("article.card img")).to_have_attribute("alt", "背面にあるボタン")
