"""`madoguchi webhook`."""

import json

import pytest
from click.testing import CliRunner

from madoguchi.cases.factories import make_case
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.project.cli.webhook import webhook
from madoguchi.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db
URL = "https://shop.example/hook"


def run(*words: str) -> str:
    done = CliRunner().invoke(webhook, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_endpoint_from_its_making_to_its_end(world: World) -> None:
    made = json.loads(run("add", world.ours.company.slug, URL, "--type", "case.opened", "--json"))
    number, secret = str(made["id"]), made["secret"]
    (row,) = json.loads(run("list", "--json"))
    assert (row["company"], row["url"], row["types"]) == (world.ours.company.slug, URL, ["case.opened"])
    assert "secret" not in row
    assert run("rotate", number).strip() not in ("", secret)
    run("switch", number, "--off")
    assert json.loads(run("list", "--json"))[0]["off"] == "by hand"
    run("switch", number, "--on")
    assert json.loads(run("list", "--json"))[0]["off"] == ""
    run("remove", number)
    assert json.loads(run("list", "--json")) == []


def test_what_was_sent_is_listed_and_sent_once_more(world: World) -> None:
    number = run("add", world.ours.company.slug, URL).split()[0]
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        gone = Delivery.objects.create(
            company=world.ours.company,
            endpoint=Endpoint.objects.get(),
            event_id=case.pk,
            kind="case.opened",
            body="{}",
            state="failed",
            tries=10,
            status=500,
            due_at=clock.now(),
            made_at=clock.now(),
        )
    (row,) = json.loads(run("log", number, "--json"))
    assert (row["id"], row["state"], row["status"]) == (gone.pk, "failed", 500)
    run("replay", str(gone.pk))
    (row,) = json.loads(run("log", number, "--json"))
    assert (row["state"], row["tries"]) == ("queued", 0)


def test_what_is_no_address_or_no_company_makes_nothing(world: World) -> None:
    for words in ((world.ours.company.slug, "http://shop.example"), ("nobody", URL)):
        assert CliRunner().invoke(webhook, ["add", *words]).exit_code != 0
    with world.ours.scope():
        assert not Endpoint.objects.exists()
