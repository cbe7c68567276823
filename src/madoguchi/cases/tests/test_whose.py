"""A case that came for one customer's record and belongs with another's."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections, transaction
from django.forms.models import model_to_dict

from madoguchi.cases.actions import (
    check_identity,
    continue_case,
    give_to_customer,
    join_customers,
    merge,
    part_customers,
    unmerge,
)
from madoguchi.cases.actions.pending import Aside, put_aside
from madoguchi.cases.factories import arriving, make_case
from madoguchi.cases.identity import Level, level_of
from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, DataScope, Permission, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ROWS = (Customer, Identity, Case, Contact, Message)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"), subject="靴の件")


@pytest.fixture
def wife(world: World) -> Customer:
    return make_customer(world.ours.company, name="髙橋 美咲")


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    with world.ours.scope():
        rows = {m.__name__: [model_to_dict(row) for row in m.objects.order_by("pk")] for m in ROWS}
        return rows | {"events": list(Event.objects.order_by("pk").values_list("pk"))}


def whose(*cases: Case) -> list[int]:
    return [Case.objects.get(pk=case.pk).customer_id for case in cases]


def test_it_goes_over_and_what_was_said_stays_whose_it_was(
    world: World, case: Case, wife: Customer, agent: Actor
) -> None:
    with world.ours.scope():
        other = arriving(world.ours.entry_point, sender=Party("shop@elsewhere.example", "取次店"))
        continue_case(case.pk, other, by=system("intake"))
        former, before = case.customer_id, Case.objects.get(pk=case.pk)

        give_to_customer(case, to=wife, by=agent)

        now = Case.objects.get(pk=case.pk)
        assert (now.customer_id, case.customer_id) == (wife.pk, wife.pk)
        assert (now.version, now.link_generation) == (before.version + 1, before.link_generation + 1)
        contacts = Contact.objects.filter(case=case).order_by("pk").values_list("customer_id", flat=True)
        assert list(contacts) == [former, other.customer]
        assert Identity.objects.get(value="ie@home.example").customer_id == former
        told = Event.objects.filter(case_id=case.pk).order_by("-pk").first()
        assert told is not None
        assert (told.kind, told.actor_id, told.data) == (
            "case.customer",
            agent.id,
            {"before": former, "after": wife.pk, "checked": []},
        )


def test_given_back_everything_is_whose_it_was(
    world: World, case: Case, wife: Customer, agent: Actor
) -> None:
    with world.ours.scope():
        former = case.customer
        theirs = arriving(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))
        continue_case(case.pk, replace(theirs, customer=wife.pk), by=system("intake"))
        before = everything(world)

        give_to_customer(case, to=wife, by=agent)
        give_to_customer(case, to=former, by=agent)

    after = everything(world)
    for rows in (before, after):
        rows.pop("events")
        for one in rows["Case"]:
            del one["version"], one["link_generation"]
    assert after == before


def test_what_was_checked_of_one_is_not_of_another_and_is_there_again_when_given_back(
    world: World, case: Case, wife: Customer, agent: Actor
) -> None:
    again = make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"), subject="靴の続き")

    def checked() -> list[list[str]]:
        case.refresh_from_db()
        return [case.checked, Case.objects.get(pk=again.pk).checked]

    with world.ours.scope():
        check_identity(again, items=["document"], by=agent)
        merge(again, into=case, by=agent)
        check_identity(case, items=["name", "birthday"], by=agent)
        former, third = case.customer, make_customer(world.ours.company, name="伊藤 千尋")

        give_to_customer(case, to=wife, by=agent)

        assert (case.checked, checked()) == ([], [[], []])
        check_identity(case, items=["phone"], by=agent)
        give_to_customer(case, to=third, by=agent)
        assert checked() == [[], []]
        give_to_customer(case, to=former, by=agent)
        assert checked() == [["name", "birthday"], ["document"]]
        give_to_customer(case, to=wife, by=agent)
        assert checked() == [["phone"], []]


def test_what_was_checked_of_a_record_that_was_joined_counts_for_it_alone(
    world: World, case: Case, agent: Actor
) -> None:
    other = make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))

    def checked() -> list[list[str]]:
        return [Case.objects.get(pk=one.pk).checked for one in (case, other)]

    with world.ours.scope():
        gone, into = case.customer, other.customer
        check_identity(case, items=["document"], by=agent)
        check_identity(other, items=["name"], by=agent)
        for since in ([], ["phone"]):
            made = join_customers(gone, into=into, by=agent)
            assert (whose(case, other), checked()) == ([into.pk, into.pk], [[], ["name"]])
            assert not as_sure(case)
            check_identity(Case.objects.get(pk=case.pk), items=since, by=agent)

            part_customers(made, by=agent)

            assert (whose(case, other), checked()) == ([gone.pk, into.pk], [["document"], ["name"]])
        check_identity(Case.objects.get(pk=case.pk), items=[], by=agent)
        part_customers(join_customers(gone, into=into, by=agent), by=agent)
        assert checked() == [[], ["name"]]


def as_sure(case: Case) -> bool:
    return level_of(Case.objects.get(pk=case.pk).checked) > Level.NONE


def test_cases_that_went_on_in_it_go_along_and_can_still_be_parted(
    world: World, case: Case, wife: Customer, agent: Actor
) -> None:
    again = make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"), subject="靴の続き")
    with world.ours.scope():
        merged = merge(again, into=case, by=agent)

        give_to_customer(case, to=wife, by=agent)

        assert whose(case, again) == [wife.pk, wife.pk]
        unmerge(merged, by=agent)
        assert whose(case, again) == [wife.pk, wife.pk]
        kinds = Event.objects.filter(kind="case.customer").order_by("pk").values_list("case_id", flat=True)
        assert list(kinds) == [case.pk, again.pk]


def refused(world: World, case: Case, to: Customer, by: Actor) -> str:
    """Why the case is not given to them; nothing has changed."""
    before = everything(world)
    with scope.everywhere(reason="a test"), pytest.raises(Refused) as why:
        give_to_customer(case, to=to, by=by)
    assert everything(world) == before
    return str(why.value)


class TestRefused:
    def test_to_another_companys_customer(self, world: World, case: Case, agent: Actor) -> None:
        stranger = make_customer(world.theirs.company)

        assert refused(world, case, stranger, agent) == "別の会社のお客様です。"

    def test_to_its_own(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            own = case.customer

        assert refused(world, case, own, agent).startswith("この用件はすでにこのお客様のものです。")

    def test_one_that_goes_on_elsewhere(self, world: World, case: Case, wife: Customer, agent: Actor) -> None:
        on = make_case(world.ours.entry_point, sender=Party("ie@home.example", "髙橋 健"))
        with world.ours.scope():
            merge(case, into=on, by=agent)
            gone = Case.objects.get(pk=case.pk)

        assert refused(world, gone, wife, agent).startswith("この用件は別の用件に引き継がれています。")

    def test_while_an_answer_waits(self, world: World, case: Case, wife: Customer, agent: Actor) -> None:
        with world.ours.scope():
            aside = Aside(text="明日お送りします。", status=Status.OPEN)
            put_aside(case, aside, due_at=None, approval=True, word="", by=agent)

        assert refused(world, case, wife, agent).startswith("この用件には送信を待っている返信があります。")

    @pytest.mark.parametrize("masked", [True, False])
    def test_by_who_may_not_change_cases_or_does_not_see_customers_whole(
        self, world: World, case: Case, wife: Customer, agent: Actor, masked: bool
    ) -> None:
        unseen = DataScope(masked=frozenset({"phone"}))
        behind = replace(agent, grants=tuple(replace(g, data_scope=unseen) for g in agent.grants))
        by = behind if masked else actor_of(world.ours.company_staff)
        before = everything(world)

        with world.ours.scope(), pytest.raises(NotAllowed) as why:
            give_to_customer(case, to=wife, by=by)

        assert why.value.args == (Permission.CUSTOMER_EDIT if masked else Permission.CASE_UPDATE,)
        assert everything(world) == before


@pytest.mark.django_db(transaction=True)
def test_given_to_two_at_once_it_is_one_customers_and_each_change_is_told(
    world: World, case: Case, wife: Customer, agent: Actor
) -> None:
    son = make_customer(world.ours.company, name="髙橋 翔")
    start = threading.Barrier(2)

    def give(to: Customer) -> None:
        try:
            with world.ours.scope():
                mine = Case.objects.get(pk=case.pk)
                start.wait()
                with transaction.atomic():
                    give_to_customer(mine, to=to, by=agent)
        finally:
            connections.close_all()

    both = [threading.Thread(target=give, args=[to]) for to in (wife, son)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    with world.ours.scope():
        [now] = whose(case)
        assert now in (wife.pk, son.pk)
        told = Event.objects.filter(kind="case.customer").order_by("pk").values_list("data", flat=True)
        assert [one["before"] for one in told] == [case.customer_id, told[0]["after"]]
        assert told[1]["after"] == now
