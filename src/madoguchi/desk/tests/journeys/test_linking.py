"""By keyboard: a case is linked to another and parted from it, and what was told twice is found, ticked and merged."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.batches.actions import work
from madoguchi.batches.models import Batch
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, ToldApart
from madoguchi.desk.tests.conftest import MISAKI, everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BROKEN = "先週購入した炊飯器の電源が入りません。交換をお願いできますでしょうか。"


def test_a_case_is_linked_and_parted_by_keyboard(desk: Callable[[str], Page], world: World) -> None:
    case = make_case(world.ours.entry_point, subject="炊飯器の電源が入りません")
    parent = make_case(world.ours.entry_point, subject="炊飯器のリコール対応")
    number = parent.spoken_number(world.ours.company.prefix)
    page = desk(address_of(case, world))
    ties = page.get_by_role("region", name="関連する用件")

    page.keyboard.press("l")
    expect(page.get_by_label("相手の用件は、この用件の")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("ZZ-9999")
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("region", name="お知らせ").get_by_text("ZZ-9999という用件は見つかりません")
    ).to_be_visible()
    expect(ties).to_have_count(0)

    page.get_by_label("相手の受付番号").fill(number)
    page.keyboard.press("Enter")
    expect(ties.get_by_text("上位の用件")).to_be_visible()
    expect(ties.get_by_role("link", name="炊飯器のリコール対応")).to_be_visible()
    assert Axe().run(page).response["violations"] == []

    page.get_by_role("button", name=f"関連付けを外す: 上位の用件 {number}").press("Enter")
    expect(ties).to_have_count(0)
    page.get_by_role("button", name="取り消す").last.press("Enter")
    expect(ties.get_by_text("上位の用件")).to_be_visible()


def test_what_was_told_twice_is_shown_beside_the_case(desk: Callable[[str], Page], world: World) -> None:
    older, younger = (make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN) for _ in range(2))
    page = desk(address_of(younger, world))

    expect(page.get_by_role("heading", name="同じ用件かもしれません")).to_be_visible()
    expect(page.get_by_role("link", name="統合…")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="別の用件です").press("Enter")

    number = older.spoken_number(world.ours.company.prefix)
    expect(page.get_by_text(f"さんが{number}を別の用件と判断しました")).to_be_visible()
    expect(page.get_by_role("heading", name="同じ用件かもしれません")).to_have_count(0)
    assert len(everything(ToldApart)) == 1


def test_ticked_ones_are_foreseen_and_merged_by_keyboard(desk: Callable[[str], Page], world: World) -> None:
    older, younger = (make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN) for _ in range(2))
    prefix = world.ours.company.prefix
    one, other = younger.spoken_number(prefix), older.spoken_number(prefix)
    page = desk("/")

    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile(r"/duplicates/"))
    page.get_by_role("checkbox", name=f"{one}を{other}に統合する").press("Space")
    page.get_by_role("button", name="結果を確かめる").press("Enter")
    expect(page.get_by_text(f"{one} → {other}")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    expect(page.get_by_role("button", name="統合する")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="重複の統合")).to_be_visible()
    [batch] = everything(Batch)
    work(batch.pk, company=batch.company_id)
    expect(page.get_by_role("button", name="1 件の変更を取り消す")).to_be_visible()
    with world.ours.scope():
        assert Case.objects.get(pk=younger.pk).continued_in_id == older.pk
