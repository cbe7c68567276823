"""What the description says holds: every route is called with what it allows and with what it does not."""

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from madoguchi.api.tests.conftest import Program, post
from madoguchi.cases.factories import make_case
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.project.wsgi import application

EVERYTHING = (
    Permission.CASE_READ,
    Permission.CASE_OPEN,
    Permission.CASE_REPLY,
    Permission.CASE_NOTE,
    Permission.CASE_UPDATE,
    Permission.CUSTOMER_READ,
    Permission.CUSTOMER_EDIT,
)


# The server ends its connections, so what it is to find must have been committed.
@pytest.fixture
def shown(world: World, program: Program) -> dict[str, str]:
    """What a program with every permission shows."""
    return {"Authorization": program("agent", *EVERYTHING).defaults["HTTP_AUTHORIZATION"]}


@pytest.fixture
def described(world: World, program: Program, shown: dict[str, str], monkeypatch: Any) -> Any:
    """The API as it describes itself, where a case and a customer are met."""
    monkeypatch.setattr(django_settings, "API_PER_MINUTE", 100_000)
    make_case(world.ours.entry_point)
    body = {"company": world.ours.company.slug, "name": "髙橋"}
    post(program("agent", *EVERYTHING), "/api/v1/customers", body)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers=shown)


@pytest.mark.django_db(transaction=True)
def test_every_answer_is_as_described(described: Any, shown: dict[str, str]) -> None:
    wrong: dict[str, str] = {}
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            try:
                _call(operation.as_strategy(generation_mode=mode), shown)
            except FailureGroup as failure:
                wrong[f"{operation.label} {mode.value}"] = _words(failure)
    assert wrong == {}


def _call(cases: SearchStrategy[Case], shown: dict[str, str]) -> None:
    @given(cases)
    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    def call(case: Case) -> None:
        # What a desk, a contract or another customer's address rules out, no description can say.
        case.call_and_validate(headers=shown, excluded_checks=[positive_data_acceptance])

    with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked
        call()


def _words(failure: FailureGroup) -> str:
    return "\n".join(f"{type(one).__name__}: {one}" for one in failure.exceptions)
