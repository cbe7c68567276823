"""Reply templates: who writes them, where they are offered, what is filled in."""

from typing import Any

import pytest

from madoguchi.companies.factories import make_desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge import actions
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.knowledge.queries import (
    fill,
    template_to_edit,
    templates_for_desk,
    templates_to_edit,
    unknown_variables,
)
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


def facts() -> list[tuple[str, int | None, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at all companies"):
        return [(e.kind, e.desk_id, e.data) for e in Event.objects.order_by("id")]


def add(world: World, who: str, *, common: bool = False, name: str = "返品のご案内") -> ReplyTemplate:
    by = actor_of(getattr(world.ours, who))
    with scope.acting_for(by.companies):
        return actions.add_template(
            world.ours.company,
            desk=None if common else world.ours.desk,
            name=name,
            body="{{customer}} 様\r\n",
            by=by,
        )


class TestWriting:
    @pytest.mark.parametrize("who", ["supervisor", "manager", "company_manager"])
    def test_for_the_own_desk(self, world: World, who: str) -> None:
        added = add(world, who)
        assert (added.name, added.body, added.active) == ("返品のご案内", "{{customer}} 様", True)
        told = {"template": added.pk, "name": "返品のご案内"}
        waits = {"template": added.pk, "number": 1}
        asked = [] if who == "company_manager" else [("template.proposed", world.ours.desk.pk, waits)]
        assert facts() == [("template.added", world.ours.desk.pk, told), *asked]

    @pytest.mark.parametrize(
        ("who", "common"),
        [("agent", False), ("company_staff", False), ("supervisor", True), ("manager", True)],
    )
    def test_not_beyond_the_own_desk(self, world: World, who: str, common: bool) -> None:
        with pytest.raises(NotAllowed):
            add(world, who, common=common)
        with world.ours.scope():
            assert not ReplyTemplate.objects.exists()
        assert facts() == []

    def test_for_all_desks_by_the_company(self, world: World) -> None:
        assert add(world, "company_manager", common=True).desk is None

    def test_a_name_is_taken_once_per_company(self, world: World) -> None:
        add(world, "supervisor")
        with pytest.raises(Refused) as refused:
            add(world, "manager")
        assert refused.value.field == "name"
        assert [kind for kind, _desk, _data in facts()] == ["template.added", "template.proposed"]

    @pytest.mark.parametrize(("name", "body", "field"), [("", "本文", "name"), ("名前", " \n ", "body")])
    def test_nothing_empty(self, world: World, name: str, body: str, field: str) -> None:
        by = actor_of(world.ours.supervisor)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.add_template(world.ours.company, desk=world.ours.desk, name=name, body=body, by=by)
        assert refused.value.field == field

    def test_a_desk_of_another_company_is_refused(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies), pytest.raises(Refused):
            actions.add_template(world.ours.company, desk=world.theirs.desk, name="名前", body="本文", by=by)


class TestChanging:
    def test_what_differs_is_recorded(self, world: World) -> None:
        template, by = add(world, "supervisor"), actor_of(world.ours.supervisor)
        before = template.updated_at
        with scope.acting_for(by.companies):
            actions.change_template(
                template, desk=world.ours.desk, name="返品", body="{{customer}} 様", active=False, by=by
            )
            kept = ReplyTemplate.objects.get(pk=template.pk)
        assert (kept.name, kept.active) == ("返品", False)
        assert kept.updated_at > before
        changes = {"name": ["返品のご案内", "返品"], "active": [True, False]}
        assert facts()[1:] == [
            ("template.proposed", world.ours.desk.pk, {"template": template.pk, "number": 1}),
            ("template.changed", world.ours.desk.pk, {"template": template.pk, "changes": changes}),
            ("template.proposed", world.ours.desk.pk, {"template": template.pk, "number": 2}),
        ]

    def test_a_supervisor_neither_takes_a_common_one_nor_makes_one_common(self, world: World) -> None:
        common, own = add(world, "company_manager", common=True, name="共通"), add(world, "supervisor")
        by = actor_of(world.ours.supervisor)
        with scope.acting_for(by.companies):
            for template, desk in ((common, world.ours.desk), (own, None)):
                with pytest.raises(NotAllowed):
                    actions.change_template(template, desk=desk, name="別", body="別", active=True, by=by)
            assert set(ReplyTemplate.objects.values_list("name", flat=True)) == {"共通", "返品のご案内"}
        assert len(facts()) == 3  # two were added, of which the company is to approve one


class TestFinding:
    def test_a_desk_is_offered_its_own_and_the_common_ones_in_use(self, world: World) -> None:
        own = add(world, "company_manager", name="ろ")
        common = add(world, "company_manager", common=True, name="い")
        unused = add(world, "company_manager", name="は")
        by = actor_of(world.ours.supervisor)
        with scope.acting_for(by.companies):
            actions.change_template(unused, desk=unused.desk, name="は", body="本文", active=False, by=by)
            assert list(templates_for_desk(world.ours.desk)) == [common, own]

    def test_another_desk_is_offered_the_common_ones_alone(self, world: World) -> None:
        add(world, "company_manager")
        common = add(world, "company_manager", common=True, name="い")
        with world.ours.scope():
            assert list(templates_for_desk(make_desk(world.ours.company))) == [common]
        with world.theirs.scope():
            assert list(templates_for_desk(world.theirs.desk)) == []

    def test_what_is_theirs_is_absent(self, world: World) -> None:
        template = add(world, "company_manager")
        by = actor_of(world.theirs.supervisor)
        with scope.acting_for(by.companies):
            assert list(templates_to_edit(by)) == []
            with pytest.raises(NotFound):
                template_to_edit(by, template.pk)

    def test_a_supervisor_reads_the_common_ones_beside_the_own(self, world: World) -> None:
        common, own = add(world, "company_manager", common=True, name="い"), add(world, "company_manager")
        by = actor_of(world.ours.supervisor)
        with scope.acting_for(by.companies):
            assert set(templates_to_edit(by)) == {common, own}
        staff = actor_of(world.ours.company_staff)
        with scope.acting_for(staff.companies):
            assert list(templates_to_edit(staff)) == []


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{customer}} 様", "山田 様"),
        ("{{ customer }} 様、{{case}}", "山田 様、A-1001"),
        ("{{order}} は {{customer}}", "{{order}} は 山田"),
        ("{{desk}}", "{{desk}}"),
        ("{customer} {{Customer}} {{}} {{customer", "{customer} {{Customer}} {{}} {{customer"),
        ("{% if customer %}{{customer.email}}", "{% if customer %}{{customer.email}}"),
    ],
)
def test_known_values_are_filled_in_and_everything_else_stays(text: str, filled: str) -> None:
    assert fill(text, {"customer": "山田", "case": "A-1001"}) == filled


def test_a_value_is_never_read_as_a_template() -> None:
    assert fill("{{customer}}", {"customer": "{{agent}}", "agent": "秘密"}) == "{{agent}}"


def test_variables_that_nothing_fills_are_named_once() -> None:
    text = "{{customer}} {{order}} {{ order }} {{order}} {{desk}} {{price}}"
    assert unknown_variables(text) == ["{{order}}", "{{ order }}", "{{price}}"]
