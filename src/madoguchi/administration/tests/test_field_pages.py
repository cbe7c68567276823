"""Setting up what a desk wants to know."""

from typing import Any

import pytest

from madoguchi.administration.tests.conftest import Browser
from madoguchi.cases.actions import change_status, fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Status
from madoguchi.fields.actions import Shape, ask_purpose, change_field, remove_field, restore_field
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.models import Field, Matter
from madoguchi.infra.models import Event
from madoguchi.insight.tests.asked import HOUR, figure, sums
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import NINE

pytestmark = pytest.mark.django_db
FIELDS, MATTERS = "/administration/fields/", "/administration/matters/"


def rows(world: World, model: Any) -> list[Any]:
    with world.ours.scope():
        return list(model.objects.order_by("id"))


def test_the_first_field_is_added(world: World, signed_in: Browser) -> None:
    manager = signed_in(world.ours.company_manager)
    assert "項目はまだありません" in manager.get(FIELDS).content.decode()
    given = {
        "desk": world.ours.desk.pk,
        "label": "原因",
        "kind": "tree",
        "choices": "家電／故障\n\n家電 / 破損",
        "required": "on",
        "place": "3",
    }

    answer = manager.post(f"{FIELDS}new/", given)

    assert answer.status_code == 302
    [field] = rows(world, Field)
    assert (field.desk_id, field.label, field.kind, field.required, field.place) == (
        *(world.ours.desk.pk, "原因", "tree", True, 3),
    )
    assert field.choices == ["家電 / 故障", "家電 / 破損"]
    assert "原因" in manager.get(FIELDS).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "choice"}, "選択肢を1行に1つ"),
        ({"label": "色"}, "同じ名前の項目"),
        ({"kind": "number", "holds": "phone"}, "文字の項目だけ"),
        ({"label": " "}, "必須"),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(
    world: World, signed_in: Browser, wrong: dict[str, str], words: str
) -> None:
    make_field(world.ours.desk, label="色")
    given = {"desk": world.ours.desk.pk, "label": "原因", "kind": "text"} | wrong

    answer = signed_in(world.ours.company_manager).post(f"{FIELDS}new/", given)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert len(rows(world, Field)) == 1


def test_what_it_holds_of_the_customer_stays(world: World, signed_in: Browser) -> None:
    """Values that are in the log already would be read there by whom they are kept from now."""
    field = make_field(world.ours.desk, label="連絡先")
    manager = signed_in(world.ours.company_manager)

    page = manager.post(f"{FIELDS}{field.pk}/", {"label": "電話", "holds": "phone"})
    with world.ours.scope(), pytest.raises(Refused, match="新しい項目"):
        change_field(field, shape=Shape(label="電話", holds="phone"), by=actor_of(world.ours.company_manager))

    assert page.status_code == 302
    assert [(one.label, one.holds) for one in rows(world, Field)] == [("電話", "")]


def test_a_field_is_shown_by_another_and_not_in_a_circle(world: World, signed_in: Browser) -> None:
    manager = signed_in(world.ours.company_manager)
    what = make_field(world.ours.desk, "choice", label="何", choices=["返品", "質問"])
    why = make_field(world.ours.desk, "choice", label="なぜ", choices=["破損"])
    given = {"label": "なぜ", "choices": "破損", "only_if": what.pk, "only_values": "返品"}

    assert manager.post(f"{FIELDS}{why.pk}/", given).status_code == 302
    circle = {"label": "何", "choices": "返品\n質問", "only_if": why.pk, "only_values": "破損"}
    refused = manager.post(f"{FIELDS}{what.pk}/", circle)

    assert refused.status_code == 422
    assert "循環" in refused.content.decode()
    before, after = rows(world, Field)
    assert (before.only_if_id, after.only_if_id, after.only_values) == (None, what.pk, ["返品"])
    unknown = manager.post(f"{FIELDS}{why.pk}/", given | {"only_values": "交換"})
    assert "返品、質問" in unknown.content.decode()


def test_a_field_is_removed_and_brought_back(world: World, signed_in: Browser) -> None:
    manager = signed_in(world.ours.company_manager)
    what = make_field(world.ours.desk, "choice", choices=["返品"])
    why = make_field(world.ours.desk, label="なぜ", only_if=what, only_values=["返品"])

    held = manager.post(f"{FIELDS}{what.pk}/remove/")
    assert held.status_code == 422
    assert "なぜ" in held.content.decode()
    manager.post(f"{FIELDS}{why.pk}/remove/")
    assert rows(world, Field)[1].removed_at is not None
    manager.post(f"{FIELDS}{why.pk}/remove/", {"restore": "yes"})
    assert [field.removed_at for field in rows(world, Field)] == [None, None]


def test_a_kind_of_matter_asks_fields_in_order(world: World, signed_in: Browser) -> None:
    manager = signed_in(world.ours.company_manager)
    one, two = make_field(world.ours.desk, label="一"), make_field(world.ours.desk, label="二")
    given = {"desk": world.ours.desk.pk, "name": "返品", "fields_in_order": "二\n一"}

    assert manager.post(f"{MATTERS}new/", given).status_code == 302
    [matter] = rows(world, Matter)
    assert (matter.name, matter.fields) == ("返品", [two.pk, one.pk])
    assert "二・一" in manager.get(MATTERS).content.decode()
    wrong = manager.post(f"{MATTERS}{matter.pk}/", {"name": "返品", "fields_in_order": "三"})
    assert wrong.status_code == 422
    assert "「三」という項目はありません" in wrong.content.decode()
    manager.post(f"{MATTERS}{matter.pk}/remove/")
    assert rows(world, Matter)[0].removed_at is not None


def test_nobody_else_sets_them_up(world: World, signed_in: Browser) -> None:
    field, matter = make_field(world.ours.desk, label="色"), make_matter(world.ours.desk)
    agent = signed_in(world.ours.agent)
    stranger = signed_in(world.theirs.company_manager)

    for address in (FIELDS, f"{FIELDS}{field.pk}/", f"{MATTERS}{matter.pk}/"):
        assert agent.get(address).status_code == 403
    assert stranger.post(f"{FIELDS}{field.pk}/", {"label": "別"}).status_code == 404
    given = {"desk": world.ours.desk.pk, "label": "別", "kind": "text"}
    assert stranger.post(f"{FIELDS}new/", given).status_code == 422
    assert [one.label for one in rows(world, Field)] == ["色"]


def test_a_list_asks_no_more_the_longer_it_is(
    world: World, signed_in: Browser, django_assert_max_num_queries: Any
) -> None:
    manager = signed_in(world.ours.company_manager)
    for _n in range(3):
        make_field(world.ours.desk)
        make_matter(world.ours.desk)
    for address in (FIELDS, MATTERS):
        manager.get(address)
        with django_assert_max_num_queries(30) as short:
            manager.get(address)
        for _n in range(8):
            make_matter(world.ours.desk, fields=[make_field(world.ours.desk)])
        with django_assert_max_num_queries(len(short)):
            manager.get(address)


def test_it_is_asked_what_is_behind_a_question_and_counted_whether_a_proposal_was_taken(
    world: World, signed_in: Browser
) -> None:
    # given a desk that has a field already
    side, agent = world.ours, actor_of(world.ours.agent)
    make_field(side.desk, label="色", place=4)
    manager = signed_in(side.company_manager)
    assert "質問の奥にある目的を聞く" in manager.get(FIELDS).content.decode()

    # when
    answer = manager.post(f"{FIELDS}purpose/", {"desk": side.desk.pk})

    # then
    assert answer.status_code == 302
    [_colour, stated, purpose, proposal, taken] = rows(world, Field)
    assert [(one.label, one.kind, one.place) for one in (stated, purpose, proposal, taken)] == [
        *(("表の質問", "text", 5), ("真の目的", "text", 6), ("提案", "text", 7), ("提案の採否", "choice", 8)),
    ]
    assert taken.choices == ["採用", "見送り", "未定"]
    again = manager.post(f"{FIELDS}purpose/", {"desk": side.desk.pk})
    assert (again.status_code, len(rows(world, Field))) == (422, 5)
    assert "すでにこれらの項目があります" in again.content.decode()

    # when two of three customers take what was proposed, of whom one thinks better of it, and one is not asked
    cases = [make_case(side.entry_point) for _ in range(4)]
    said = [(cases[0], ["採用"]), (cases[1], ["採用", "見送り"]), (cases[2], ["採用", "未定"])]
    with side.scope(), clock.held_at(NINE + HOUR):
        for case, values in said:
            for written in values:
                case.refresh_from_db()
                fill(case, field=taken.pk, written=written, by=agent)
        for case in cases:
            case.refresh_from_db()
            change_status(case, to=Status.SOLVED, by=agent)
        told = Event.objects.filter(kind="case.proposal").order_by("id").values_list("data__taken", flat=True)
        assert list(told) == [True, True, False, True, None]

    # then
    assert sums(figure(side, "proposal_taken")) == (1, 2)


def test_the_choices_by_which_proposals_are_counted_stay(world: World, signed_in: Browser) -> None:
    with world.ours.scope():
        [*_rest, taken] = ask_purpose(world.ours.desk, by=actor_of(world.ours.company_manager))

    answer = signed_in(world.ours.company_manager).post(
        f"{FIELDS}{taken.pk}/", {"label": "結果", "choices": "はい\nいいえ\n未定"}
    )

    assert answer.status_code == 422
    assert "提案採用率" in answer.content.decode()
    kept = rows(world, Field)[-1]
    assert (kept.label, kept.choices) == ("提案の採否", ["採用", "見送り", "未定"])
    renamed = signed_in(world.ours.company_manager).post(
        f"{FIELDS}{taken.pk}/", {"label": "結果", "choices": "\n".join(taken.choices)}
    )
    assert (renamed.status_code, rows(world, Field)[-1].label) == (302, "結果")


def test_what_was_removed_of_it_is_asked_anew_and_the_old_stays_as_it_is(
    world: World, signed_in: Browser
) -> None:
    # given
    side, by = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        [_stated, _purpose, proposal, _taken] = ask_purpose(side.desk, by=by)
        remove_field(proposal, by=by)

    # when
    signed_in(side.company_manager).post(f"{FIELDS}purpose/", {"desk": side.desk.pk})

    # then
    named = [(one.meaning, one.removed_at is None) for one in rows(world, Field)]
    assert named == [
        *(("stated", True), ("purpose", True), ("proposal", False), ("taken", True), ("proposal", True)),
    ]
    with side.scope(), pytest.raises(Refused, match="同じ名前"):
        restore_field(Field.objects.get(pk=proposal.pk), by=by)
    assert [one.removed_at is None for one in rows(world, Field)] == [one for _name, one in named]


def test_who_does_not_set_the_desk_up_asks_nothing_more(world: World, signed_in: Browser) -> None:
    answer = signed_in(world.ours.agent).post(f"{FIELDS}purpose/", {"desk": world.ours.desk.pk})
    elsewhere = signed_in(world.ours.company_manager).post(
        f"{FIELDS}purpose/", {"desk": world.theirs.desk.pk}
    )

    assert (answer.status_code, elsewhere.status_code) == (403, 422)
    assert rows(world, Field) == []
    with world.theirs.scope():
        assert not Field.objects.exists()
