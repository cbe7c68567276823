"""Stop of use by programs: with who asks and how that was proven, taken back, and by nobody but the company."""

from typing import Any

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of, post
from madoguchi.cases.actions.sure import set_identity_needs
from madoguchi.cases.factories import make_case
from madoguchi.customers.models import Customer
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights.models import Request

pytestmark = pytest.mark.django_db
DECIDE = (*READ, Permission.RIGHTS)
SAID = {"words": "案内をやめてください。", "proof": "call_back", "note": "登録の番号へ折り返した"}


@pytest.fixture
def customer(world: World) -> int:
    return make_case(world.ours.entry_point).customer_id


def demands(world: World) -> list[Any]:
    with world.ours.scope():
        return list(Request.objects.order_by("pk").values_list("kind", "state", "asker", "words", "proof"))


def test_it_is_stopped_once_and_taken_back(world: World, program: Program, customer: int) -> None:
    client, at = program("company_manager", *DECIDE), f"/api/v1/customers/{customer}"
    assert client.get(f"{at}/stop").json() == {"customer": customer, "stopped_at": None}
    first, again = (post(client, f"{at}/stop", SAID) for _time in range(2))

    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["state"] == "done"
    assert demands(world) == [("stop", "done", "person", "案内をやめてください。", "call_back")]
    told = client.get(first["Location"]).json()
    with world.ours.scope():
        since = Customer.objects.get(pk=customer).use_stopped_at
    assert since is not None
    assert told["stopped_at"].startswith(f"{since:%Y-%m-%dT%H:%M:%S}")

    resumed = post(client, f"{at}/resume", {}, key="r1")
    none = post(client, f"{at}/resume", {}, key="r2")
    assert (resumed.json()["state"], none.status_code) == ("lifted", 422)
    assert client.get(f"{at}/stop").json()["stopped_at"] is None


def test_what_another_stop_demands_stays(world: World, program: Program, customer: int) -> None:
    client, at = program("company_manager", *DECIDE), f"/api/v1/customers/{customer}"
    for key in ("a", "b"):
        assert post(client, f"{at}/stop", SAID, key=key).status_code == 201
    assert post(client, f"{at}/resume", {}, key="c").status_code == 201

    assert [one[1] for one in demands(world)] == ["done", "lifted"]
    assert client.get(f"{at}/stop").json()["stopped_at"] is not None


@pytest.mark.parametrize(
    "said",
    [{}, {"proof": "face"}, {"proof": "document", "asker": "agent"}, {"proof": "letter", "words": 1}],
)
def test_without_a_proof_nothing_is_stopped(
    world: World, program: Program, customer: int, said: dict[str, Any]
) -> None:
    client = program("company_manager", *DECIDE)

    assert post(client, f"/api/v1/customers/{customer}/stop", said).status_code == 422
    assert demands(world) == []
    assert client.get(f"/api/v1/customers/{customer}/stop").json()["stopped_at"] is None


def test_a_proof_of_less_than_the_company_wants_needs_a_reason(
    world: World, program: Program, customer: int
) -> None:
    client, at = program("company_manager", *DECIDE), f"/api/v1/customers/{customer}/stop"
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        set_identity_needs(world.ours.company, {"disclose": 3}, by=by)

    asked = post(client, at, SAID)

    assert (asked.status_code, [one["key"] for one in asked.json()["questions"]]) == (422, ["identity"])
    assert (demands(world), client.get(at).json()["stopped_at"]) == ([], None)
    for key, said in (("k2", SAID | {"because": "called_back"}), ("k3", SAID | {"proof": "document"})):
        assert post(client, at, said, key=key).status_code == 201
    with world.ours.scope():
        [told] = Event.objects.filter(kind="case.acted_unsure")
        assert (told.data["level"], told.data["reason"]) == (2, "called_back")


def test_nobody_else_stops_or_resumes(world: World, program: Program, customer: int) -> None:
    at, before = f"/api/v1/customers/{customer}", all_of(world.ours)["rights.Request"]
    stranger = program("company_manager", *DECIDE, side=world.theirs)
    for client, status in ((program("company_manager"), 403), (stranger, 404)):
        assert post(client, f"{at}/stop", SAID).status_code == status
        assert post(client, f"{at}/resume", {}, key="r").status_code == status
    assert stranger.get(f"{at}/stop").status_code == 404
    assert all_of(world.ours)["rights.Request"] == before
