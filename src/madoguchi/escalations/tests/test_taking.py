"""A question to several: all are told, one takes it up and answers, and the others see that."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.house.at_once import at_once

from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.escalations.actions import Whom, answer, ask_again, give_back, pass_on, take
from madoguchi.escalations.due import tell_due
from madoguchi.escalations.models import Escalation
from madoguchi.escalations.queries import waiting_for
from madoguchi.escalations.tests.conftest import HOUR, NINE, Asking, told
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def colleague(world: World) -> User:
    """One more at the desk."""
    with world.ours.scope():
        seat = world.ours.agent.operator_memberships.get().seats.get()
        return make_operator_person(world.ours.operator, seats=(seat.engagement,))


@pytest.fixture
def one(asking: Asking, colleague: User) -> Escalation:
    return asking(Whom(to="team"))


def taken(world: World, one: Escalation) -> int | None:
    with world.ours.scope():
        return Escalation.objects.get(pk=one.pk).taken_by_id


def waits_for(world: World, *people: User) -> list[bool]:
    with world.ours.scope():
        return [waiting_for(actor_of(person)).exists() for person in people]


def test_everybody_of_the_desk_is_told_but_for_who_asks(
    world: World, one: Escalation, colleague: User
) -> None:
    told()
    with world.ours.scope():
        people = set(Notification.objects.filter(kind="escalation.asked").values_list("user", flat=True))
    ours = world.ours
    assert people == {ours.supervisor.pk, ours.manager.pk, colleague.pk}
    everybody = (ours.agent, colleague, ours.supervisor, ours.company_staff, world.theirs.agent)
    assert waits_for(world, *everybody) == [False, True, True, False, False]


def test_who_takes_it_answers_and_nobody_else_meanwhile(
    world: World, one: Escalation, colleague: User, supervisor: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        take(one, by=actor_of(colleague))
        take(one, by=actor_of(colleague))
        for act in (take, lambda one, by: answer(one, text="はい。", by=by)):
            with pytest.raises(Conflict) as refused:
                act(one, by=supervisor)
            assert colleague.name in str(refused.value)
        assert Escalation.objects.get().answer == ""
    assert waits_for(world, colleague, world.ours.supervisor) == [True, False]

    with world.ours.scope(), clock.held_at(NINE + HOUR):
        answer(one, text="延ばせます。", by=actor_of(colleague))
        found = Escalation.objects.get()
        facts = Event.objects.filter(kind="escalation.taken").values_list("data", flat=True)
        assert list(facts) == [{"escalation": one.pk, "to": "team", "person": colleague.pk}]
    assert (found.state, found.answered_by, found.minutes) == ("answered", colleague, 1)


def test_given_back_passed_on_or_asked_again_it_is_free(
    world: World, one: Escalation, colleague: User, supervisor: Actor, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        take(one, by=actor_of(colleague))
        give_back(one, by=actor_of(colleague))
        assert taken(world, one) is None
        take(one, by=supervisor)
        pass_on(one, Whom(to="seniors"), by=supervisor)
        assert taken(world, one) is None
        take(one, by=supervisor)
        answer(one, text="はい。", by=supervisor)
        ask_again(one, words="いつまで?", due_at=NINE + 9 * HOUR, by=agent)
    assert taken(world, one) is None


@pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager"])
def test_who_is_not_asked_takes_nothing(world: World, one: Escalation, who: str) -> None:
    with world.ours.scope():
        by = actor_of(getattr(world.ours, who))
        with pytest.raises(NotAllowed):
            take(one, by=by)
        with pytest.raises(NotAllowed):
            answer(one, text="はい。", by=by)
        assert Escalation.objects.get().answer == ""
    assert taken(world, one) is None


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_who_does_not_settle_it_gives_nothing_back(
    world: World, one: Escalation, colleague: User, who: str
) -> None:
    with world.ours.scope():
        take(one, by=actor_of(colleague))
        with pytest.raises(NotAllowed):
            give_back(one, by=actor_of(getattr(world.ours, who)))
    assert taken(world, one) == colleague.pk


def test_who_has_taken_it_is_reminded_alone(world: World, one: Escalation, colleague: User) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        take(one, by=actor_of(colleague))
    with clock.held_at(NINE + 2.5 * HOUR):
        assert tell_due() == 1
    told()
    with world.ours.scope():
        warned = Notification.objects.filter(kind="escalation.warned").values_list("user", flat=True)
        assert list(warned) == [colleague.pk]


def test_a_question_to_one_person_is_theirs_already(world: World, asking: Asking, supervisor: Actor) -> None:
    one = asking()
    with world.ours.scope(), pytest.raises(NotAllowed):
        take(one, by=supervisor)
    assert taken(world, one) is None


def test_of_several_who_take_it_at_once_one_has_it(world: World, one: Escalation, colleague: User) -> None:
    people = [colleague, world.ours.supervisor, world.ours.manager]

    def taking(person: User) -> int:
        with world.ours.scope():
            take(Escalation.objects.get(pk=one.pk), by=actor_of(person))
        return person.pk

    came = at_once(*[lambda person=person: taking(person) for person in people])

    [winner] = [each for each in came if isinstance(each, int)]
    assert [type(each) for each in came if not isinstance(each, int)] == [Conflict, Conflict]
    assert taken(world, one) == winner


def test_on_the_page_it_is_taken_with_a_key_and_given_back(
    world: World, case: Case, one: Escalation, colleague: User
) -> None:
    mine, other = signed_in(colleague), signed_in(world.ours.supervisor)
    page = reverse("desk:escalation", args=[one.pk])

    def shown(client: Client) -> tuple[bool, bool, bool]:
        text = client.get(page).text
        return 'data-key="t"' in text, 'name="text"' in text, f"{colleague.name}さんが引き受けました" in text

    assert shown(other) == (True, True, False)
    mine.post(page + "take/")
    assert (shown(mine), shown(other)) == ((False, True, True), (False, False, True))
    assert other.post(page + "take/").status_code == 422
    assert f"{colleague.name}さんが引受け" in other.get(reverse("desk:escalations") + "?which=all").text
    mine.post(page + "give-back/")
    assert shown(other) == (True, True, False)
