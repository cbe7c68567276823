"""Who gets in, how often, and how errors are told."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from madoguchi.api import problems
from madoguchi.api.tests.conftest import Program
from madoguchi.cases.models import Case
from madoguchi.infra.models import RateCount
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.models import AccessToken

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
CONTEXT = {"min_length": 1, "max_length": 2, "ge": 3, "gt": 4, "le": 5, "lt": 6, "expected": "'a' or 'b'"}


def test_me_says_whom_the_token_acts_for(world: World, program: Program) -> None:
    answer = program().get("/api/v1/me")
    assert answer.json() == {
        "name": world.ours.agent.name,
        "permissions": ["case.read", "customer.read"],
        "companies": [world.ours.company.slug],
    }
    assert AccessToken.objects.get().used_on is not None


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer mdg_0_0", "Basic eDp5", "Bearer \x00"])
def test_without_a_token_that_holds_nothing_is_open(db: None, shown: str) -> None:
    answer = Client(headers={"authorization": shown}).get("/api/v1/me")
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["title"] == "トークンが必要です"


def test_a_browsers_session_opens_nothing(world: World, client: Client) -> None:
    client.force_login(world.ours.agent)
    assert client.get("/api/v1/me").status_code == 401


def test_the_language_is_the_programs_else_the_persons(world: World, program: Program) -> None:
    japanese = program().get("/api/v1/cases/XX-1")
    english = program(**{"accept-language": "fr, en-GB;q=0.8, ja;q=0.5"}).get("/api/v1/cases/XX-1")
    assert (japanese.status_code, japanese["Content-Language"]) == (404, "ja")
    assert japanese.json()["title"] == "ここには何もありません"
    assert english["Content-Language"] == "en"
    assert english.json() == {
        "type": "about:blank",
        "title": "There is nothing here",
        "status": 404,
        "detail": "It does not exist, or lies outside of what the token opens. Check the address.",
    }


def test_a_token_without_the_permission_is_told_which_one(world: World, program: Program) -> None:
    answer = program("agent", Permission.CUSTOMER_READ, **{"accept-language": "en"}).get("/api/v1/cases")
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("It needs case.read.")


def test_more_than_the_limit_waits(world: World, program: Program, settings: Any) -> None:
    settings.API_PER_MINUTE = 2
    RateCount.objects.all().delete()
    one, other = program(), program()
    answers = [one.get("/api/v1/me").status_code for _ in range(5)]
    # The window may end in the midst of them, once.
    assert answers.count(429) >= 1
    assert set(answers) == {200, 429}
    last = one.get("/api/v1/me")
    while last.status_code == 200:
        last = one.get("/api/v1/me")
    assert 0 < int(last["Retry-After"]) <= 60
    assert other.get("/api/v1/me").status_code == 200


def test_what_is_known_is_not_sent_again(world: World, program: Program) -> None:
    client = program()
    first = client.get("/api/v1/me")
    again = client.get("/api/v1/me", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in again["Cache-Control"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("/api/v1/", 404), ("/api/v1/nothing", 404), ("/api/v1/cases/%00", 404), ("/api/v1/cases?limit=0", 422)],
)
def test_every_error_is_a_problem(program: Program, address: str, status: int) -> None:
    answer = program().get(address)
    assert (answer.status_code, answer["Content-Type"], answer.json()["status"]) == (status, PROBLEM, status)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{bad", 400, "本文が UTF-8 の JSON ではありません"),
        (b'"\xff\xfe"', 400, "本文が UTF-8 の JSON ではありません"),
        (b"[" * 100_000, 400, "本文が UTF-8 の JSON ではありません"),
        (b'"' + b"a" * 5_000_000 + b'"', 413, "1回のリクエストは最大 5 MB です"),
    ],
    ids=["no JSON", "no UTF-8", "too deep", "too large"],
)
def test_a_body_that_cannot_be_taken_is_a_problem(
    world: World, program: Program, body: bytes, status: int, told: str
) -> None:
    headers = {"idempotency-key": "one"}
    answer = program("agent", Permission.CASE_OPEN).post(
        "/api/v1/cases", body, content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["detail"].startswith(told)
    with world.ours.scope():
        assert not Case.objects.exists()


def test_what_cannot_be_read_is_named(program: Program) -> None:
    answer = program().get("/api/v1/cases?limit=x&view=y")
    assert [error["field"] for error in answer.json()["errors"]] == ["view", "limit"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/api/v1/cases?limit=x", "整数で指定してください。"),
        ("/api/v1/cases?limit=0", "1 以上で指定してください。"),
        ("/api/v1/cases?limit=101", "100 以下で指定してください。"),
        ("/api/v1/cases?view=y", "次のいずれかを指定してください: 'mine', "),
    ],
)
def test_what_is_wrong_is_said_in_the_readers_language(program: Program, asked: str, told: str) -> None:
    [error] = program().get(asked).json()["errors"]
    assert error["detail"].startswith(told)


def test_every_way_to_be_wrong_that_our_schemas_know_has_words() -> None:
    errors = [
        {"type": kind, "loc": ("body", "body", "at"), "msg": "", "ctx": CONTEXT} for kind in problems._FOUND
    ]
    told = json.loads(problems.misread(errors).content)["errors"]
    assert {one["field"] for one in told} == {"at"}
    assert all(one["detail"] and "%" not in one["detail"] for one in told)


def test_another_method_is_refused_with_those_that_are_taken(program: Program) -> None:
    answer = program().delete("/api/v1/me")
    assert (answer.status_code, answer["Allow"], answer["Content-Type"]) == (
        405,
        "GET, HEAD, OPTIONS",
        PROBLEM,
    )


def test_pages_alone_load_no_pydantic() -> None:
    code = (
        "import sys, django; django.setup();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(sorted({'ninja', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
