"""Files of other systems, uploaded on a page: looked at, brought in, told, and kept from others."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from madoguchi.administration.tests.conftest import Browser
from madoguchi.imports.actions.working import work
from madoguchi.imports.models import Upload
from madoguchi.imports.tests.desks import told
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
NEW = reverse("administration:import_new")
TABLE = (
    "番号,件名,本文,お名前,連絡先,状態,日時\r\n"
    "1,届きません,注文した品が届きません。,髙橋,hanako@home.example,様子見,2024/05/01 10:00\r\n"
    "2,=危険,まだです。,佐藤,nowhere,完了,2024/05/02 10:00\r\n"
)


def send(browser: Client, world: World, text: str = TABLE, **more: Any) -> Any:
    file = SimpleUploadedFile("cases.csv", text.encode("cp932"))
    return browser.post(NEW, {"system": "csv", "desk": world.ours.desk.pk, "files": file, **more})


def only(world: World) -> Upload:
    with world.ours.scope():
        return Upload.objects.get()


def go(world: World) -> None:
    work(only(world).pk, company=world.ours.company.pk)


def shown(browser: Client, world: World) -> HttpResponse:
    return browser.get(reverse("administration:import", args=[only(world).pk]))  # type: ignore[return-value]


def post(browser: Client, world: World, name: str, **data: str) -> Any:
    return browser.post(reverse(f"administration:{name}", args=[only(world).pk]), data)


def test_a_table_is_uploaded_looked_at_read_otherwise_and_brought_in(browser: Client, world: World) -> None:
    answer = send(browser, world)
    assert answer["Location"] == reverse("administration:import", args=[only(world).pk])
    assert "確認中" in shown(browser, world).content.decode()
    go(world)
    page = shown(browser, world).content.decode()
    assert "状態「様子見」（1件）" in page

    reading = shown(browser, world).context["form"]  # type: ignore[attr-defined]
    given = {name: reading[name].initial or "" for name in reading.fields}
    post(browser, world, "import", **given | {"column_email": "連絡先", "word_0": "waiting_customer"})
    go(world)
    page = shown(browser, world).content.decode()
    assert ("髙橋" in page, 'id="start"' in page) == (True, True)
    assert "「nowhere」はメールアドレスではありません。" in page

    post(browser, world, "import_start")
    go(world)

    assert [(c["subject"], c["customer"], c["status"]) for c in told(world.ours)] == [
        ("届きません", "髙橋", "waiting_customer")
    ]
    page = shown(browser, world).content.decode()
    assert "完了" in page
    assert "用件: 新規" in page
    report = browser.get(reverse("administration:import_report", args=[only(world).pk]))
    assert report.content.decode() == (
        "\ufeff場所,元の番号,結果,理由\r\n"
        "cases.csvの3行目,,取り込めなかったもの,「nowhere」はメールアドレスではありません。\r\n"
    )


def test_what_cannot_be_taken_is_told_beside_its_field_and_nothing_is_kept(
    browser: Client, world: World
) -> None:
    without = browser.post(NEW, {"system": "csv", "desk": world.ours.desk.pk})
    elsewhere = send(browser, world, desk=world.theirs.desk.pk)

    assert (without.status_code, elsewhere.status_code) == (422, 422)
    assert list(without.context["form"].errors) == ["files"]
    assert list(elsewhere.context["form"].errors) == ["desk"]
    with world.ours.scope():
        assert Upload.objects.count() == 0


def test_more_than_fits_is_told(browser: Client, world: World, settings: Any) -> None:
    settings.MAX_IMPORT_BYTES = 10

    answer = send(browser, world)

    [told_why] = answer.context["form"].errors["files"]
    assert told_why.startswith("一度にアップロードできるのは合計0 MBまでです。")


def test_it_is_stopped_and_thrown_away(browser: Client, world: World) -> None:
    send(browser, world)

    post(browser, world, "import_stop")
    post(browser, world, "import_throw_away")

    found = only(world)
    assert (found.state, found.thrown_away_at is not None) == ("stopped", True)
    assert "ファイルと結果の一覧は削除されました。" in shown(browser, world).content.decode()


def test_of_an_administrators_upload_a_foreign_manager_sees_nothing(
    signed_in: Browser, browser: Client, world: World
) -> None:
    send(browser, world)

    for person in (world.theirs.company_manager, world.administrator):
        assert shown(signed_in(person), world).status_code == 404
        assert post(signed_in(person), world, "import_stop").status_code == 404
    assert only(world).state == "looking"


def test_the_list_asks_no_more_often_the_longer_it_is(
    browser: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for _each in range(3):
        send(browser, world)
    with django_assert_max_num_queries(20):
        page = browser.get(reverse("administration:imports")).content.decode()
    assert page.count("cases.csv") == 3


ARTICLES = reverse("administration:import_articles_new")


def test_articles_are_uploaded_looked_at_and_brought_in(browser: Client, world: World) -> None:
    file = SimpleUploadedFile("faq.csv", "質問,回答\n返品は？,8日以内です。\n空,\n".encode("cp932"))

    answer = browser.post(ARTICLES, {"company": world.ours.company.pk, "files": file})

    assert answer["Location"] == reverse("administration:import", args=[only(world).pk])
    go(world)
    page = shown(browser, world).content.decode()
    assert ("返品は？" in page, "記事: 新規" in page, 'id="start"' in page) == (
        True,
        True,
        True,
    )
    assert "faq.csvの3行目" in page
    post(browser, world, "import_start")
    go(world)
    with world.ours.scope():
        assert list(ArticleVersion.objects.values_list("title", "body", "state")) == [
            ("返品は？", "8日以内です。", "draft")
        ]
    listed = browser.get(reverse("administration:imports")).content.decode()
    assert ("faq.csv" in listed, "すべての窓口" in listed, ARTICLES in listed) == (True, True, True)


def test_articles_come_to_no_foreign_company_and_by_no_one_else(
    signed_in: Browser, browser: Client, world: World
) -> None:
    file = SimpleUploadedFile("faq.csv", b"title,body\na,b\n")

    foreign = browser.post(ARTICLES, {"company": world.theirs.company.pk, "files": file})

    assert (foreign.status_code, list(foreign.context["form"].errors)) == (422, ["company"])
    for person in (world.administrator, world.ours.supervisor, world.ours.company_staff):
        assert signed_in(person).get(ARTICLES).status_code == 403
    with world.ours.scope():
        assert Upload.objects.count() == 0
