"""`madoguchi case fill` and what `case show` tells of it."""

from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
run, answer = Shell(command).run, Shell(command).answer


def number_of(world: World, case: Case) -> str:
    return case.spoken_number(world.ours.company.prefix)


def kept(world: World, case: Case) -> dict[str, Any]:
    with world.ours.scope():
        return Case.objects.get(pk=case.pk).filled


def test_values_and_kind_are_set_and_shown(world: World) -> None:
    colour = make_field(world.ours.desk, label="色", required=True)
    count = make_field(world.ours.desk, "number", label="個数")
    make_matter(world.ours.desk, name="返品", fields=[count])
    case = make_case(world.ours.entry_point)
    number = number_of(world, case)

    told = answer("fill", number, "色=赤", "個数=2", "--matter", "返品", "--as", world.ours.agent.email)

    assert kept(world, case) == {colour.key: "赤", count.key: 2}
    assert told["matter"] == "返品"
    shown = answer("show", number)
    assert shown["matter"] == "返品"
    assert [(f["label"], f["kind"], f["value"], f["asked"], f["required"]) for f in shown["fields"]] == [
        ("個数", "number", 2, True, False),
        ("色", "text", "赤", True, True),
    ]
    assert [e["kind"] for e in shown["events"]][-3:] == ["case.matter", "case.filled", "case.filled"]


def test_all_or_nothing(world: World) -> None:
    make_field(world.ours.desk, label="色")
    make_field(world.ours.desk, "number", label="個数")
    case = make_case(world.ours.entry_point)

    said = run("fill", number_of(world, case), "色=赤", "個数=多数", "--as", world.ours.agent.email)

    assert isinstance(said.exception, Refused)
    assert kept(world, case) == {}


def test_answering_and_solving_asks_for_what_is_needed(world: World) -> None:
    make_field(world.ours.desk, label="原因", required=True)
    case = make_case(world.ours.entry_point)

    said = run(
        *("reply", number_of(world, case), "--as", world.ours.agent.email),
        *("--text", "直りました。", "--solve"),
    )

    assert isinstance(said.exception, Refused)
    assert "原因" in str(said.exception)
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).messages.count() == 1


@pytest.mark.parametrize(("how", "seen"), [("masked", "090••••••78"), ("hidden", "")])
def test_from_whom_it_is_kept_sees_it_so(world: World, how: str, seen: str) -> None:
    field = make_field(world.ours.desk, label="連絡先", holds="phone")
    make_field(world.ours.desk, label="色")
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(filled={field.key: "090-1234-5678"})
        setattr(world.ours.engagement, how, ["phone"])
        world.ours.engagement.save()

    told = answer("fill", number_of(world, case), "色=赤", "--as", world.ours.agent.email)

    fields = {one["label"]: (one["value"], one["words"]) for one in told["fields"]}
    assert fields == {"連絡先": (seen, seen), "色": ("赤", "赤")}
    assert kept(world, case)[field.key] == "090-1234-5678"
