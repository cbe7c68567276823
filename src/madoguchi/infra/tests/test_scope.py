"""Whose data a piece of work may touch: without a scope nothing, within one nothing else."""

import threading

import pytest
from django.db import connection, transaction

from madoguchi.companies.factories import make_company, make_desk
from madoguchi.companies.models import Company, Desk
from madoguchi.infra import scope
from madoguchi.infra.scope import Unscoped
from madoguchi.people.factories import World


def told() -> str:
    """What the database was told for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.companies', true)")
        return cursor.fetchone()[0] or ""


class TestWithoutAScope:
    def test_a_query_raises(self, world: World) -> None:
        with pytest.raises(Unscoped, match="no scope is active"):
            Desk.objects.count()

    def test_companies_themselves_are_out_of_sight(self, world: World) -> None:
        with pytest.raises(Unscoped):
            Company.objects.count()

    def test_the_base_manager_and_forward_links_raise_too(self, world: World) -> None:
        with world.ours.scope():
            desk = Desk.objects.get()
        with pytest.raises(Unscoped):
            Desk._base_manager.count()
        with pytest.raises(Unscoped):
            _ = desk.company

    def test_saving_and_deleting_raise(self, world: World) -> None:
        with pytest.raises(Unscoped):
            world.ours.desk.save()
        with pytest.raises(Unscoped):
            world.ours.desk.delete()


class TestWithinAScope:
    def test_only_its_companies_are_seen(self, world: World) -> None:
        with world.ours.scope():
            assert list(Desk.objects.all()) == [world.ours.desk]
            assert list(Company.objects.all()) == [world.ours.company]

    def test_several_companies_can_be_in_it(self, world: World) -> None:
        with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]):
            assert set(Desk.objects.all()) == {world.ours.desk, world.theirs.desk}

    def test_no_company_is_a_scope_that_sees_nothing(self, world: World) -> None:
        with scope.acting_for([]):
            assert not Desk.objects.exists()

    def test_a_row_of_another_company_is_not_written(self, world: World) -> None:
        with world.ours.scope(), pytest.raises(Unscoped, match="outside the scope"):
            Desk.objects.create(company_id=world.theirs.company.pk, name="侵入", public_name="侵入")
        with world.ours.scope(), pytest.raises(Unscoped):
            Desk.objects.bulk_create(
                [Desk(company_id=world.theirs.company.pk, name="侵入", public_name="侵入")]
            )
        with world.theirs.scope():
            assert list(Desk.objects.all()) == [world.theirs.desk]

    def test_a_row_of_another_company_is_neither_changed_nor_deleted(self, world: World) -> None:
        with world.ours.scope():
            assert Desk.objects.filter(pk=world.theirs.desk.pk).update(name="侵入") == 0
            assert Desk.objects.filter(pk=world.theirs.desk.pk).delete() == (0, {})
        with world.theirs.scope():
            assert Desk.objects.get().name == world.theirs.desk.name

    def test_everywhere_sees_all_and_says_why(self, world: World) -> None:
        with scope.everywhere(reason="a test looks at all"):
            assert set(Desk.objects.all()) == {world.ours.desk, world.theirs.desk}
        with pytest.raises(ValueError, match="say why"):
            scope.everywhere(reason="")


class TestNesting:
    def test_the_outer_scope_is_back_after_the_inner(self, world: World) -> None:
        with world.ours.scope():
            with world.theirs.scope():
                assert list(Desk.objects.all()) == [world.theirs.desk]
            assert told() == str(world.ours.company.pk)
            assert list(Desk.objects.all()) == [world.ours.desk]

    def test_also_after_an_error_inside(self, world: World) -> None:
        with world.ours.scope():
            with pytest.raises(ZeroDivisionError), world.theirs.scope():
                raise ZeroDivisionError
            assert told() == str(world.ours.company.pk)
            assert list(Desk.objects.all()) == [world.ours.desk]

    def test_also_after_a_database_error_inside(self, world: World) -> None:
        with world.ours.scope():
            with pytest.raises(Exception, match="division by zero"), world.theirs.scope():
                connection.cursor().execute("SELECT 1/0")
            assert told() == str(world.ours.company.pk)
            assert list(Desk.objects.all()) == [world.ours.desk]

    def test_also_after_the_inner_was_rolled_back(self, world: World) -> None:
        with world.ours.scope():
            with world.theirs.scope():
                transaction.set_rollback(True)
            assert told() == str(world.ours.company.pk)


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_a_scope_is_one_transaction(self) -> None:
        company = make_company()
        with pytest.raises(ZeroDivisionError), scope.acting_for([company.pk]):
            Desk.objects.create(company=company, name="窓口", public_name="窓口")
            raise ZeroDivisionError
        with scope.acting_for([company.pk]):
            assert not Desk.objects.exists()

    def test_nothing_remains_told_on_the_connection(self) -> None:
        with scope.acting_for([1, 2]):
            assert told() == "1,2"
        assert told() == ""

    def test_another_thread_has_no_scope(self) -> None:
        raised: list[Exception] = []

        def look() -> None:
            try:
                scope.current()
            except Unscoped as error:
                raised.append(error)

        with scope.everywhere(reason="a test looks from another thread"):
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
        assert len(raised) == 1


def test_a_scope_knows_whom_it_includes(company: Company) -> None:
    desk = make_desk(company)
    with scope.acting_for([company.pk]):
        assert scope.includes(desk.company_id)
        assert not scope.includes(company.pk + 1)
        assert not scope.includes(None)
    with scope.everywhere(reason="a test asks"):
        assert scope.includes(company.pk + 1)
