"""The wall beneath the managers: what raw SQL sees and may write, as the role that the product runs as."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, connection, transaction

from madoguchi.infra import scope
from madoguchi.infra.scope import ScopedModel
from madoguchi.people.factories import World

AsOwner = Callable[[], AbstractContextManager[None]]


def ask(query: str, *parameters: Any) -> list[Any]:
    """The rows that raw SQL gets."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_the_product_acts_as_a_role_that_walls_bind(db: None) -> None:
    assert ask("SELECT current_user") == [("madoguchi_app",)]
    assert ask("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]
    assert ask("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == [(0,)]


@pytest.mark.parametrize(
    "table",
    [
        *sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, ScopedModel)),
        "companies_company",
    ],
)
def test_every_table_with_a_company_has_a_wall(db: None, table: str) -> None:
    assert ask("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [
        (True, True)
    ]
    policies = ask("SELECT cmd, with_check IS NOT NULL FROM pg_policies WHERE tablename = %s", table)
    assert policies == [("ALL", True)]


def test_without_a_scope_raw_sql_sees_nothing(world: World) -> None:
    assert ask("SELECT id FROM companies_desk") == []
    assert ask("SELECT id FROM companies_company") == []
    assert ask("SELECT id FROM people_seat") == []


def test_within_a_scope_raw_sql_sees_its_companies(world: World) -> None:
    with world.ours.scope():
        assert ask("SELECT id FROM companies_desk") == [(world.ours.desk.pk,)]
        assert ask("SELECT id FROM companies_company") == [(world.ours.company.pk,)]
    with scope.acting_for([]):
        assert ask("SELECT id FROM companies_desk") == []


def test_everywhere_raw_sql_sees_all(world: World) -> None:
    with scope.everywhere(reason="a test looks at all"):
        assert len(ask("SELECT id FROM companies_desk")) == 2


def test_raw_sql_cannot_plant_a_row_with_another_company(world: World) -> None:
    plant = "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, data) VALUES (%s, 'x', '', '', '{}')"
    with world.ours.scope(), pytest.raises(Error, match="row-level security"), transaction.atomic():
        connection.cursor().execute(plant, [world.theirs.company.pk])
    with scope.everywhere(reason="a test looks at all"):
        assert ask("SELECT id FROM infra_event") == []


def test_raw_sql_cannot_give_a_row_to_another_company(world: World) -> None:
    give = "UPDATE companies_desk SET company_id = %s WHERE id = %s"
    with world.ours.scope(), pytest.raises(Error, match="row-level security"), transaction.atomic():
        connection.cursor().execute(give, [world.theirs.company.pk, world.ours.desk.pk])
    with world.ours.scope():
        assert ask("SELECT company_id FROM companies_desk") == [(world.ours.company.pk,)]


def test_raw_sql_cannot_delete_what_it_does_not_see(world: World, as_owner: AsOwner) -> None:
    with world.ours.scope():
        connection.cursor().execute("DELETE FROM people_seat")
    with as_owner():
        left = ask("SELECT company_id FROM people_seat GROUP BY 1")
    assert left == [(world.theirs.company.pk,)]


def test_a_forward_link_to_another_company_leads_nowhere(world: World) -> None:
    """A foreign key can be made to point across the wall by raw SQL; the link is dead all the same."""
    with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]):
        world.ours.engagement.desk_id = world.theirs.desk.pk
        world.ours.engagement.save()
    with world.ours.scope():
        world.ours.engagement.refresh_from_db()
        with pytest.raises(type(world.theirs.desk).DoesNotExist):
            _ = world.ours.engagement.desk
