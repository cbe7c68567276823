"""Two at one case in the same moment, over two connections: nobody waits for the other in turn, and no word is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from madoguchi.cases import actions
from madoguchi.cases.factories import arriving, make_case, say_again
from madoguchi.cases.models import Case, Draft
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
INTAKE = system("test")
# What is asked of pg_stat_activity stays the same within a transaction; of locks it does not.
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def meanwhile(world: World, deed: Callable[[], Any], *, other: ThreadPoolExecutor) -> "Future[Any]":
    """Let somebody else do it over a connection of their own, and go on when they have to wait for us."""

    def done() -> Any:
        try:
            with world.ours.scope():
                return deed()
        finally:
            connection.close()

    future = other.submit(done)
    while not fetch_all(_WAITING, {})[0][0] and not future.done():
        pass
    return future


def test_who_types_while_the_case_is_merged_finds_it_where_it_goes_on(world: World) -> None:
    case, into = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    with world.ours.scope():
        Case.objects.filter(pk=into.pk).update(customer=case.customer_id)
    lead, agent = actor_of(world.ours.supervisor), actor_of(world.ours.agent)

    with ThreadPoolExecutor(1) as other:
        with world.ours.scope(), transaction.atomic():
            actions.merge(Case.objects.get(pk=case.pk), into=into, by=lead)
            typed = meanwhile(
                world, lambda: actions.save_draft(case, kind="reply", text="書きかけ", by=agent), other=other
            )
        typed.result()

    with world.ours.scope():
        assert list(Draft.objects.values_list("case", "text")) == [(into.pk, "書きかけ")]


def test_a_split_and_a_new_case_that_follows_it_do_not_wait_for_each_other(world: World) -> None:
    """Who opens a case takes its number first, then ties it to the one it follows: so does who splits that one."""
    case = make_case(world.ours.entry_point)
    second = say_again(case, text="別件ですが。")
    lead = actor_of(world.ours.supervisor)

    with ThreadPoolExecutor(1) as other:
        with world.ours.scope(), transaction.atomic():
            actions.arrive.next_number(world.ours.company.pk)
            split = meanwhile(world, lambda: actions.split(case, messages=[second.pk], by=lead), other=other)
            opened = actions.open_case(arriving(world.ours.entry_point), by=INTAKE, follows=case.pk)
        parted = split.result()

    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).followed_by_id == opened.case
        assert Case.objects.get(pk=parted.into_id).message_count == 1
        numbers = Case.objects.order_by("number").values_list("number", flat=True)
        assert len(set(numbers)) == 3
