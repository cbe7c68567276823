"""A customer asks what is kept of them: the manager writes it down, checks, has it made, and they fetch it."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import ADDRESS, Installation, Person

pytestmark = [pytest.mark.long, pytest.mark.journey]
PASSWORD = "a-long-password-of-tests"
SAID = "炊飯器の蓋が閉まりません。"
_CASE = """
from madoguchi.cases.factories import make_case
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import make_person
from madoguchi.people.models import CompanyMember
with scope.everywhere(reason="a journey needs a customer and the company's manager"):
    point = EntryPoint.objects.select_related("desk__company").get(address=given["address"])
    misaki, ito = Party("misaki@rights.example", "髙橋 美咲"), Party("ito@rights.example", "伊藤 千尋")
    case = make_case(point, sender=misaki, subject="炊飯器について", text=given["said"])
    make_case(point, sender=ito, subject="よその話", text="よその方の言葉")
    CompanyMember.objects.filter(company=point.desk.company, role=Role.COMPANY_MANAGER).delete()  # of other journeys
    manager = make_person(name="日向 葵", email="hinata@rights.example")
    CompanyMember.objects.create(user=manager, company=point.desk.company, role=Role.COMPANY_MANAGER)
    manager.set_password(given["password"])
    manager.save()
    tell([case.spoken_number(case.company.prefix), manager.email])
"""


@pytest.fixture
def number(installation: Installation) -> str:
    """The case of a customer; the company's only manager can sign in as `company_manager`."""
    told = installation.act(_CASE, address=ADDRESS, said=SAID, password=PASSWORD)
    assert isinstance(told, list)
    installation.people["company_manager"] = Person("日向 葵", told[1], PASSWORD)
    return str(told[0])


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Callable[[], Page]]:
    """A page of somebody who never signed in."""
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    yield context.new_page
    context.close()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds, by rule, with where."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


def taken(page: Page) -> dict[str, bytes]:
    """The files in what is downloaded from a page."""
    with page.expect_download() as download:
        page.get_by_role("link", name="ダウンロード").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_a_customer_gets_what_is_kept_of_them(
    installation: Installation, number: str, page: Page, stranger: Callable[[], Page]
) -> None:
    # given the company's manager at the case of who asks
    installation.sign_in(page, "company_manager")
    page.goto(f"{installation.base_url}/cases/{number}/")

    # when they write the demand down from there, then the customer is filled in
    page.get_by_role("link", name="この方の情報の開示・消去").click()
    expect(page.get_by_label("対象のお客様")).to_have_value(number)
    assert violations(page) == []
    page.get_by_label("請求の内容").fill("私の記録をすべてください。")
    page.get_by_role("button", name="記録する", exact=True).click()
    expect(page.locator("#demand")).to_contain_text("私の記録をすべてください。")
    expect(page.locator("#demand")).to_contain_text("髙橋 美咲")

    # and nothing can be made before it is known who asks
    expect(page.get_by_role("button", name="とりまとめる")).to_be_hidden()
    assert violations(page) == []
    page.get_by_label("本人確認の方法").select_option("document")
    page.get_by_label("確認したもの").fill("運転免許証")
    page.get_by_role("button", name="本人と確認した").click()
    assert violations(page) == []

    # when it is put together by the job, then the page says so by itself
    page.get_by_role("button", name="とりまとめる").click()
    expect(page.locator("#made")).to_be_visible(timeout=60_000)
    assert violations(page) == []

    # and it leaves only when it was looked over
    expect(page.get_by_label("お客様用のリンク")).to_be_hidden()
    written = re.search(r"\((\d+)\)", page.locator("#demand dd").first.inner_text())
    assert written
    page.get_by_label("顧客番号").fill(written[1])
    page.get_by_label("別の方が点検しない理由").fill("会社の担当は一人です。")
    page.get_by_role("button", name="点検した。お渡ししてよい").click()

    # and all of the customer is in the file, and nobody else
    files = taken(page)
    kept = json.loads(files["disclosure.json"])
    assert [case["number"] for case in kept["cases"]] == [number]
    assert SAID in files["disclosure.json"].decode()
    assert "よその方の言葉" not in files["disclosure.json"].decode()
    assert files["開示書.pdf"].startswith(b"%PDF")

    # and the customer fetches the same by the link, without an account
    theirs = stranger()
    theirs.goto(page.get_by_label("お客様用のリンク").input_value())
    assert violations(theirs) == []
    assert taken(theirs) == files

    # when it was handed over, then the list says so
    page.get_by_role("button", name="お客様に渡した").click()
    page.goto(f"{installation.base_url}/administration/rights/")
    expect(page.get_by_role("row").filter(has_text="髙橋 美咲")).to_contain_text("お渡し済み")
    assert violations(page) == []
