"""`madoguchi user`."""

import json
from pathlib import Path
from typing import Any

import pytest

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World, make_person
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.user import user
from madoguchi.project.tests.shell import Shell

GOOD = "asahi-no-kirei-na-machi"
run, answer = Shell(user).run, Shell(user).answer


def test_the_first_administrator_of_a_fresh_installation(db: None) -> None:
    said = answer("add", "Taro@Example.jp", "--name", "山田 太郎", "--administrator")
    person = User.objects.get(email="taro@example.jp")
    assert said["email"] == "taro@example.jp"
    assert person.check_password(said["password"])
    assert actor_of(person).administrator


def test_an_agent_of_an_operator_with_a_password_from_standard_input(world: World) -> None:
    where = ("--operator", world.ours.operator.name, "--role", "agent")
    said = answer("add", "a@b.example", "--name", "新人", *where, "--password", "-", given=f"{GOOD}\n")
    assert said == {"email": "a@b.example", "password": GOOD}
    member = OperatorMember.objects.get(user__email="a@b.example")
    assert (member.operator, member.role) == (world.ours.operator, "agent")
    with world.ours.scope():
        kinds = set(Event.objects.values_list("kind", "actor_kind", "actor_name"))
    assert ("person.added", "system", "madoguchi user") in kinds


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--administrator", "--operator", "みどり", "--role", "agent"),
        ("--operator", "みどり"),
        ("--administrator", "--role", "agent"),
    ],
)
def test_a_person_needs_exactly_one_place(db: None, arguments: tuple[str, ...]) -> None:
    result = run("add", "a@b.example", "--name", "新人", *arguments)
    assert result.exit_code == 2
    assert not User.objects.exists()


def test_a_weak_password_adds_nobody(world: World) -> None:
    before = User.objects.count()
    result = run("add", "a@b.example", "--name", "新人", "--administrator", "--password", "short")
    assert result.exit_code != 0
    assert User.objects.count() == before


def test_people_are_listed_and_found(world: World) -> None:
    rows = answer("list")
    assert len(rows) == 11
    (row,) = answer("list", "--query", world.ours.agent.email)
    assert (row["name"], row["active"], row["operators"]) == ("青木 翔", True, [world.ours.operator.pk])


def test_a_password_is_given_anew(world: World) -> None:
    said = answer("password", world.ours.agent.email.upper())
    assert User.objects.get(pk=world.ours.agent.pk).check_password(said["password"])


def test_somebody_is_locked_out_and_let_in_again(world: World) -> None:
    assert answer("deactivate", world.ours.agent.email)["sessions_ended"] == 0
    assert not User.objects.get(pk=world.ours.agent.pk).is_active
    assert answer("reactivate", world.ours.agent.email)["active"] is True
    assert User.objects.get(pk=world.ours.agent.pk).is_active


def test_the_last_administrator_stays(world: World) -> None:
    result = run("deactivate", world.administrator.email)
    assert result.exit_code != 0
    assert User.objects.get(pk=world.administrator.pk).is_active


def test_nobody_by_that_address(db: None) -> None:
    make_person(email="a@b.example")
    for command in ("password", "deactivate", "reactivate"):
        assert run(command, "b@b.example").exit_code != 0
    assert User.objects.get().is_active


def test_sample_sign_ins_are_printed(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    nobody = run("samples")
    assert (nobody.exit_code, str(settings.DATA) in nobody.output) == (1, True)
    row = {"email": "a@b.example", "password": GOOD, "name": "青木", "role": "agent", "where": "ご購入後相談"}
    (tmp_path / "sample-sign-ins.json").write_text(json.dumps([row]))
    assert answer("samples") == [row]
    assert "a@b.example" in run("samples").output


def test_lists_for_people_name_who_is_locked_out(world: World) -> None:
    User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)
    with scope.everywhere(reason="a test looks at all companies"):
        lines = run("list").output.splitlines()
    assert [line for line in lines if "locked out" in line] == [
        line for line in lines if world.ours.agent.email in line
    ]
