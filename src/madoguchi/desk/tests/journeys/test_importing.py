"""A manager brings a table in: uploaded, looked at, brought in before their eyes; a second time nothing comes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.imports.actions.working import work
from madoguchi.imports.models import Upload
from madoguchi.imports.tests.desks import told
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
TABLE = (
    "受付番号,件名,本文,お名前,メール,状態,日時\r\n"
    "1,届きません,注文した品が届きません。,髙橋 ①,hanako@home.example,完了,2024/05/01 10:00\r\n"
    "2,返品したい,サイズが違いました。,佐藤,sato@home.example,様子見,2024/05/02 10:00\r\n"
)


def worker_comes(world: World) -> None:
    """What the job of the upload does."""
    with world.ours.scope():
        latest = Upload.objects.latest("id")
    work(latest.pk, company=latest.company_id)


def upload(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.get_by_label("ファイル").set_input_files(file)
    page.get_by_role("button", name="アップロードして確認する").press("Enter")
    expect(page.get_by_text("確認中")).to_be_visible()


@pytest.mark.usefixtures("settled")
def test_a_table_comes_in_once(
    page: Page, sign_in: Callable[[User], None], live_server: LiveServer, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "cases.csv"
    file.write_bytes(TABLE.encode("cp932"))
    sign_in(world.ours.company_manager)
    new = f"{live_server.url}/administration/imports/new/"

    upload(page, new, file)
    worker_comes(world)
    expect(page.get_by_label("状態「様子見」（1件）")).to_be_visible()
    page.get_by_label("状態「様子見」（1件）").select_option("waiting_customer")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="もう一度確認する").press("Enter")
    expect(page.get_by_text("確認中")).to_be_visible()
    worker_comes(world)
    expect(page.get_by_role("row", name="佐藤")).to_be_visible()
    page.get_by_role("button", name="取り込みを始める").press("Enter")
    expect(page.get_by_text("取り込み中")).to_be_visible()
    worker_comes(world)
    expect(page.get_by_text("完了", exact=True)).to_be_visible()
    assert [(c["subject"], c["status"]) for c in told(world.ours)] == [
        ("届きません", "closed"),
        ("返品したい", "waiting_customer"),
    ]

    upload(page, new, file)
    worker_comes(world)
    expect(page.get_by_text("用件: 取り込み済み・対象外")).to_be_visible()
    assert len(told(world.ours)) == 2
