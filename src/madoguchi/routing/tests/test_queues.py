"""What waits at several desks, who stands by for it, and what it costs to ask."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person, seat
from madoguchi.people.models import OperatorMember, Role, User
from madoguchi.people.queries import actor_of, staff_by_desk, staff_of_desk
from madoguchi.routing import actions, queries
from madoguchi.routing.actions import pull, push
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Sharing
from madoguchi.routing.queries import queue, sharings_of, standings

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(world: World) -> Desk:
    """A second desk of the company, where the same agent and supervisor sit."""
    side = world.ours
    desk = make_desk(side.company)
    engagement = make_engagement(side.operator, desk)
    for person in (side.agent, side.supervisor):
        seat(OperatorMember.objects.get(user=person), engagement)
    return desk


def asked(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as cost:
        act()
    return len(cost)


def waiting_at(*desks: Desk) -> list[int]:
    return [one.id for one in queue(sharings_of(desks))[0]]


def test_what_waits_at_one_desk_hides_nothing_of_another(
    world: World, other: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_WAITING", 2)
    full = [make_case(world.ours.entry_point) for _ in range(3)]
    late = make_case(make_entry_point(other))

    with world.ours.scope():
        assert waiting_at(world.ours.desk, other) == [full[0].pk, full[1].pk, late.pk]
        Case.objects.filter(pk=full[2].pk).update(priority=4)
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, order=Sharing.By.PRIORITY)
        assert waiting_at(world.ours.desk, other) == [full[0].pk, full[2].pk, late.pk]


def test_what_is_most_urgent_comes_first_however_much_waits_longer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_WAITING", 2)
    now, desk = clock.now(), world.ours.desk
    cases = [make_case(world.ours.entry_point) for _ in range(4)]
    with world.ours.scope():
        # Three that wait for hours of the days that they have; one of a minute that is due in the next.
        for case, minutes, due in ((0, 300, 9_000), (1, 200, 9_000), (2, 100, 9_000), (3, 1, 1)):
            since, due_at = now - timedelta(minutes=minutes), now + timedelta(minutes=due)
            Case.objects.filter(pk=cases[case].pk).update(waiting_since=since, due_at=due_at)
        at_work(world.ours.agent)

        with clock.held_at(now):
            assert waiting_at(desk) == [cases[0].pk, cases[3].pk]
            taken = pull(by=actor_of(world.ours.agent))
        assert taken is not None
        assert taken.pk == cases[3].pk
        Sharing.objects.create(company=world.ours.company, desk=desk, order=Sharing.By.FIFO)
        assert waiting_at(desk) == [cases[0].pk, cases[1].pk]


@pytest.fixture
def few_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FIRST_LOOK", 1)


@pytest.mark.usefixtures("few_at_first")
class TestWhatIsReadFirst:
    def test_what_who_asks_cannot_take_stands_before_nothing(self, world: World) -> None:
        side = world.ours
        tagged, foreign, chat, fits = (make_case(side.entry_point) for _ in range(4))
        with side.scope():
            Sharing.objects.create(
                company=side.company, desk=side.desk, needs=[{"tag": "返品", "skill": "返品", "level": 1}]
            )
            Case.objects.filter(pk=tagged.pk).update(tags=["返品"])
            Case.objects.filter(pk=foreign.pk).update(language="en")
            Case.objects.filter(pk=chat.pk).update(channel=Channel.CHAT)
            # Room for a mail beside three of twenty; none for a chat, where one fills a person.
            Desk.objects.filter(pk=side.desk.pk).update(chats_at_once=1)
            held = [make_case(side.entry_point).pk for _ in range(3)]
            Case.objects.filter(pk__in=held).update(assignee=side.agent)
            at_work(side.agent, languages=("ja",))
            person = queries.person_at(actor_of(side.agent), [Desk.objects.get(pk=side.desk.pk)])
            sharings = sharings_of([Desk.objects.get(pk=side.desk.pk)])

            found, more = queue(sharings, most=9, asks=person)
            assert ([one.id for one in found], more) == ([fits.pk], False)
            assert pull(by=actor_of(side.agent)) == fits

    def test_what_they_answered_last_is_theirs_wherever_it_stands(self, world: World) -> None:
        side = world.ours
        answered(world, side.supervisor, side.desk)
        with side.scope():
            theirs = Case.objects.get(first_replied_at__isnull=False)
            Case.objects.filter(pk=theirs.pk).update(waiting_since=clock.now() - timedelta(minutes=20))
            older = make_case(side.entry_point)
            Case.objects.filter(pk=older.pk).update(waiting_since=clock.now() - timedelta(hours=3))
            at_work(side.supervisor)

            assert pull(by=actor_of(side.supervisor)) == theirs
            assert pull(by=actor_of(side.supervisor)) == older

    def test_behind_what_is_kept_for_another_all_is_looked_at(self, world: World) -> None:
        side = world.ours
        answered(world, side.supervisor, side.desk)
        with side.scope():
            Sharing.objects.create(company=side.company, desk=side.desk, order=Sharing.By.FIFO)
            Case.objects.update(waiting_since=clock.now() - timedelta(minutes=5))
        later = make_case(side.entry_point)
        at_work(side.agent, side.supervisor)

        with side.scope():
            assert pull(by=actor_of(side.agent)) == later
            assert pull(by=actor_of(side.agent)) is None

    def test_behind_what_nobody_here_can_take_a_push_looks_at_all(self, world: World) -> None:
        side = world.ours
        first, second = make_case(side.entry_point), make_case(side.entry_point)
        needs = [{"tag": "返品", "skill": "返品", "level": 1}]
        with side.scope():
            Sharing.objects.create(company=side.company, desk=side.desk, needs=needs, pushes=True, mails=1)
            Desk.objects.filter(pk=side.desk.pk).update(chats_at_once=1)
            Case.objects.filter(pk=first.pk).update(
                tags=["返品"], waiting_since=clock.now() - timedelta(hours=1)
            )
            at_work(side.agent)

            assert push(Desk.objects.get(pk=side.desk.pk)) == 1
            assert list(Case.objects.order_by("pk").values_list("pk", "assignee")) == [
                (first.pk, None),
                (second.pk, side.agent.pk),
            ]


def test_a_page_counts_all_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_WAITING", 2)
    cases = [make_case(world.ours.entry_point) for _ in range(4)]
    now = clock.now()
    with world.ours.scope():
        for case, waited, due in ((0, 300, None), (1, 239, None), (2, 10, -1), (3, 500, 5)):
            due_at = None if due is None else now + timedelta(minutes=due)
            since = now - timedelta(minutes=waited)
            Case.objects.filter(pk=cases[case].pk).update(waiting_since=since, due_at=due_at, hops=case)
        [one] = standings(actor_of(world.ours.agent))
    assert (one.waiting, one.late, one.passed_on) == (4, 2, 2)
    assert one.oldest == now - timedelta(minutes=500)


def test_who_answered_last_is_asked_only_where_it_counts(world: World) -> None:
    case = make_case(world.ours.entry_point)
    lead = actor_of(world.ours.supervisor)
    with world.ours.scope():
        reply(case, Reply(text="はい。"), by=lead)
        assign(case, to=None, by=lead)
        Case.objects.filter(pk=case.pk).update(status="open")
        sharings = sharings_of([world.ours.desk])
        assert [one.last for one in queue(sharings)[0]] == [lead.id]
        sharings[world.ours.desk.pk].prefers_last = False
        assert [one.last for one in queue(sharings)[0]] == [None]


def test_staff_by_desk_are_the_staff_of_each(world: World, other: Desk) -> None:
    third = make_desk(world.ours.company)
    newcomers = make_operator()
    theirs = make_operator_person(newcomers, seats=(make_engagement(newcomers, third),))
    make_operator_person(newcomers, role=Role.MANAGER)
    with world.ours.scope():
        found = staff_by_desk([world.ours.desk.pk, other.pk, third.pk])
        each = {
            desk.pk: set(staff_of_desk(desk.pk, company=desk.company_id).values_list("pk", flat=True))
            for desk in (world.ours.desk, other, third)
        }
    assert dict(found) == each
    assert theirs.pk in found[third.pk]
    assert len(found[third.pk]) == 2


def answered(world: World, person: User, desk: Desk) -> None:
    """A case of a desk that somebody answered and gave up, whose customer waits again."""
    case = make_case(make_entry_point(desk))
    with world.ours.scope():
        reply(case, Reply(text="はい。"), by=actor_of(person))
        Case.objects.filter(pk=case.pk).update(status="open", assignee=None, waiting_since=clock.now())


def test_the_next_case_costs_the_same_however_many_answered_last(world: World, other: Desk) -> None:
    side = world.ours
    colleagues = [make_operator_person(side.operator, seats=(side.engagement,)) for _ in range(4)]
    at_work(side.agent, side.supervisor, *colleagues)
    actor = actor_of(side.agent)

    def take() -> None:
        with scope.acting_for(actor.companies):
            assert pull(by=actor) is not None

    make_case(side.entry_point)
    take()
    make_case(side.entry_point)
    answered(world, side.supervisor, side.desk)
    one = asked(take)
    make_case(side.entry_point)
    for person in colleagues:
        answered(world, person, side.desk)
    answered(world, side.supervisor, other)
    assert asked(take) == one


def test_the_queues_cost_the_same_however_many_desks_there_are(world: World, other: Desk) -> None:
    side = world.ours
    make_case(side.entry_point)
    at_work(side.agent)
    few = actor_of(side.manager)
    with world.ours.scope():
        one = asked(lambda: standings(few))
    for _ in range(3):
        make_case(make_entry_point(make_engagement(side.operator, make_desk(side.company)).desk))
    many = actor_of(side.manager)
    with world.ours.scope():
        assert len(standings(many)) == 5
        assert asked(lambda: standings(many)) == one
