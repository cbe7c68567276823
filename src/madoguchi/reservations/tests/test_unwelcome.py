"""Nobody is written to by the waiting list who may not be: they are called, or passed over where nobody may call."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Consent, Customer
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.reservations.actions import cancel
from madoguchi.reservations.calling_up import call_up_waiting
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.reservations.tests.test_calling_up import NOW, agent, states, table, wants
from madoguchi.tasks.models import Task

__all__ = ["agent", "table"]
pytestmark = pytest.mark.django_db


def stopped(case: Case) -> None:
    Customer.objects.filter(pk=case.customer_id).update(use_stopped_at=NOW)


def refuses(case: Case, *ways: str) -> None:
    for way in ways:
        said = {"purpose": "matter", "channel": way, "given": False, "how": Consent.How.values[0]}
        about = {"company_id": case.company_id, "customer_id": case.customer_id}
        Consent.objects.create(**about, **said, at=NOW, written_at=NOW)


@pytest.mark.parametrize(
    ("unwelcome", "called", "mailed"),
    [
        (stopped, 0, False),
        (lambda case: refuses(case, "email"), 0, False),
        (lambda case: refuses(case, "email", "phone"), 1, True),
        (lambda case: refuses(case, "phone"), 0, True),
    ],
    ids=["use stopped", "mail refused", "mail and phone refused", "phone refused"],
)
def test_who_may_not_be_written_to_is_called_or_passed_over(
    world: World,
    agent: Actor,
    table: Resource,
    unwelcome: Callable[[Case], None],
    called: int,
    mailed: bool,
) -> None:
    with clock.held_at(NOW):
        _case, had = wants(world, table, agent, who="had", waits=False)
        cases = [wants(world, table, agent, who=who)[0] for who in ("first", "second")]
        with world.ours.scope():
            unwelcome(cases[0])
            cancel(Reservation.objects.get(pk=had), by=agent)
        call_up_waiting()
    with clock.held_at(NOW + timedelta(minutes=4)):
        assert call_up_waiting() == 1

    assert states(world) == ["cancelled", *(["held", "waiting"], ["waiting", "held"])[called]]
    with world.ours.scope():
        [task] = Task.objects.all()
        assert task.case_id == cases[called].pk
        assert ("メールでお知らせ済みです" in task.title) is mailed
        written = list(Message.objects.filter(author="system").values_list("case_id", flat=True))
        assert written == [cases[called].pk] * mailed
