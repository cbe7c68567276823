"""Acknowledgements in further languages, as a company writes them in a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel.languages import ABROAD
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]


def kept(world: World) -> dict[str, str]:
    with scope.everywhere(reason="a test looks at all companies"):
        return Desk.objects.get(pk=world.ours.desk.pk).acknowledgements


@pytest.fixture
def page(world: World) -> str:
    return reverse("administration:desk_languages", args=[world.ours.desk.pk])


@pytest.fixture
def browser(world: World, signed_in: Browser) -> Client:
    return signed_in(world.ours.company_manager)


def test_the_desk_leads_there_and_ours_are_shown(world: World, browser: Client, page: str) -> None:
    desk = reverse("administration:desk", args=[world.ours.desk.pk])
    assert f'href="{page}"' in browser.get(desk).text

    shown = browser.get(page)

    assert [one.language for one in shown.context["previews"]] == ["zh-Hans", "zh-Hant", "ko"]
    assert [one.name for one in shown.context["previews"]] == [
        "中国語（簡体字）",
        "中国語（繁体字）",
        "韓国語",
    ]
    assert shown.context["previews"][0].text.startswith("Hanako Yamada，您好：")
    assert "https://…/my/…" in shown.context["previews"][2].text
    assert 'lang="zh-Hant"' in shown.text
    assert list(shown.context["form"].fields) == list(ABROAD)
    assert '<label for="id_zh-Hans">中国語（簡体字） · 简体中文' in shown.text


def test_a_preview_shows_and_saves_nothing(world: World, browser: Client, page: str, facts: Facts) -> None:
    shown = browser.post(page, {"ko": "{{customer}} 님 {{case}} {{order}}", "th": "สวัสดี", "preview": "1"})

    assert shown.status_code == 200
    texts = {one.language: one.text for one in shown.context["previews"]}
    assert (texts["ko"], texts["th"]) == ("Hanako Yamada 님 A-1001 {{order}}", "สวัสดี")
    assert (kept(world), facts()) == ({}, [])


def test_they_are_kept_and_told(world: World, browser: Client, page: str, facts: Facts) -> None:
    saved = browser.post(page, {"ko": " 접수: {{case}}\r\n", "vi": "", "zh-Hant": "<b>{{case}}</b>"})

    assert (saved.status_code, saved["Location"]) == (302, page)
    assert kept(world) == {"ko": "접수: {{case}}", "zh-Hant": "<b>{{case}}</b>"}
    [(kind, told)] = facts()
    assert kind == "desk.changed"
    assert told["changes"] == {
        "acknowledgements": [{}, {"ko": "접수: {{case}}", "zh-Hant": "<b>{{case}}</b>"}]
    }
    again = browser.get(page)
    assert again.context["form"]["ko"].value() == "접수: {{case}}"
    assert "<b>A-1001" not in again.text


def test_nothing_is_told_of_what_stays(world: World, browser: Client, page: str, facts: Facts) -> None:
    browser.post(page, {"ko": "접수"})
    before = facts()
    browser.post(page, {"ko": "접수"})

    assert facts() == before


def test_where_none_is_sent_the_page_says_so(world: World, browser: Client, page: str) -> None:
    with world.ours.scope():
        Desk.objects.update(acknowledge=False)

    shown = browser.get(page).text

    assert "受付メールは送りません。" in shown
    assert "Hanako Yamada" not in shown
