"""`madoguchi shop`: how a company sells, on which terms, and what."""

import json
from datetime import date
from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.events import DocumentIssued
from madoguchi.commerce.factories import make_campaign, make_variant, order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import Product, ReturnPolicy, ShippingRule, Shop, Variant
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.shop import shop as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
run = Shell(command).run
SHOP = {
    "name": "㈱髙﨑商店",
    "registration_number": "T7000012050002",
    "address": "東京都千代田区",
    "phone": "03-0000-0000",
}


def test_campaigns_are_listed_with_what_is_left(world: World) -> None:
    slug, company = world.ours.company.slug, world.ours.company
    make_campaign(company, name="過ぎた", ends=date(2020, 2, 1))
    make_campaign(company, name="春の割引", quota=5, budget=3_000)
    case = make_case(world.ours.entry_point)
    order_of(case.customer_id, case.desk_id, (make_variant(company, price=11_000), 1))

    found = [json.loads(line) for line in run("campaigns", "--company", slug).stdout.splitlines()]
    running = run("campaigns", "--company", slug, "--running").stdout.splitlines()
    names = ("name", "quota", "used", "left", "budget", "spent", "yen_left")
    assert [[one[name] for name in names] for one in found] == [
        ["春の割引", 5, 1, 4, 3_000, 1_100, 1_900],
        ["過ぎた", None, 0, None, None, 0, None],
    ]
    assert [json.loads(line)["name"] for line in running] == ["春の割引"]
    assert run("campaigns", "--company", world.theirs.company.slug).stdout == ""


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
        "wrong": [{"place": "line 3", "why": "「百円」は整数ではありません。"}],
    }
    assert (dry.exit_code, json.loads(dry.stdout)) == (1, told)
    assert (done.exit_code, json.loads(done.stdout)) == (1, told | {"added": 1, "changed": 0})
    with world.ours.scope():
        assert Variant.objects.get().code == "NB-01"
    found = run("products", "なんぶ", "--company", slug)
    assert json.loads(found.stdout) == {"code": "NB-01", "name": "①南部鉄瓶", "price": 13_200, "stock": 4}
    assert run("products", "なんぶ", "--company", world.theirs.company.slug).stdout == ""


def test_papers_are_listed_written_and_compared_with_the_log(world: World, tmp_path: Path) -> None:
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id)
    with world.ours.scope():
        set_up_shop(world.ours.company, by=system("test"), **SHOP)
        made = issue(order, Kind.INVOICE, by=actor_of(world.ours.agent))
        slug = world.ours.company.slug
        once_told = Event.objects.get(kind="document.issued").data["sha256"]

    same = run("papers", "--company", slug, "--out", str(tmp_path / "papers"))

    (said,) = map(json.loads, same.stdout.splitlines())
    assert (same.exit_code, said["file"], said["sha256"]) == (0, "same", once_told)
    assert (said["number"], said["order"], said["total"]) == (made.number, str(order), order.total)
    assert (tmp_path / "papers" / f"{made.number}.pdf").read_bytes() == made.pdf
    assert run("papers", "--company", world.theirs.company.slug).stdout == ""


@pytest.mark.parametrize(("told", "state", "code"), [("0" * 64, "changed", 1), ("", "untold", 0)])
def test_a_paper_that_is_not_what_the_log_says_is_told(
    world: World, told: str, state: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id)
    monkeypatch.setattr("madoguchi.commerce.issuing.digest_of", lambda _pdf: told)
    with world.ours.scope():
        set_up_shop(world.ours.company, by=system("test"), **SHOP)
        issue(order, Kind.INVOICE, by=actor_of(world.ours.agent))

    done = run("papers", "--company", world.ours.company.slug)

    assert (done.exit_code, json.loads(done.stdout)["file"]) == (code, state)


def test_a_paper_that_the_log_tells_of_and_that_is_gone_is_told(world: World) -> None:
    company = world.ours.company
    fact = DocumentIssued(
        company=company.pk, document=77, order=1, number="INV-1001", again=False, sha256="ab" * 32
    )
    with world.ours.scope():
        record(fact, by=system("test"))

    done = run("papers", "--company", company.slug)

    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"number": "INV-1001", "sha256": "ab" * 32, "file": "missing"}


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


def test_sending_takes_days_and_elsewhere_longer(world: World) -> None:
    slug, said = world.ours.company.slug, ("--fee", "660", "--days", "2", "--region-days", "沖縄県=5")
    assert json.loads(run("shipping", "--company", slug, *said).stdout) == {"number": 1}

    assert json.loads(run("shipping", "--company", slug, "--days", "3").stdout) == {"number": 2}

    wrong = run("shipping", "--company", slug, "--fee", "660", "--region-days", "沖縄県=五")

    assert wrong.exit_code == 2
    with world.ours.scope():
        rule, unsaid = ShippingRule.objects.order_by("number")
    assert (rule.fee, rule.regions, rule.days, rule.region_days) == (660, {}, 2, {"沖縄県": 5})
    assert (unsaid.fee, unsaid.days) == (None, 3)
