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
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.card img")).to_have_attribute("alt", "背面にあるボタン")
