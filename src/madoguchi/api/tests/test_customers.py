"""Customers by the API: found, entered and changed, within what the contract shows."""

from typing import Any

import pytest
from django.test import Client

from madoguchi.api.tests.conftest import Program, all_of, post
from madoguchi.cases.actions.sure import set_identity_needs
from madoguchi.cases.models import Look
from madoguchi.customers.actions import mark_undeliverable, set_places
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EDIT = (Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)
ADDRESS = "/api/v1/customers"


def patch(client: Client, address: str, body: Any, **headers: str) -> Any:
    return client.patch(address, body, content_type="application/json", headers=headers)


def someone(world: World, **fields: Any) -> dict[str, Any]:
    return {"company": world.ours.company.slug, "name": "髙橋 美咲"} | fields


def kept_from(world: World, **fields: list[str]) -> None:
    with world.ours.scope():
        for name, value in fields.items():
            setattr(world.ours.engagement, name, value)
        world.ours.engagement.save()


def test_a_customer_is_entered_and_found_by_every_address(world: World, program: Program) -> None:
    client = program("agent", *EDIT)
    body = someone(world, kana="たかはし", emails=["Misaki@Home.example"], phones=["03-1234-5678"])
    answer = post(client, ADDRESS, body)
    assert (answer.status_code, answer["Location"]) == (201, f"{ADDRESS}/{answer.json()['id']}")
    told = client.get(answer["Location"]).json()
    assert (told["name"], told["kana"]) == ("髙橋 美咲", "たかはし")
    assert (told["emails"], told["phones"]) == (["Misaki@Home.example"], ["03-1234-5678"])
    for asked in ({"email": "misaki@home.example"}, {"phone": "+81312345678"}):
        assert client.get(ADDRESS, asked).json() == [told]
    assert client.get(ADDRESS, {"email": "other@home.example"}).json() == []
    with world.ours.scope():
        [event] = Event.objects.filter(kind="customer.created")
        assert (event.actor_id, event.data["customer"]) == (world.ours.agent.pk, told["id"])


def test_member_numbers_and_former_names_are_set_and_found_by(world: World, program: Program) -> None:
    client = program("agent", *EDIT)
    body = someone(world, members=["A-0012 345"], former_names=["鈴木 美咲"])
    at = post(client, ADDRESS, body)["Location"]
    told = client.get(ADDRESS, {"member": "ａ００１２３４５"}).json()
    assert [(one["members"], one["former_names"]) for one in told] == [(["A-0012 345"], ["鈴木 美咲"])]
    assert [one["kind"] for one in told[0]["addresses"]] == ["member"]
    mark = client.get(at)["ETag"]
    assert patch(client, at, {"members": ["B-1"], "former_names": []}, if_match=mark).status_code == 200
    after = client.get(at).json()
    assert (after["members"], after["former_names"], after["name"]) == (["B-1"], [], "髙橋 美咲")
    assert patch(client, at, {"former_names": ["x"]}, if_match=mark).status_code == 412
    assert client.get(ADDRESS, {"member": "A0012345"}).json() == []
    refused = client.get(ADDRESS, {"member": "B1", "email": "a@b.example"})
    assert (refused.status_code, client.get(at).json()) == (422, after)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"members": ["・"]}, "members"),
        ({"former_names": ["一", "二"] + ["三"] * 9}, "former_names"),
        ({"name": ""}, "name"),
        ({"emails": ["x"]}, "emails"),
        ({"emails": ["taken@mail.example"]}, "emails"),
        ({"phones": ["0312345678"], "emails": ["new@mail.example"]}, "phones"),
        ({"phones": ["4111-1111-1111-1111"], "emails": ["new@mail.example"]}, "phones"),
    ],
)
def test_what_cannot_be_entered_leaves_nothing(
    world: World, program: Program, fields: dict[str, Any], field: str
) -> None:
    make_customer(world.ours.company, email="taken@mail.example", phone="03-1234-5678")
    client, before = program("agent", *EDIT), all_of(world.ours)
    refused = post(client, ADDRESS, someone(world, **fields))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert all_of(world.ours) == before


def test_what_is_given_is_changed_and_the_rest_stays(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company)
    answer = patch(program("agent", *EDIT), f"{ADDRESS}/{customer.pk}", {"memo": "お得意様"})
    assert (answer.status_code, answer.json()["memo"], answer.json()["name"]) == (
        200,
        "お得意様",
        "田中 一郎",
    )
    with world.ours.scope():
        assert Customer.objects.get().memo == "お得意様"
        assert Event.objects.get(kind="customer.changed").data["fields"] == ["memo"]


def test_with_if_match_not_over_what_somebody_else_changed(world: World, program: Program) -> None:
    address = f"{ADDRESS}/{make_customer(world.ours.company).pk}"
    client = program("agent", *EDIT)
    seen = client.get(address)["ETag"]
    assert patch(client, address, {"memo": "一"}, **{"if-match": seen}).status_code == 200
    before = all_of(world.ours)
    assert patch(client, address, {"memo": "二"}, **{"if-match": seen}).status_code == 412
    assert all_of(world.ours) == before


def test_what_is_masked_is_neither_seen_nor_changed_nor_searched_by(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company, email="taken@mail.example")
    kept_from(world, masked=["email"], hidden=["memo"])
    client = program("agent", *EDIT)
    told = client.get(f"{ADDRESS}/{customer.pk}").json()
    assert (told["emails"], told["memo"]) == (["ta••••@••••.example"], "")
    assert client.get(ADDRESS, {"email": "taken@mail.example"}).json() == []
    # Of each field the first attempt of the hour is told.
    assert patch(client, f"{ADDRESS}/{customer.pk}", {"memo": "x"}).status_code == 422
    before = all_of(world.ours)
    refused = [
        patch(client, f"{ADDRESS}/{customer.pk}", {"memo": "x"}),
        post(client, ADDRESS, someone(world, memo="x")),
        post(client, ADDRESS, someone(world, emails=["taken@mail.example"])),
        post(client, ADDRESS, someone(world, emails=["free@mail.example"])),
    ]
    assert {answer.status_code for answer in refused} == {422}
    assert refused[2].json() == refused[3].json()
    assert all_of(world.ours) == before


def test_a_stranger_finds_and_enters_nothing(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company, email="ours@mail.example")
    client, before = program("agent", *EDIT, side=world.theirs), all_of(world.ours)
    assert client.get(f"{ADDRESS}/{customer.pk}").status_code == 404
    assert client.get(ADDRESS, {"email": "ours@mail.example"}).json() == []
    assert patch(client, f"{ADDRESS}/{customer.pk}", {"memo": "x"}).status_code == 404
    assert post(client, ADDRESS, someone(world)).status_code == 404
    assert all_of(world.ours) == before
    same = post(
        client, ADDRESS, someone(world, company=world.theirs.company.slug, emails=["ours@mail.example"])
    )
    assert same.status_code == 201
    with world.ours.scope():
        assert Identity.objects.get().customer_id == customer.pk


def test_a_company_reads_its_customers_and_enters_none(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company)
    client = program("company_staff")
    assert client.get(f"{ADDRESS}/{customer.pk}").status_code == 200
    before = all_of(world.ours)
    assert post(client, ADDRESS, someone(world)).status_code == 403
    assert patch(client, f"{ADDRESS}/{customer.pk}", {"memo": "x"}).status_code == 403
    assert all_of(world.ours) == before


def test_one_address_is_asked_for_at_a_time(program: Program) -> None:
    for asked in ({}, {"email": "a@b.example", "phone": "1"}):
        assert program().get(ADDRESS, asked).status_code == 422


def test_who_changes_a_customer_was_shown_them_and_who_changes_nothing_is_not(
    world: World, program: Program
) -> None:
    customer = make_customer(world.ours.company)
    client, address, before = program("agent", *EDIT), f"{ADDRESS}/{customer.pk}", all_of(world.ours)
    for body in ({}, {"name": None}):
        refused = patch(client, address, body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body")
    assert all_of(world.ours) == before
    with world.ours.scope():
        assert Look.objects.count() == 0
    assert patch(client, address, {"memo": "一"}).status_code == 200
    with world.ours.scope():
        assert list(Look.objects.values_list("user_id", "customer_id")) == [
            (world.ours.agent.pk, customer.pk)
        ]


def _reached(world: World) -> list[tuple[str, str]]:
    with world.ours.scope():
        return list(Identity.objects.order_by("kind", "id").values_list("kind", "written"))


def test_addresses_are_added_taken_away_and_put_in_order(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company, email="first@home.example", phone="03-1234-5678")
    address, client = f"{ADDRESS}/{customer.pk}", program("agent", *EDIT)

    more = patch(client, address, {"emails": ["first@home.example", "Second@home.example"]})
    main = patch(client, address, {"emails": ["second@home.example", "first@home.example"]})
    fewer = patch(client, address, {"emails": ["second@home.example"], "phones": [], "memo": "一人"})

    assert [answer.status_code for answer in (more, main, fewer)] == [200, 200, 200]
    assert more.json()["emails"] == ["first@home.example", "Second@home.example"]
    assert main.json()["emails"] == ["second@home.example", "first@home.example"]
    assert (fewer.json()["emails"], fewer.json()["phones"]) == (["second@home.example"], [])
    assert _reached(world) == [("email", "second@home.example")]
    assert client.get(ADDRESS, {"email": "first@home.example"}).json() == []
    with world.ours.scope():
        told = list(
            Event.objects.filter(kind="customer.changed").order_by("id").values_list("data", flat=True)
        )
    assert [fact["fields"] for fact in told] == [["emails"], ["emails"], ["memo"], ["emails", "phones"]]
    assert "home.example" not in str(told)


def test_addresses_as_they_are_change_nothing(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company, email="first@home.example")
    client, before = program("agent", *EDIT), all_of(world.ours)
    answer = patch(client, f"{ADDRESS}/{customer.pk}", {"emails": ["first@home.example"], "phones": []})
    after = all_of(world.ours)
    assert answer.status_code == 200
    assert {name for name in after if after[name] != before[name]} <= {"cases.Look"}


def test_what_is_known_of_an_address_goes_with_it_to_its_new_place(world: World, program: Program) -> None:
    customer = make_customer(world.ours.company, email="first@home.example")
    by = system("test")
    with world.ours.scope():
        where = {"company": world.ours.company.pk, "address": "first@home.example"}
        mark_undeliverable(**where, status="5.1.1", why="no such user", by=by)
    body = {"emails": ["second@home.example", "first@home.example"]}
    patch(program("agent", *EDIT), f"{ADDRESS}/{customer.pk}", body)
    with world.ours.scope():
        marked = dict(Identity.objects.values_list("value", "undeliverable_why"))
    assert marked == {"first@home.example": "no such user", "second@home.example": ""}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"emails": ["x"]}, "emails"),
        ({"emails": ["first@home.example", "taken@mail.example"]}, "emails"),
        ({"phones": ["0312345678"], "emails": []}, "phones"),
        ({"memo": "一", "emails": ["taken@mail.example"]}, "emails"),
        ({"phones": ["4111111111111111"]}, "phones"),
        ({"phones": ["090-1234-5678", "３７８２ ８２２４６３ １０００５"]}, "phones"),
        ({"emails": ["4111111111111111@home.example"]}, "emails"),
    ],
)
def test_addresses_that_cannot_be_leave_all_as_it_was(
    world: World, program: Program, body: dict[str, Any], field: str
) -> None:
    make_customer(world.ours.company, email="taken@mail.example", phone="03-1234-5678")
    customer = make_customer(world.ours.company, email="first@home.example")
    client, before = program("agent", *EDIT), all_of(world.ours)
    refused = patch(client, f"{ADDRESS}/{customer.pk}", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert all_of(world.ours) == before


@pytest.mark.parametrize("how", ["masked", "hidden"])
def test_who_is_kept_from_addresses_changes_none(world: World, program: Program, how: str) -> None:
    customer = make_customer(world.ours.company, email="first@home.example")
    kept_from(world, **{how: ["email"]})
    client, before = program("agent", *EDIT), all_of(world.ours)
    for body in ({"emails": []}, {"emails": ["first@home.example"]}, {"emails": ["new@home.example"]}):
        assert patch(client, f"{ADDRESS}/{customer.pk}", body).status_code == 422
    after = all_of(world.ours)
    # The log alone says that it was tried.
    added = [row for row in after.pop("infra.Event") if row not in before["infra.Event"]]
    assert [row[3] for row in added] == ["customer.refused"]
    [(_, told_of, _)] = after.pop("infra.EventCustomer")
    assert told_of == customer.pk
    assert after == {name: rows for name, rows in before.items() if name in after}
    assert set(before) - set(after) == {"infra.Event", "infra.EventCustomer"}


def test_addresses_too_are_not_changed_past_somebody_else(world: World, program: Program) -> None:
    address = f"{ADDRESS}/{make_customer(world.ours.company, email='first@home.example').pk}"
    client = program("agent", *EDIT)
    seen = {"if-match": client.get(address)["ETag"]}
    assert patch(client, address, {"emails": ["second@home.example"]}, **seen).status_code == 200
    before = all_of(world.ours)
    assert patch(client, address, {"emails": ["third@home.example"]}, **seen).status_code == 412
    assert all_of(world.ours) == before


def test_what_the_company_wants_to_be_sure_of_is_asked_first(world: World, program: Program) -> None:
    client = program("agent", *EDIT)
    at = post(client, ADDRESS, someone(world, emails=["misaki@home.example"]))["Location"]
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        set_identity_needs(world.ours.company, {"address": 2}, by=by)

    asked = patch(client, at, {"name": "鈴木 美咲", "emails": ["other@home.example"]})

    assert (asked.status_code, [one["key"] for one in asked.json()["questions"]]) == (422, ["identity"])
    assert asked.json()["errors"][0]["field"] == "because"
    assert (client.get(at).json()["name"], client.get(at).json()["emails"]) == (
        "髙橋 美咲",
        ["misaki@home.example"],
    )
    assert patch(client, at, {"because": "pressing"}).status_code == 422
    assert patch(client, at, {"name": "鈴木 美咲"}).json()["name"] == "鈴木 美咲"
    done = patch(client, at, {"emails": ["other@home.example"], "because": "known_way"})
    assert done.json()["emails"] == ["other@home.example"]
    with world.ours.scope():
        [told] = Event.objects.filter(kind="case.acted_unsure")
        assert (told.case_id, told.data["reason"], told.data["needed"]) == (None, "known_way", 2)


def test_postal_addresses_beside_the_record_are_read_as_far_as_they_may_be(
    world: World, program: Program
) -> None:
    customer, client = make_customer(world.ours.company), program("agent", *EDIT)
    at = f"{ADDRESS}/{customer.pk}/places"
    assert client.get(at).json() == []
    with world.ours.scope():
        set_places(customer, written=["京都市中京区三条通12-3"], by=actor_of(world.ours.agent))

    [told] = client.get(at).json()

    assert (told["written"], told["how"]) == ("京都市中京区三条通12-3", "told")
    kept_from(world, masked=["address"])
    assert "三条通" not in client.get(at).text
    kept_from(world, masked=[], hidden=["address"])
    assert client.get(at).json() == []
    assert program("agent", Permission.CASE_READ).get(at).status_code == 403
    assert program("agent", *EDIT, side=world.theirs).get(at).status_code == 404
    with world.ours.scope():
        assert Look.objects.filter(customer_id=customer.pk, user=world.ours.agent.pk).exists()
