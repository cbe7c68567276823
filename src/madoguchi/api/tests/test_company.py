"""See, don't command (37号告示): what the people of a company may write by the API."""

import pytest

from madoguchi.api.tests.conftest import Program, all_of
from madoguchi.api.v1 import PREFIX, api
from madoguchi.cases.factories import make_case
from madoguchi.kernel.actor import PERMISSIONS, Role
from madoguchi.people.factories import World
from madoguchi.people.tokens import OF_USE

pytestmark = pytest.mark.django_db


# What a company's own people may write by the API, and why it directs nobody of another employer.
COMPANY_WRITES = {
    ("POST", "/cases"): "a case that the company opens waits at the desk like any other",
    ("POST", "/customers/{id}/stop"): "whose data is used no more is for the company to say",
    ("POST", "/customers/{id}/resume"): "and that it may be used again",
}


@pytest.mark.parametrize("person", ["company_staff", "company_manager"])
def test_a_company_writes_by_the_api_no_more_than_is_its_own(
    world: World, program: Program, person: str
) -> None:
    """See, don't command: every route that writes, by what it asks for and by calling it."""
    role = Role(person)
    case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)
    client = program(person, *(PERMISSIONS[role] & set(OF_USE)))
    writes = [
        (method, route, one.view_func.permission)
        for _prefix, router in api._routers
        for route, view in router.path_operations.items()
        for one in view.operations
        for method in one.methods
        if method != "GET"
    ]
    assert len(writes) >= 20
    may = {(method, route) for method, route, permission in writes if permission in PERMISSIONS[role]}
    assert may <= set(COMPANY_WRITES)
    before = all_of(world.ours)

    told = {
        (method, route): client.generic(
            method,
            f"{PREFIX.rstrip('/')}{route.format(number=number, id=1)}",
            b'{"text": "\\u6025\\u3044\\u3067", "version": 1}',
            content_type="application/json",
            headers={"idempotency-key": f"k{at}"},
        ).status_code
        for at, (method, route, _permission) in enumerate(writes)
        if (method, route) not in may
    }

    assert {where: status for where, status in told.items() if status not in (403, 404, 422)} == {}
    after = all_of(world.ours)
    assert {name for name in after if after[name] != before[name]} <= {"people.AccessToken", "infra.Event"}
