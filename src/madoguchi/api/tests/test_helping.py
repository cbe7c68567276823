"""What works together and what helps, by programs: read with its source, and what came of a remedy kept."""

import pytest

from madoguchi.api.tests.conftest import READ, Program, post
from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_fit, make_symptom, make_variant
from madoguchi.commerce.fits import Said, keep_fit
from madoguchi.commerce.models import Remedy, Trial
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


def test_what_works_together_is_told_with_its_source(world: World, program: Program) -> None:
    outside = make_fit(world.ours.company, outside="IH-2000")
    kettle, plate = (make_variant(world.ours.company, code=code) for code in ("K-1", "P-1"))
    with world.ours.scope():
        said = Said(
            product="K-1",
            other="P-1",
            verdict="conditions",
            conditions="蓋なしで",
            source="取扱説明書 12頁",
            sourced_on=clock.today(),
        )
        pair = keep_fit(world.ours.company, said, by=system("test"))
    client = program("agent", *READ)

    first = client.get("/api/v1/fits?limit=1").json()
    assert [one["outside"] for one in first["items"]] == ["IH-2000"]
    assert first["next"] == outside.pk
    [told] = client.get("/api/v1/fits?product=P-1").json()["items"]
    assert told == {
        "id": pair.pk,
        "company": world.ours.company.slug,
        "product": "K-1",
        "other": "P-1",
        "outside": "",
        "verdict": "conditions",
        "conditions": "蓋なしで",
        "source": "取扱説明書 12頁",
        "sourced_on": clock.today().isoformat(),
        "at": told["at"],
    }
    assert [one["id"] for one in client.get("/api/v1/fits?outside=ｉｈ２０００").json()["items"]] == [
        outside.pk
    ]
    assert client.get("/api/v1/fits?outside=-").json()["items"] == []
    assert kettle.product_id < plate.product_id
    assert program("agent", *READ, side=world.theirs).get("/api/v1/fits").json() == {
        "items": [],
        "next": None,
    }


def test_what_came_of_a_remedy_is_kept_once_and_counts(world: World, program: Program) -> None:
    symptom = make_symptom(world.ours.company)
    case = make_case(world.ours.entry_point)
    address = f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/diagnosis"
    client = program("agent", *READ, Permission.CASE_NOTE)
    with world.ours.scope():
        remedy = Remedy.objects.get()

    answer = post(client, address, {"remedy": remedy.pk, "result": "helped"})
    post(client, address, {"remedy": remedy.pk, "result": "helped"})

    assert answer.status_code == 201
    [told] = client.get(address).json()
    assert (told["symptom"], told["cause"], told["result"]) == (symptom.pk, "コンセントの緩み", "helped")
    assert client.get("/api/v1/symptoms?words=電源").json() == {
        "items": [
            {
                "id": symptom.pk,
                "company": world.ours.company.slug,
                "product": "",
                "name": "電源が入らない",
                "remedies": [
                    {
                        "id": remedy.pk,
                        "cause": "コンセントの緩み",
                        "words": "プラグを差し直す",
                        "tried": 1,
                        "helped": 1,
                    }
                ],
            }
        ],
        "next": None,
    }


def test_strangers_and_who_only_reads_keep_nothing(world: World, program: Program) -> None:
    make_symptom(world.ours.company)
    case = make_case(world.ours.entry_point)
    address = f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/diagnosis"
    theirs = make_symptom(world.theirs.company)
    with world.ours.scope():
        ours = Remedy.objects.get()
    with world.theirs.scope():
        foreign = Remedy.objects.get(symptom=theirs)
    writer = (*READ, Permission.CASE_NOTE)

    assert post(program("agent", *READ), address, {"remedy": ours.pk, "result": "helped"}).status_code == 403
    assert (
        post(program(*("agent", *writer)), address, {"remedy": foreign.pk, "result": "helped"}).status_code
        == 404
    )
    other = program("agent", *writer, side=world.theirs)
    assert post(other, address, {"remedy": foreign.pk, "result": "helped"}).status_code == 404
    assert other.get(address).status_code == 404
    assert other.get("/api/v1/symptoms").json()["items"][0]["id"] == theirs.pk
    for side in (world.ours, world.theirs):
        with side.scope():
            assert not Trial.objects.exists()
