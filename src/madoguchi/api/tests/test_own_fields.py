"""What a desk of its own wants to know of a case, read and filled in by a program as by a person."""

from typing import Any

import pytest

from madoguchi.api.tests.conftest import Program
from madoguchi.api.tests.test_changing import CHANGE, address_of, patch
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def cause(world: World) -> Field:
    """A choice that is needed to solve a case."""
    return make_field(world.ours.desk, label="原因", kind="choice", choices=["配送", "不良"], required=True)


def filled(world: World, case: Case) -> dict[str, Any]:
    with world.ours.scope():
        found: dict[str, Any] = Case.objects.get(pk=case.pk).filled
        return found


def test_a_value_is_filled_in_by_name_or_id_and_told_and_taken_away(
    world: World, program: Program, case: Case, cause: Field
) -> None:
    client, address = program("agent", *CHANGE), address_of(case, world)
    told = {"id": cause.pk, "name": "原因", "kind": "choice", "asked": True, "required": True}
    assert client.get(address).json()["own_fields"] == [told | {"value": ""}]

    by_name = patch(client, address, {"own_fields": {"原因": "配送"}})
    assert by_name.json()["own_fields"] == [told | {"value": "配送"}]
    by_id = patch(client, address, {"own_fields": {str(cause.pk): "不良"}})
    assert by_id.json()["own_fields"] == [told | {"value": "不良"}]
    assert filled(world, case) == {cause.key: "不良"}

    gone = patch(client, address, {"own_fields": {"原因": ""}})
    assert gone.json()["own_fields"] == [told | {"value": ""}]
    assert filled(world, case) == {}


def test_what_is_needed_can_be_filled_in_with_the_status_that_needs_it(
    world: World, program: Program, case: Case, cause: Field
) -> None:
    client, address = program("agent", *CHANGE), address_of(case, world)

    refused = patch(client, address, {"status": "solved"})
    solved = patch(client, address, {"status": "solved", "own_fields": {"原因": "配送"}})

    assert (refused.status_code, solved.status_code) == (422, 200)
    assert (solved.json()["status"], filled(world, case)) == ("solved", {cause.key: "配送"})


@pytest.mark.parametrize(
    ("fields", "named", "why"),
    [
        ({"原因": "天気"}, "own_fields.原因", "原因: 一覧から選んでください。"),
        ({"色": "青"}, "own_fields.色", "「色」は、この用件ではたずねていない項目です。"),
        ({"原因": "配送", "色": "青"}, "own_fields.色", "「色」は、この用件ではたずねていない項目です。"),
    ],
)
def test_what_a_field_does_not_take_is_said_as_at_the_desk_and_nothing_is_kept(
    world: World,
    program: Program,
    case: Case,
    cause: Field,
    fields: dict[str, str],
    named: str,
    why: str,
) -> None:
    answer = patch(
        program("agent", *CHANGE),
        address_of(case, world),
        {"own_fields": fields},
        **{"Accept-Language": "ja"},
    )

    assert answer.status_code == 422
    problem = answer.json()
    assert why in str(problem)
    assert named in str(problem)
    assert filled(world, case) == {}
