"""The sign-ins of the sample people, kept where only the owner of the installation reads them."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings

from madoguchi.kernel.actor import Role
from madoguchi.sample.world import Person, sample_world

NAME = "sample-sign-ins.json"
# One of each role and of each operating model; everybody else has the same password.
SHOWN = (
    "sasaki",
    "hayashi",
    "onodera",
    "chiba",
    "furukawa",
    "horiuchi",
    "kawai",
    "hanamoto",
    "akiyama.tamaki",
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none alike
_ROLES = {
    Role.AGENT: "オペレーター",
    Role.SUPERVISOR: "SV",
    Role.MANAGER: "管理責任者",
    Role.COMPANY_STAFF: "委託元担当",
    Role.COMPANY_MANAGER: "委託元責任者",
    Role.ADMINISTRATOR: "システム管理者",
}


def new_password() -> str:
    """A password that can be read aloud and typed: four groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def keep(password: str) -> Path:
    """Write the sign-ins down for `madoguchi user samples`, in place of any before; returns where."""
    people = {person.key: person for person in sample_world().people}
    rows = [_row(people[key], password) for key in SHOWN]
    file = settings.DATA / NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as writable:
        json.dump(rows, writable, ensure_ascii=False, indent=1)
    return file


def _row(person: Person, password: str) -> dict[str, str]:
    return {
        "email": person.email,
        "password": password,
        "role": _ROLES[Role(person.role)],
        "name": person.name,
        "where": _where(person),
    }


def _where(person: Person) -> str:
    world = sample_world()
    if person.desks:
        return "、".join(
            f"{world.company(world.desk(d).company).brand} {world.desk(d).name}" for d in person.desks
        )
    named = {o.key: o.name for o in world.operators} | {c.key: c.name for c in world.companies}
    return named.get(person.organisation, "この設置全体")
