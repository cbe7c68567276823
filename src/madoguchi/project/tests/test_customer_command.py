"""`madoguchi customer disclose`: everything kept of one customer in one file, from the shell."""

import zipfile
from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotFound
from madoguchi.people.factories import World
from madoguchi.project.cli.customer import customer
from madoguchi.project.tests.shell import Shell
from madoguchi.rights.models import Request

pytestmark = pytest.mark.django_db
shell = Shell(customer)
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def test_it_writes_everything_kept_of_one_customer_into_one_file(world: World, tmp_path: Path) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI, text="鉄瓶が届きません。")
    number, file = case.spoken_number(world.ours.company.prefix), tmp_path / "a.zip"
    slug = world.ours.company.slug

    told = shell.answer("disclose", number, "--company", slug, "--proof", "document", "--out", str(file))

    inside = zipfile.ZipFile(file)
    assert (told["customer"], told["rows"]["cases.Message"]) == (case.customer_id, 1)
    assert "鉄瓶が届きません。" in inside.read("disclosure.json").decode()
    with world.ours.scope():
        assert Request.objects.get().state == "handed_over"
        assert Event.objects.filter(kind="disclosure.handed_over").get().actor_kind == "system"


def test_whom_nobody_knows_and_whom_another_company_knows_are_the_same(world: World, tmp_path: Path) -> None:
    case = make_case(world.theirs.entry_point, sender=MISAKI)
    theirs, file = case.spoken_number(world.theirs.company.prefix), tmp_path / "a.zip"
    slug = world.ours.company.slug

    for who in (theirs, "nobody@home.example", "99999999"):
        done = shell.run("disclose", who, "--company", slug, "--proof", "document", "--out", str(file))
        assert (done.exit_code, type(done.exception)) == (1, NotFound)
    assert not file.exists()
    with world.ours.scope():
        assert list(Request.objects.all()) == []
