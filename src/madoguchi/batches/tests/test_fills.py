"""Own fields that are filled in for many cases at once, before they are solved or by themselves."""

from typing import Any

import pytest

from madoguchi.batches.actions import start, undo
from madoguchi.batches.acts import wanted
from madoguchi.batches.fills import fields_for_many
from madoguchi.batches.models import Batch
from madoguchi.batches.queries import Group, preview
from madoguchi.batches.tests.test_batches import cases, columns, fates, go, ids, state_of
from madoguchi.cases.actions import add_note, set_priority
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.models import Field
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
__all__ = ["cases"]
CHOICES = ["返品", "修理"]


@pytest.fixture
def kind(world: World) -> Field:
    with world.ours.scope():
        return make_field(world.ours.desk, kind="choice", label="対応区分", choices=CHOICES, required=True)


def put(cases: list[Case], world: World, verb: str, value: str, fills: dict[str, str], by: Actor) -> Batch:
    with world.ours.scope():
        return go(start(ids(cases), verb=verb, value=value, fills=fills, by=by))


def seen(
    cases: list[Case], world: World, verb: str, value: str, fills: dict[str, str], by: Actor
) -> list[Group]:
    with world.ours.scope():
        return preview(wanted(verb, value, fills=fills, by=by), ids(cases), by=by)


def changed(case: Case, **values: Any) -> None:
    Case.objects.filter(pk=case.pk).update(**values)


def test_what_is_needed_is_filled_in_and_the_cases_solved_and_undone_as_they_were(
    world: World, cases: list[Case], kind: Field, agent: Actor
) -> None:
    # given one of four where something stands, which stays
    with world.ours.scope():
        changed(cases[1], filled={kind.key: "修理"})
    before, fills = columns(cases), {"対応区分": "返品"}
    bare = seen(cases, world, "status", "solved", {}, agent)
    assert [(g.state, g.count) for g in bare] == [("done", 1), ("refused", 3)]
    assert [(g.state, g.count) for g in seen(cases, world, "status", "solved", fills, agent)] == [("done", 4)]

    # when
    batch = put(cases, world, "status", "solved", fills, agent)

    # then
    assert fates(batch) == [("done", "")] * 4
    assert state_of(cases, "status") == ["solved"] * 4
    assert [row[kind.key] for row in state_of(cases, "filled")] == ["返品", "修理", "返品", "返品"]
    with world.ours.scope():
        told = Event.objects.filter(kind="case.filled").order_by("id")
        assert {(e.data["label"], e.data["after"], e.data["cause"]) for e in told} == {
            ("対応区分", "返品", batch.cause)
        }
        undo(batch, by=agent)
    assert go(batch).state == "undone"
    assert columns(cases) == before


def test_filled_in_alone_each_case_has_its_own_result(
    world: World, cases: list[Case], kind: Field, agent: Actor
) -> None:
    with world.ours.scope():
        part = make_field(world.ours.desk, label="部品")
        repair = make_matter(world.ours.desk, name="修理", fields=[part])
        changed(cases[1], matter_id=repair.pk)
        changed(cases[2], matter_id=repair.pk, filled={part.key: "羽根"})
    fills = {"部品": "ふた"}
    foreseen = seen(cases, world, "fill", "", fills, agent)

    batch = put(cases, world, "fill", "", fills, agent)

    none = "この項目は、この用件では尋ねられていません。"
    assert fates(batch) == [("refused", none), ("done", ""), ("same", ""), ("refused", none)]
    assert [(g.state, g.reason, g.count) for g in foreseen] == [
        ("done", "", 1),
        ("same", "", 1),
        ("refused", none, 2),
    ]
    assert [row.get(part.key) for row in state_of(cases, "filled")] == [None, "ふた", "羽根", None]
    assert state_of(cases, "status") == ["new"] * 4


def test_what_is_asked_only_after_an_answer_is_filled_in_after_it(
    world: World, cases: list[Case], kind: Field, agent: Actor
) -> None:
    with world.ours.scope():
        why = make_field(
            world.ours.desk, label="返品理由", required=True, only_if=kind, only_values=["返品"], place=0
        )
        kept = columns(cases)
    batch = put(cases, world, "status", "closed", {"返品理由": "色違い", "対応区分": "返品"}, agent)
    assert state_of(cases, "filled") == [{kind.key: "返品", why.key: "色違い"}] * 4
    with world.ours.scope():
        undo(batch, by=agent)
    go(batch)
    assert columns(cases) == kept


@pytest.mark.parametrize(
    ("verb", "value", "fills", "words"),
    [
        ("fill", "", {}, "独自項目を一つ以上入力してください。"),
        ("fill", "", {"対応区分": "  "}, "独自項目を一つ以上入力してください。"),
        (
            "macro",
            "1",
            {"対応区分": "返品"},
            "マクロは単独で実行します。先に独自項目を入力してから実行してください。",
        ),
        ("fill", "", {f"項目{n}": "あ" for n in range(51)}, "一度に入力できる独自項目は 50 個までです。"),
    ],
)
def test_what_makes_no_sense_is_refused(
    world: World, cases: list[Case], agent: Actor, verb: str, value: str, fills: dict[str, str], words: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            start(ids(cases), verb=verb, value=value, fills=fills, by=agent)
        assert (str(refused.value), Batch.objects.count()) == (words, 0)


def test_words_that_a_field_does_not_take_leave_the_case_as_it_was(
    world: World, cases: list[Case], kind: Field, agent: Actor
) -> None:
    before, fills = columns(cases), {"対応区分": "交換"}
    foreseen = seen(cases, world, "status", "solved", fills, agent)
    batch = put(cases, world, "status", "solved", fills, agent)
    why = "対応区分: 一覧から選んでください。"
    assert [(g.state, g.reason, g.count) for g in foreseen] == [("refused", why, 4)]
    assert fates(batch) == [("refused", why)] * 4
    assert columns(cases) == before


def test_a_case_that_changed_since_keeps_what_was_filled_in(
    world: World, cases: list[Case], kind: Field, agent: Actor
) -> None:
    batch = put(cases, world, "status", "solved", {"対応区分": "返品"}, agent)
    with world.ours.scope():
        set_priority(cases[0], to=4, by=system("test"))  # type: ignore[arg-type]
        add_note(cases[1], text="確認", by=agent)
        undo(batch, by=agent)
    go(batch)
    assert state_of(cases, "filled")[0] == {kind.key: "返品"}
    assert next(state for state, _why in fates(batch)) == "kept"
    assert state_of(cases, "status")[2:] == ["new", "new"]


def test_offered_are_the_fields_that_all_desks_have_but_what_is_of_one_customer(
    world: World, kind: Field
) -> None:
    with world.ours.scope():
        other = make_desk(world.ours.company, name="修理窓口")
        make_field(world.ours.desk, label="備考")
        make_field(world.ours.desk, label="電話", holds="phone")
        make_field(world.ours.desk, label="相手", kind="customer")
        make_field(world.ours.desk, label="数", kind="number")
        make_field(other, label="数", kind="text")
        make_field(other, kind="choice", label="対応区分", choices=["修理", "点検"])

        one, both = fields_for_many([world.ours.desk]), fields_for_many([world.ours.desk, other])

        assert [field.label for field in one] == ["対応区分", "備考", "数"]
        assert [(f.label, f.required, f.choices) for f in both] == [("対応区分", True, ["修理"])]
        assert fields_for_many([]) == []
