"""The memo about a customer, written by two people, or in two tabs, at once."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.house.at_once import at_once

from madoguchi.cases.models import Case
from madoguchi.customers.actions import memo_stamp, write_memo
from madoguchi.customers.models import Customer
from madoguchi.desk.tests.conftest import HTMX, everything, signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BEFORE = "午前の電話を好まれます"


@pytest.fixture
def known(world: World, case: Case) -> Customer:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(memo=BEFORE)
        return Customer.objects.get(pk=case.customer_id)


def memo(world: World, case: Case) -> str:
    with world.ours.scope():
        return Customer.objects.get(pk=case.customer_id).memo


def stamp(client: Client, number: str) -> str:
    [found] = re.findall(r'name="seen" value="([0-9a-f]{16})"', client.get(f"/cases/{number}/").text)
    return str(found)


def test_what_two_write_from_one_page_both_stays_and_the_second_is_told(
    world: World, case: Case, known: Customer, number: str, agent: Client
) -> None:
    # given both have the case open
    other = signed_in(world.ours.supervisor)
    seen = [stamp(agent, number), stamp(other, number)]
    assert seen[0] == seen[1] == memo_stamp(known)

    # when
    first = agent.post(
        f"/cases/{number}/memo/", {"memo": f"{BEFORE}\n耳が遠い方です", "seen": seen[0]}, headers=HTMX
    )
    second = other.post(
        f"/cases/{number}/memo/", {"memo": f"{BEFORE}\n請求書は別送", "seen": seen[1]}, headers=HTMX
    )

    # then
    assert memo(world, case) == f"{BEFORE}\n耳が遠い方です\n請求書は別送"
    words = "ほかの方の記入と、今のご記入を両方残しました"
    told = [json.dumps(json.loads(one["HX-Trigger"]), ensure_ascii=False) for one in (first, second)]
    assert [words in one for one in told] == [False, True]
    assert "耳が遠い方です" in second.text
    changed = [event.data["fields"] for event in everything(Event, kind="customer.changed")]
    assert changed == [["memo"], ["memo"]]


def test_who_saw_the_newest_takes_lines_away(
    world: World, case: Case, known: Customer, number: str, agent: Client
) -> None:
    agent.post(f"/cases/{number}/memo/", {"memo": "夕方の電話を好まれます", "seen": stamp(agent, number)})
    assert memo(world, case) == "夕方の電話を好まれます"

    agent.post(f"/cases/{number}/memo/", {"memo": "", "seen": stamp(agent, number)})
    assert memo(world, case) == ""


def test_a_page_that_does_not_say_what_it_saw_writes_as_before(
    world: World, case: Case, known: Customer, number: str, agent: Client
) -> None:
    agent.post(f"/cases/{number}/memo/", {"memo": "夕方"})

    assert memo(world, case) == "夕方"


def test_the_stamp_is_another_for_another_customer_and_other_words(world: World, known: Customer) -> None:
    one = memo_stamp(known)
    known.memo += "。"
    other = memo_stamp(known)
    known.pk += 1

    assert len({one, other, memo_stamp(known)}) == 3


def test_who_may_not_write_it_changes_nothing(world: World, case: Case, known: Customer) -> None:
    with world.theirs.scope(), pytest.raises((NotAllowed, Customer.DoesNotExist)):
        write_memo(known, memo="夕方", seen="", by=actor_of(world.theirs.agent))

    assert memo(world, case) == BEFORE


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_no_line_is_lost(world: World, case: Case, known: Customer) -> None:
    seen, by = memo_stamp(known), actor_of(world.ours.agent)

    def writes(n: int) -> Callable[[], bool]:
        def work() -> bool:
            with world.ours.scope():
                who = Customer.objects.get(pk=known.pk)
                return write_memo(who, memo=f"{BEFORE}\n{n}件目", seen=seen, by=by)

        return work

    both = at_once(*(writes(n) for n in range(8)))

    assert sorted(both) == [False, *[True] * 7]
    assert sorted(memo(world, case).splitlines()) == sorted([BEFORE, *(f"{n}件目" for n in range(8))])
