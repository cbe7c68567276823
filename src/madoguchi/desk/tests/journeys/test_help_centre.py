"""A customer finds an answer before asking: in the help centre, and while filling in the form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.companies.factories import make_entry_point
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.test_every_page import objections
from madoguchi.helpcentre.actions import set_up_help_centre
from madoguchi.helpcentre.models import Judgement
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def home(world: World) -> str:
    """The address of an open help centre with two articles, which leads to a form."""
    side = world.ours
    by = actor_of(side.company_manager)
    with side.scope():
        form = make_entry_point(side.desk, kind=Channel.FORM, address="hinata")
        approved(side.company, by=by, title="スニーカーの洗い方", folder="お手入れ")
        approved(side.company, by=by, title="返品の送料", folder="返品")
        said = {"is_open": True, "title": "よくあるご質問", "introduction": "ご覧ください。", "contact": form}
        set_up_help_centre(side.company, **said, by=by)
    return f"/help/{side.company.slug}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_is_found_while_typing_and_judged(
    desk: Callable[[str], Page], home: str, page: Page, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page = desk(home)
    assert objections(page) == []

    search = page.get_by_role("searchbox")
    search.press_sequentially("すにーか")
    expect(page.locator("#found")).not_to_contain_text("返品の送料")
    expect(page.locator("#found")).to_contain_text("1件の記事")
    search.fill("")
    expect(page.locator("#found")).to_contain_text("返品の送料")
    search.fill("すにーか")
    page.get_by_role("link", name="スニーカーの洗い方").click()
    assert objections(page) == []
    page.get_by_role("button", name="いいえ").click()

    expect(page.get_by_role("status")).to_have_text("ありがとうございます。今後の参考にいたします。")
    expect(page.get_by_role("link", name="問い合わせる")).to_have_attribute("href", "/form/hinata/")
    assert [row.helped for row in everything(Judgement)] == [False]


def test_the_form_offers_an_answer_to_what_is_being_written(desk: Callable[[str], Page], home: str) -> None:
    page = desk("/form/hinata/")

    page.locator("[name=subject]").fill("返品の送料について")

    offered = page.locator("[data-suggest]")
    expect(offered.get_by_role("heading")).to_have_text("こちらの記事で解決しませんか?")
    expect(offered.get_by_role("link").first).to_contain_text("返品の送料")
    assert objections(page) == []
