"""Who is nobody's second person: whose access was in their hands lately."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection

from madoguchi.infra import scope
from madoguchi.infra.models import ACCESS_KINDS
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.errors import Refused
from madoguchi.people import actions
from madoguchi.people.events import PersonDeactivated, PlaceGiven, PlaceTaken
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.people.second import _ACCESS, _lately, are_in_one_hand, refuse_own_hands, was_anybody_shut_out

# Of them almost all are of other things.
EVENTS = 20_000


def leader(world: World, *, by: Actor) -> User:
    """Somebody who is made a manager of our company just now."""
    company = world.ours.company.pk
    with scope.acting_for([company]):
        return actions.add_person(
            email=f"second{User.objects.count()}@shop.example",
            name="二人目 花子",
            company=company,
            role=Role.COMPANY_MANAGER,
            by=by,
        )


def refused(world: World, person: User, first: User | None) -> bool:
    company, before = world.ours.company.pk, first.pk if first else None
    with scope.acting_for([company]):
        held = are_in_one_hand(person.pk, before, company=company)
        with nullcontext() if not held else pytest.raises(Refused) as told:
            refuse_own_hands(actor_of(person), before, company=company, field="agreement")
    assert not held or told.value.field == "agreement"
    return held


def test_who_was_made_a_manager_by_somebody_is_no_second_person_to_them_for_a_week(world: World) -> None:
    first = world.ours.company_manager
    made = leader(world, by=actor_of(first))

    assert refused(world, made, first)
    assert refused(world, first, made)
    assert not refused(world, made, world.administrator)
    with clock.held_at(clock.now() + timedelta(days=7, minutes=1)):
        assert not refused(world, made, first)


def test_nor_is_who_was_made_by_whom_they_made(world: World) -> None:
    first = world.ours.company_manager
    between = leader(world, by=actor_of(first))
    made = leader(world, by=actor_of(between))

    assert [refused(world, made, one) for one in (first, between)] == [True, True]


def test_two_who_have_their_access_from_a_third_are_none_to_each_other(world: World) -> None:
    first = world.ours.company_manager
    made = [leader(world, by=actor_of(first)) for _each in range(2)]
    set_up = [leader(world, by=actor_of(world.administrator)) for _each in range(2)]

    assert refused(world, *made)
    assert not refused(world, *set_up)
    assert not refused(world, made[0], set_up[0])


def test_who_was_shut_out_lately_is_missed(world: World) -> None:
    first, company = world.ours.company_manager, world.ours.company.pk
    made = leader(world, by=actor_of(first))
    with world.ours.scope():
        assert not was_anybody_shut_out(company)
        actions.deactivate(made, by=actor_of(first))
        actions.reactivate(made, by=actor_of(first))
        assert was_anybody_shut_out(company)
        with clock.held_at(clock.now() + timedelta(days=7, minutes=1)):
            assert not was_anybody_shut_out(company)
    with world.theirs.scope():
        assert not was_anybody_shut_out(world.theirs.company.pk)


@pytest.mark.parametrize("hand", ["a link to a password", "a password", "no second step", "in again"])
def test_nor_is_who_got_in_again_by_their_hands(world: World, hand: str) -> None:
    first, other = world.ours.company_manager, make_company_person(world.ours.company, Role.COMPANY_MANAGER)
    by = actor_of(first)
    assert not refused(world, other, first)

    with world.ours.scope():
        if hand == "a link to a password":
            actions.issue_password_link(other, by=by)
        elif hand == "a password":
            actions.set_password(other, password="nagai-aikotoba-2026", by=by)
        elif hand == "in again":
            actions.deactivate(other, by=by)
            actions.reactivate(other, by=by)
        else:
            other.authenticator_set.create(type="totp", data={})
            actions.reset_second_step(other, by=by)

    assert refused(world, other, first)


def test_who_lost_their_place_lately_is_missed(world: World) -> None:
    made = leader(world, by=actor_of(world.ours.company_manager))
    with world.ours.scope():
        actions.take_place(made, company=world.ours.company.pk, by=actor_of(world.ours.company_manager))
        assert was_anybody_shut_out(world.ours.company.pk)


def test_the_shell_and_another_companys_log_count_for_nobody(world: World) -> None:
    first = world.ours.company_manager
    made = leader(world, by=system("shell"))
    other = leader(world, by=actor_of(first))

    assert not refused(world, made, first)
    assert not refused(world, made, None)
    with world.theirs.scope():
        assert not are_in_one_hand(other.pk, first.pk, company=world.theirs.company.pk)


def test_what_is_read_lies_in_a_short_index_however_long_the_log_is(world: World) -> None:
    """All that is ever asked for is in it, and it is the one that is used."""
    company = world.ours.company.pk
    with scope.acting_for([company]), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, data)"
            " SELECT %s, 'case.changed', now() - make_interval(secs => 20 * n), 'person', 1, '', '{}' "
            " FROM generate_series(1, %s) AS n",
            [company, EVENTS],
        )
        cursor.execute("ANALYZE infra_event")
        shut_out = (PersonDeactivated.kind, PlaceTaken.kind, PlaceGiven.kind)
        plans = [_lately(company, kinds).explain(analyze=True, buffers=True) for kinds in (_ACCESS, shut_out)]
    assert ["event_of_access" in plan for plan in plans] == [True, True], plans
    assert set(ACCESS_KINDS) == {*_ACCESS, *shut_out}
