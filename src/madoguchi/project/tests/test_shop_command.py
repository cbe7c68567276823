"""`madoguchi shop`: how a company sells, on which terms, and what."""

import json
from pathlib import Path

import pytest

from madoguchi.commerce.models import Product, ReturnPolicy, Shop, Variant
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.project.cli.shop import shop as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
run = Shell(command).run


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "products.csv"
    rows = [
        "商品コード,商品名,フリガナ,価格,在庫",
        "NB-01,①南部鉄瓶,ナンブテツビン,13200,4",
        "X,急須,キュウス,百円,",
    ]
    file.write_bytes("\r\n".join(rows).encode("cp932"))
    return str(file)


def test_products_come_from_a_table_and_are_found(world: World, table: str) -> None:
    slug = world.ours.company.slug
    dry = run("import", table, "--company", slug, "--dry-run")
    with world.ours.scope():
        assert not Product.objects.exists()

    done = run("import", table, "--company", slug)

    told = {
        "letters": "cp932",
        "attributes": [],
        "rows": 1,
        "wrong": [{"place": "line 3", "why": "“百円” is no whole number."}],
    }
    assert (dry.exit_code, json.loads(dry.stdout)) == (1, told)
    assert (done.exit_code, json.loads(done.stdout)) == (1, told | {"added": 1, "changed": 0})
    with world.ours.scope():
        assert Variant.objects.get().code == "NB-01"
    found = run("products", "なんぶ", "--company", slug)
    assert json.loads(found.stdout) == {"code": "NB-01", "name": "①南部鉄瓶", "price": 13_200, "stock": 4}
    assert run("products", "なんぶ", "--company", world.theirs.company.slug).stdout == ""


def test_what_papers_say_and_on_which_terms(world: World) -> None:
    slug = world.ours.company.slug
    done = run("set", "--company", slug, "--registration-number", "T7000012050002", "--rounding", "ceil")
    terms = run("policy", "-", "--company", slug, "--days", "8", given="到着後8日以内は返品できます。")

    assert (done.exit_code, terms.exit_code) == (0, 0), done.output + terms.output
    assert json.loads(terms.stdout) == {"number": 1}
    with world.ours.scope():
        shop, policy = Shop.objects.get(), ReturnPolicy.objects.get()
    assert (shop.registration_number, shop.rounding) == ("T7000012050002", "ceil")
    assert (policy.words, policy.days) == ("到着後8日以内は返品できます。", 8)


def test_wrong_use_is_told(world: World, table: str) -> None:
    assert isinstance(run("import", table, "--company", "nobody").exception, NotFound)
    wrong = run("set", "--company", world.ours.company.slug, "--registration-number", "T1")
    assert isinstance(wrong.exception, Refused)
    with world.ours.scope():
        assert not Shop.objects.exists()
