"""What the sample desk has set up for itself, by the same actions that people use; and what its cases say of it."""

import tomllib
from datetime import timedelta
from functools import cache
from typing import Any

from madoguchi.companies.actions import set_approval, set_checks
from madoguchi.companies.models import Desk
from madoguchi.fields.actions import Shape, add_field
from madoguchi.fields.models import Field
from madoguchi.kernel.actor import Actor, system
from madoguchi.macros.actions import add_macro
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import add_rule, start_rule
from madoguchi.sample.content import SampleCase
from madoguchi.sample.corpus import topics_of
from madoguchi.sample.world import TEXTS
from madoguchi.tasks.planning import add_plan

SEED = system("madoguchi seed")
Value = tuple[str, str]


@cache
def written() -> dict[str, Any]:
    """What is set up, read once."""
    return tomllib.loads((TEXTS / "set_up.toml").read_text("utf-8"))


def set_up(desks: dict[str, Desk], people: dict[str, User]) -> None:
    """Fields, macros, rules, a plan and the words that need a senior, for one desk."""
    desk, lead = desks[written()["desk"]], actor_of(people[written()["leader"]])
    _fields(desk)
    for macro in written()["macro"]:
        add_macro(desk.company, desk=desk, name=macro["name"], acts=macro["acts"], by=lead)
    for rule in written()["rule"]:
        _rule(desk, rule, lead)
    plan = written()["plan"]
    add_plan(desk.company, desk=desk, name=plan["name"], steps=plan["steps"], owner=lead.id, by=lead)
    set_checks(
        desk,
        check_recipients=desk.check_recipients,
        check_attachment=desk.check_attachment,
        check_name=desk.check_name,
        check_bare=desk.check_bare,
        forbidden_words=desk.forbidden_words,
        care_words=written()["care_words"],
        by=SEED,
    )
    set_approval(desk, approval=Desk.Approval.CARE, approval_for=(), by=SEED)


def fields_of(desk: Desk) -> dict[str, Field]:
    """The fields of the sample desk that are there, by their keys."""
    keys = {row["label"]: row["key"] for row in written()["field"]}
    found = Field.objects.filter(desk=desk, label__in=keys, removed_at=None)
    return {keys[field.label]: field for field in found}


def values_of(case: SampleCase) -> list[Value]:
    """What is known of a case, by the keys of the fields: of each that somebody has answered."""
    if case.desk != written()["desk"] or case.first_replied_at is None or not case.assignee:
        return []
    kind = written()["kinds"].get(_categories(case.company).get(case.topic, ""), "その他")
    values = [("kind", kind)]
    if kind == "その他":
        values.append(("other", case.tags[0] if case.tags else case.subject[:40]))
    if case.index % 3 == 0:
        values.append(("date", str((case.opened_at - timedelta(days=5 + case.index % 300)).date())))
    return values


@cache
def _categories(company: str) -> dict[str, str]:
    return {topic.key: topic.category for topic in topics_of(company).topics}


def _fields(desk: Desk) -> None:
    made: dict[str, Field] = {}
    for place, row in enumerate(written()["field"]):
        shape = Shape(
            label=row["label"],
            help=row.get("help", ""),
            required=row.get("required", False),
            choices=row.get("choices", ()),
            only_if=made.get(row.get("only_if", "")),
            only_values=row.get("only_values", ()),
            place=place,
        )
        made[row["key"]] = add_field(desk, kind=row["kind"], shape=shape, by=SEED)


def _rule(desk: Desk, row: dict[str, Any], lead: Actor) -> None:
    said = {name: row[name] for name in ("name", "trigger", "kinds", "filter", "acts")}
    rule = add_rule(desk, said=said | {"per_case": 3, "per_hour": 500}, by=lead)
    if row["starts"]:
        start_rule(rule, by=lead)
