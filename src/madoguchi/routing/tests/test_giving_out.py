"""Cases that are given out by themselves, and what goes back when somebody goes away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.bot.models import Bot, Talk
from madoguchi.cases.actions import add_note, change_status, save_draft, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_company, make_desk, make_engagement, make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, seat
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.routing import actions, sweeping
from madoguchi.routing.actions import pull, push, set_presence
from madoguchi.routing.factories import at_work, knows
from madoguchi.routing.models import Sharing, State, Worker
from madoguchi.routing.queries import floor_of, hands, people_at, queue, sharings_of, standings
from madoguchi.routing.sweeping import sweep
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.phones import take_phone

pytestmark = pytest.mark.django_db
TEST = system("test")


def pushing(world: World, **more: object) -> None:
    with world.ours.scope():
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True, **more)


def give_out(world: World) -> int:
    with world.ours.scope():
        return push(world.ours.desk)


def become(person: User, state: State) -> int:
    actor = actor_of(person)
    with scope.acting_for(actor.companies):
        return set_presence(state, by=actor)


def responsible(world: World) -> list[int | None]:
    with world.ours.scope():
        return list(Case.objects.order_by("pk").values_list("assignee_id", flat=True))


class TestPush:
    def test_only_where_a_desk_wishes_it(self, world: World) -> None:
        make_case(world.ours.entry_point)
        at_work(world.ours.agent)
        assert give_out(world) == 0

        pushing(world)
        assert give_out(world) == 1
        assert responsible(world) == [world.ours.agent.pk]

    def test_who_lost_a_case_to_another_has_their_hands_as_free_as_before(self, world: World) -> None:
        # given: what was read waits no more when it comes to it
        case = make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent)
        with world.ours.scope():
            people = people_at(world.ours.desk)
            floor, _more = floor_of(sharings_of([world.ours.desk]), people)
            Case.objects.filter(pk=case.pk).update(assignee=world.ours.supervisor)

            assert actions._give_out(floor, world.ours.desk, people) == 0

            assert [person.busy for person in people] == [0] * len(people)

    @pytest.mark.parametrize("state", [State.AWAY, State.BREAK, State.OFF])
    def test_never_to_who_is_away(self, world: World, state: State) -> None:
        make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent, state=state)
        assert (give_out(world), responsible(world)) == (0, [None])

    def test_nor_to_who_was_not_heard_of_or_works_elsewhere(self, world: World) -> None:
        make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent, world.theirs.agent, world.ours.company_staff)
        Worker.objects.filter(user=world.ours.agent).update(seen_at=clock.now() - timedelta(minutes=6))
        assert give_out(world) == 0

    def test_nor_to_who_is_on_a_call(self, world: World) -> None:
        make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent)
        now = clock.now()
        phone = AgentPhone.objects.create(user=world.ours.agent, state="talking", since=now, seen_at=now)
        assert give_out(world) == 0
        phone.state = "ready"
        phone.save()
        assert give_out(world) == 1

    @pytest.mark.parametrize(("capacity", "given"), [(10, 1), (50, 1), (100, 2), (200, 4)])
    def test_as_much_as_somebody_holds(self, world: World, capacity: int, given: int) -> None:
        for _ in range(5):
            make_case(world.ours.entry_point)
        pushing(world, mails=2)
        at_work(world.ours.agent)
        Worker.objects.update(capacity=capacity)

        assert give_out(world) == given
        assert responsible(world).count(world.ours.agent.pk) == given
        with world.ours.scope():
            [shown] = [
                busy for user, _worker, busy in standings(actor_of(world.ours.supervisor))[0].people if busy
            ]
        assert shown == given * 500 * 10 // capacity

    @pytest.mark.parametrize(
        ("capacity", "held", "shown"),
        [(50, 0, 100), (50, 2, 200), (100, 0, 100), (100, 1, 100), (300, 2, 100)],
    )
    def test_who_is_on_a_call_is_full_however_much_they_hold(
        self, world: World, capacity: int, held: int, shown: int
    ) -> None:
        cases = [make_case(world.ours.entry_point) for _ in range(held + 1)]
        pushing(world, mails=2)
        at_work(world.ours.agent)
        Worker.objects.update(capacity=capacity)
        now = clock.now()
        AgentPhone.objects.create(user=world.ours.agent, state="talking", since=now, seen_at=now)

        with world.ours.scope():
            Case.objects.filter(pk__in=[case.pk for case in cases[:held]]).update(assignee=world.ours.agent)
            people = standings(actor_of(world.ours.supervisor))[0].people
            assert [busy for user, _worker, busy in people if user == world.ours.agent] == [shown]
            [person] = people_at(world.ours.desk)
            assert (person.busy >= person.whole, person.has_room(1)) == (True, False)
        assert give_out(world) == 0

    def test_to_who_has_fewest_skills_as_far_as_hands_go(self, world: World) -> None:
        cases = [make_case(world.ours.entry_point) for _ in range(3)]
        pushing(world, mails=1, needs=[{"tag": "返品", "skill": "返品", "level": 1}])
        with world.ours.scope():
            set_tags(cases[2], to=["返品"], by=TEST)
        at_work(world.ours.agent, world.ours.supervisor)
        knows(world.ours.supervisor, "返品")

        assert give_out(world) == 2
        assert responsible(world)[0] == world.ours.agent.pk
        assert responsible(world)[1:] == [world.ours.supervisor.pk, None]

    def test_where_no_hand_is_free_the_queue_is_not_read(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cases = [make_case(world.ours.entry_point) for _ in range(3)]
        pushing(world, mails=2)
        at_work(world.ours.agent)
        with world.ours.scope():
            Case.objects.filter(pk__in=[c.pk for c in cases[:2]]).update(assignee=world.ours.agent)
        read: list[object] = []
        real = actions.floor_of
        monkeypatch.setattr(actions, "floor_of", lambda *args: read.append(args) or real(*args))
        with world.ours.scope():
            Desk.objects.update(chats_at_once=2)

        assert (give_out(world), read) == (0, [])
        with world.ours.scope():
            Case.objects.filter(pk=cases[0].pk).update(status=Status.SOLVED)
        assert (give_out(world), len(read)) == (1, 1)

    def test_it_is_told_by_whom_and_how(self, world: World) -> None:
        make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent)
        give_out(world)
        with world.ours.scope():
            [given] = Event.objects.filter(kind="routing.given")
        assert (given.actor_name, given.data["how"]) == ("routing", "push")

    @pytest.mark.django_db(transaction=True)
    def test_what_comes_is_given_out_at_once_by_the_log(self, world: World) -> None:
        pushing(world)
        at_work(world.ours.agent)
        make_case(world.ours.entry_point)
        reactions.run_all()
        assert responsible(world) == [world.ours.agent.pk]


class TestBot:
    @pytest.mark.parametrize("channel", [Channel.CHAT, Channel.LINE])
    def test_a_talk_in_which_it_speaks_is_left_to_it(self, world: World, channel: Channel) -> None:
        side = world.ours
        case = make_case(side.entry_point)
        with side.scope():
            Case.objects.filter(pk=case.pk).update(channel=channel)
            Bot.objects.create(company=side.company, desk=side.desk, is_on=True)
            assert queue(sharings_of([side.desk])) == ([], False)
            now = clock.now()
            talk = {"company": side.company, "case": case, "desk": side.desk, "began_at": now, "since": now}
            Talk.objects.create(**talk, held_by=Talk.With.PERSON)
            assert [one.id for one in queue(sharings_of([side.desk]))[0]] == [case.pk]


class TestGoingAway:
    @pytest.fixture
    def taken(self, world: World) -> Case:
        make_case(world.ours.entry_point)
        at_work(world.ours.agent)
        actor = actor_of(world.ours.agent)
        with scope.acting_for(actor.companies):
            case = pull(by=actor)
        assert case is not None
        return case

    @pytest.mark.parametrize("state", [State.AWAY, State.BREAK, State.OFF])
    def test_what_was_not_begun_goes_back_and_nobody_was_passed_on(
        self, world: World, taken: Case, state: State
    ) -> None:
        assert become(world.ours.agent, state) == 1
        assert responsible(world) == [None]

        at_work(world.ours.supervisor)
        actor = actor_of(world.ours.supervisor)
        with scope.acting_for(actor.companies):
            again = pull(by=actor)
        assert again is not None
        assert (again.pk, again.hops) == (taken.pk, 0)

    def test_what_was_begun_stays(self, world: World, taken: Case) -> None:
        with world.ours.scope():
            add_note(taken, text="確認中です。", by=actor_of(world.ours.agent))
        assert become(world.ours.agent, State.AWAY) == 0
        assert responsible(world) == [world.ours.agent.pk]

    def test_so_does_what_somebody_writes_in(self, world: World, taken: Case) -> None:
        with world.ours.scope():
            save_draft(taken, kind="reply", text="お調べ", by=actor_of(world.ours.agent))
        assert become(world.ours.agent, State.AWAY) == 0

    def test_and_what_they_took_themselves_or_settled(self, world: World, taken: Case) -> None:
        actor = actor_of(world.ours.agent)
        with world.ours.scope():
            change_status(taken, to=Status.WAITING_CUSTOMER, by=actor)
        assert become(world.ours.agent, State.AWAY) == 0

    def test_it_is_told_once_to_each_company(self, world: World, taken: Case) -> None:
        for _ in range(2):
            become(world.ours.agent, State.BREAK)
        with scope.everywhere(reason="a test looks at what is there"):
            told = [(e.company_id, e.data) for e in Event.objects.filter(kind="presence.changed")]
        data = {"person": world.ours.agent.pk, "before": "available", "after": "break"}
        assert told == [(world.ours.company.pk, data)]


class TestSweep:
    def test_who_is_not_heard_of_is_away_and_gives_back(self, world: World) -> None:
        make_case(world.ours.entry_point)
        pushing(world)
        at_work(world.ours.agent)
        give_out(world)
        Worker.objects.update(seen_at=clock.now() - timedelta(minutes=6))

        assert sweep() == (1, 0)
        assert Worker.objects.get().state == State.AWAY
        assert responsible(world) == [None]
        assert sweep() == (0, 0)

    def test_what_is_left_is_given_out_at_every_desk_that_wishes_it(self, world: World) -> None:
        for side in (world.ours, world.theirs):
            make_case(side.entry_point)
        pushing(world)
        at_work(world.ours.agent, world.theirs.agent)
        assert sweep() == (0, 1)
        assert responsible(world) == [world.ours.agent.pk]

    def test_what_is_wrong_with_one_person_or_desk_keeps_no_other_from_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for side in (world.ours, world.theirs):
            make_case(side.entry_point)
            with side.scope():
                Sharing.objects.create(company=side.company, desk=side.desk, pushes=True)
        at_work(world.ours.agent, world.ours.supervisor, world.theirs.agent)
        people = [world.ours.agent, world.ours.supervisor]
        Worker.objects.filter(user__in=people).update(seen_at=clock.now() - timedelta(minutes=6))

        def breaks(real: Callable[..., Any], at: int) -> Callable[..., Any]:
            def act(row: Any, **more: Any) -> Any:
                if row.pk == at:
                    raise ValueError(at)
                return real(row, **more)

            return act

        first = Worker.objects.get(user=world.ours.agent)
        monkeypatch.setattr(sweeping, "note_unseen", breaks(sweeping.note_unseen, first.pk))
        monkeypatch.setattr(sweeping, "push", breaks(sweeping.push, world.ours.desk.pk))

        assert sweep() == (1, 1)
        states = [w.state for w in Worker.objects.filter(user__in=people).order_by("user_id")]
        assert sorted(states) == [State.AVAILABLE, State.AWAY]
        assert responsible(world) == [None]


def test_the_phone_does_not_ring_at_who_said_they_are_away(world: World) -> None:
    side, now = world.ours, clock.now()
    AgentPhone.objects.create(user=side.agent, state="ready", since=now, seen_at=now)
    at_work(side.agent, state=State.BREAK)
    with side.scope():
        assert take_phone(desk=side.desk.pk, company=side.company.pk, call="c1") is None
        at_work(side.agent)
        assert take_phone(desk=side.desk.pk, company=side.company.pk, call="c1") == side.agent.pk


def test_hands_are_filled_by_the_customers_of_every_company(world: World) -> None:
    """Who answers for two companies is one person."""
    with scope.everywhere(reason="a test makes what it asks for"):
        other = make_desk(make_company(name="第三商店"))
        member = OperatorMember.objects.get(user=world.ours.agent)
        seat(member, make_engagement(world.ours.operator, other))
        cases = [make_case(make_entry_point(other)), make_case(world.ours.entry_point)]
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(assignee=world.ours.agent)
    with world.ours.scope():
        assert hands([world.ours.agent.pk]) == ({world.ours.agent.pk: 100}, set())
