"""Who has had as many hard contacts in a row as nobody should is given the next hard case last."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.cases.actions import assign, merge
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.routing.actions import pull, push
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Sharing
from madoguchi.shield import caring, marking
from madoguchi.shield.load import hard_among, spared_among
from madoguchi.shield.models import Care
from madoguchi.shield.tests.conftest import HOUR, MISAKI, NINE, first_message
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.models import Call
from madoguchi.voice.phones import set_ready, take_phone

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]
ONE = NINE + HOUR


@pytest.fixture
def tired(world: World, case: Case, agent: Actor, acting: Acting) -> Actor:
    """An agent with two hard contacts in a row, in a case that is theirs."""
    acting(assign, case, to=agent.id, by=agent)
    for _ in range(2):
        acting(marking.mark, case, sort="abuse", by=agent)
    return agent


@pytest.fixture
def hard(world: World, case: Case, supervisor: Actor, acting: Acting) -> Case:
    """Another case, in which harassment is suspected; nobody's yet."""
    with clock.held_at(NINE):
        made = make_case(world.ours.entry_point)
    acting(marking.mark, made, sort="threat", by=supervisor)
    return made


def taken(world: World, by: Actor, later: float = 0) -> int | None:
    with clock.held_at(NINE + later * HOUR):
        at_work(world.ours.agent if by.id == world.ours.agent.pk else world.ours.supervisor)
        with world.ours.scope():
            found = pull(by=by)
    return found.pk if found else None


def test_the_next_hard_case_goes_to_a_colleague(
    world: World, tired: Actor, hard: Case, supervisor: Actor
) -> None:
    assert taken(world, tired) is None
    assert taken(world, supervisor) == hard.pk


def test_an_easy_one_is_theirs(world: World, tired: Actor, hard: Case) -> None:
    with clock.held_at(NINE):
        easy = make_case(world.ours.entry_point)

    assert taken(world, tired) == easy.pk


def test_no_customer_waits_for_it_beyond_four_fifths_of_the_time(
    world: World, tired: Actor, hard: Case
) -> None:
    assert taken(world, tired, 3.1) is None
    assert taken(world, tired, 3.2) == hard.pk


def test_after_a_rest_it_is_theirs_again(
    world: World, case: Case, tired: Actor, hard: Case, acting: Acting
) -> None:
    acting(caring.offer_rest, tired.id, case, by=system("test"))
    with world.ours.scope():
        rest = Care.objects.select_related("case").get()
    acting(caring.settle_care, rest, outcome="done", by=tired, later=0.5)

    assert taken(world, tired, 0.6) == hard.pk


def test_a_desk_that_gives_out_by_itself_spares_them_too(world: World, tired: Actor, hard: Case) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True)
        at_work(world.ours.agent)
        assert push(world.ours.desk) == 0
        at_work(world.ours.agent, world.ours.supervisor)
        assert push(world.ours.desk) == 1
        assert Case.objects.get(pk=hard.pk).assignee_id == world.ours.supervisor.pk


def test_what_was_cleared_or_settled_is_not_hard_and_what_went_on_elsewhere_is_there(
    world: World, case: Case, tired: Actor, hard: Case, agent: Actor, acting: Acting, another: Actor
) -> None:
    with clock.held_at(NINE):
        grave, into = (make_case(world.ours.entry_point, sender=MISAKI) for _ in range(2))
        slight = make_case(world.ours.entry_point)
    for one, severity in ((grave, 3), (slight, 2)):
        acting(make_complaint, one, Written(facts="割れ", severity=severity, due_at=NINE + HOUR), by=agent)
    everything = [case.pk, hard.pk, grave.pk, slight.pk, into.pk]
    assert acting(hard_among, everything) == {case.pk, hard.pk, grave.pk}

    acting(merge, grave, into=into, by=another)
    assert acting(hard_among, [into.pk]) == {into.pk}
    with world.ours.scope():
        [mark] = marking.Mark.objects.filter(case=hard)
    acting(marking.decide, mark, state="cleared", reason="正当な申し出", by=another)
    assert acting(hard_among, [hard.pk]) == set()


def test_no_other_company_learns_of_it(world: World, tired: Actor, hard: Case) -> None:
    with world.theirs.scope(), clock.held_at(NINE):
        assert (hard_among([hard.pk]), spared_among([world.ours.agent.pk])) == (set(), set())


class TestCalls:
    """Two people at the phones, of whom the one who is spared has been free for longer."""

    @pytest.fixture
    def number(self, world: World, tired: Actor, supervisor: Actor, acting: Acting) -> EntryPoint:
        with world.ours.scope():
            point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        acting(set_ready, ready=True, by=tired, later=0.999)
        acting(set_ready, ready=True, by=supervisor, later=1)
        return point

    def rung(
        self, point: EntryPoint, call: str, *, message: int | None = None, person: int = 0
    ) -> int | None:
        where = {"desk": point.desk_id, "company": point.company_id}
        with scope.acting_for([point.company_id]), clock.held_at(ONE):
            return take_phone(call=call, message=message, person=person, **where)

    def begun(self, point: EntryPoint, uid: str, *, message: int | None = None, hours: float = 1) -> str:
        at = NINE + hours * HOUR
        with scope.acting_for([point.company_id]), clock.held_at(at):
            begin_call(point, Begun(uid=uid, caller="+819012345678", flow=0, at=at))
            Call.objects.filter(uid=uid).update(message_id=message)
        return uid

    def test_a_hard_call_rings_at_a_colleague_and_then_at_whoever_is_left(
        self, world: World, number: EntryPoint, hard: Case, tired: Actor, supervisor: Actor
    ) -> None:
        told = first_message(hard, world).pk

        first = self.rung(number, self.begun(number, "a", message=told))
        second = self.rung(number, self.begun(number, "b", message=told))

        assert (first, second) == (supervisor.id, tired.id)

    def test_so_does_one_with_which_the_customer_calls_on(
        self, world: World, number: EntryPoint, hard: Case, supervisor: Actor
    ) -> None:
        self.begun(number, "before", message=first_message(hard, world).pk, hours=0.5)

        assert self.rung(number, self.begun(number, "on")) == supervisor.id

    def test_and_one_that_we_place(
        self, world: World, number: EntryPoint, hard: Case, supervisor: Actor
    ) -> None:
        assert self.rung(number, "ours", message=first_message(hard, world).pk) == supervisor.id

    def test_any_other_rings_at_who_is_free_for_longest(
        self, world: World, number: EntryPoint, tired: Actor
    ) -> None:
        with clock.held_at(NINE):
            easy = make_case(world.ours.entry_point)

        assert self.rung(number, "unknown", message=first_message(easy, world).pk) == tired.id

    def test_who_is_wanted_by_name_is_rung(
        self, world: World, number: EntryPoint, hard: Case, tired: Actor
    ) -> None:
        told = first_message(hard, world).pk

        assert self.rung(number, "named", message=told, person=tired.id or 0) == tired.id
