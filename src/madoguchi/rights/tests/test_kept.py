"""What is enclosed is held in memory a piece at a time, however much there is."""

import tracemalloc
import zipfile

import pytest

from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import IssuedDocument
from madoguchi.customers.factories import make_customer
from madoguchi.infra import files
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.rights import kept
from madoguchi.rights.collecting import Enclosed, collected
from madoguchi.rights.person import Person

pytestmark = pytest.mark.django_db
MEGABYTE = 1 << 20


def test_recordings_are_written_piece_by_piece_and_missing_ones_named(world: World) -> None:
    company = world.ours.company.pk
    stored = files.put(b"RIFF" + bytes(24 * MEGABYTE), company=company)
    enclosed = [Enclosed("recordings/1.wav", sha256=stored), Enclosed("files/2", sha256="0" * 64)]

    tracemalloc.start()
    name, missing = kept.keep([("a.json", b"{}")], enclosed, company=company)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 8 * MEGABYTE
    assert missing == ["files/2"]
    with zipfile.ZipFile(kept.path_of(name, company=company)) as archive:
        assert archive.namelist() == ["a.json", "recordings/1.wav"]
        assert archive.read("recordings/1.wav") == b"RIFF" + bytes(24 * MEGABYTE)


def test_papers_are_read_one_by_one(world: World) -> None:
    side = world.ours
    customer = make_customer(side.company, email="misaki@home.example")
    with side.scope():
        order = order_of(customer.pk, side.desk.pk)
        said = {"order": order, "kind": "invoice", "day": clock.now().date(), "total": 1, "at": clock.now()}
        for number in range(24):
            pdf = b"%PDF" + bytes([number]) * MEGABYTE
            IssuedDocument.objects.create(company=side.company, number=f"R-{number}", pdf=pdf, **said)
        tracemalloc.start()
        told, enclosed = collected(Person(customer))
    name, missing = kept.keep([], enclosed, company=side.company.pk)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20 * MEGABYTE
    assert missing == []
    assert [row["pdf"]["bytes"] for row in told["records"]["commerce.IssuedDocument"]] == [MEGABYTE + 4] * 24
    with zipfile.ZipFile(kept.path_of(name, company=side.company.pk)) as archive:
        assert archive.read("papers/R-7.pdf") == b"%PDF" + b"\x07" * MEGABYTE


def test_a_paper_that_is_no_company_s_own_is_missing(world: World) -> None:
    _name, missing = kept.keep([], [Enclosed("papers/x.pdf", paper=987654)], company=world.ours.company.pk)

    assert missing == ["papers/x.pdf"]
