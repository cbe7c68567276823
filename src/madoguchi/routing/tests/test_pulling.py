"""The next case: what one is given who asks, in which order, and what one is not given."""

from datetime import timedelta

import pytest

from madoguchi.cases.actions import assign, set_priority, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Priority
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import pull
from madoguchi.routing.factories import at_work, knows
from madoguchi.routing.models import Sharing, State, Worker

pytestmark = pytest.mark.django_db
TEST = system("test")
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def take(person: User) -> Case | None:
    actor = actor_of(person)
    with scope.acting_for(actor.companies):
        return pull(by=actor)


def older(case: Case, minutes: int, *, due_in: int | None = None) -> Case:
    """A case that has waited for so long, and is due in so many minutes."""
    now = clock.now()
    case.waiting_since = now - timedelta(minutes=minutes)
    case.due_at = None if due_in is None else now + timedelta(minutes=due_in)
    with scope.acting_for([case.company_id]):
        case.save(update_fields=["waiting_since", "due_at"])
    return case


def share(world: World, **said: object) -> None:
    with world.ours.scope():
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, **said)


class TestOrder:
    def test_first_comes_what_has_waited_the_greatest_part_of_its_time(self, world: World) -> None:
        at_work(world.ours.agent)
        oldest = older(make_case(world.ours.entry_point), 60)  # of the four hours that a desk usually has
        nearly_due = older(make_case(world.ours.entry_point), 20, due_in=10)

        assert take(world.ours.agent) == nearly_due
        assert take(world.ours.agent) == oldest
        assert take(world.ours.agent) is None

    def test_by_priority_where_a_desk_says_so(self, world: World) -> None:
        at_work(world.ours.agent)
        share(world, order=Sharing.By.PRIORITY)
        older(make_case(world.ours.entry_point), 60)
        urgent = make_case(world.ours.entry_point)
        with world.ours.scope():
            set_priority(urgent, to=Priority.URGENT, by=TEST)

        assert take(world.ours.agent) == urgent

    def test_by_age_where_a_desk_says_so(self, world: World) -> None:
        at_work(world.ours.agent)
        share(world, order=Sharing.By.FIFO)
        oldest = older(make_case(world.ours.entry_point), 60)
        older(make_case(world.ours.entry_point), 20, due_in=1)

        assert take(world.ours.agent) == oldest

    def test_what_it_takes_is_minded(self, world: World) -> None:
        share(world, needs=[{"tag": "返品", "skill": "返品", "level": 2}])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            set_tags(case, to=["返品"], by=TEST)
        at_work(world.ours.agent, world.ours.supervisor)
        knows(world.ours.agent, "返品", 1)
        knows(world.ours.supervisor, "返品", 2)

        assert take(world.ours.agent) is None
        assert take(world.ours.supervisor) == case

    def test_what_has_run_out_is_not_known_any_more(self, world: World) -> None:
        share(world, needs=[{"tag": "返品", "skill": "返品", "level": 1}])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            set_tags(case, to=["返品"], by=TEST)
        at_work(world.ours.agent)
        skill = knows(world.ours.agent, "返品")
        today = clock.now().astimezone(clock.TOKYO).date()
        skill.expires_on = today - timedelta(days=1)
        skill.save()

        assert take(world.ours.agent) is None
        skill.expires_on = today
        skill.save()
        assert take(world.ours.agent) == case

    def test_who_says_their_languages_is_given_those(self, world: World) -> None:
        at_work(world.ours.agent, languages=("en",))
        japanese = make_case(world.ours.entry_point)

        assert take(world.ours.agent) is None
        at_work(world.ours.agent, languages=("en", "ja"))
        assert take(world.ours.agent) == japanese


class TestWhoAnsweredLast:
    def answered(self, world: World) -> Case:
        """A case that the supervisor answered and gave up, whose customer wrote again."""
        case = make_case(world.ours.entry_point, sender=MISAKI)
        lead = actor_of(world.ours.supervisor)
        with world.ours.scope():
            reply(case, Reply(text="はい。"), by=lead)
            assign(case, to=None, by=lead)
        say_again(case)
        return case

    def test_is_given_it_before_what_is_older(self, world: World) -> None:
        older(make_case(world.ours.entry_point), 60)
        case = self.answered(world)
        at_work(world.ours.supervisor)

        assert take(world.ours.supervisor) == case

    def test_and_it_is_kept_for_them_while_they_are_here(self, world: World) -> None:
        self.answered(world)
        at_work(world.ours.agent, world.ours.supervisor)

        assert take(world.ours.agent) is None

    def test_but_not_for_long(self, world: World) -> None:
        case = older(self.answered(world), 15)
        at_work(world.ours.agent, world.ours.supervisor)

        assert take(world.ours.agent) == case

    @pytest.mark.parametrize("state", [State.AWAY, State.BREAK, State.OFF])
    def test_nor_when_they_are_away(self, world: World, state: State) -> None:
        case = self.answered(world)
        at_work(world.ours.agent)
        at_work(world.ours.supervisor, state=state)

        assert take(world.ours.agent) == case

    def test_another_case_of_theirs_is_known_by_its_customer(self, world: World) -> None:
        self.answered(world)
        at_work(world.ours.supervisor)
        new = make_case(world.ours.entry_point, sender=MISAKI)
        older(make_case(world.ours.entry_point), 60)

        assert {take(world.ours.supervisor), take(world.ours.supervisor)} >= {new}


class TestRefused:
    @pytest.mark.parametrize("state", [State.AWAY, State.BREAK, State.OFF])
    def test_nobody_who_is_away_is_given_anything(self, world: World, state: State) -> None:
        case = make_case(world.ours.entry_point)
        at_work(world.ours.agent, state=state)

        with pytest.raises(Refused, match="対応可ではありません"):
            take(world.ours.agent)

        with world.ours.scope():
            assert Case.objects.get(pk=case.pk).assignee_id is None

    def test_nor_who_never_said_that_they_are_here(self, world: World) -> None:
        make_case(world.ours.entry_point)
        with pytest.raises(Refused):
            take(world.ours.agent)
        assert not Worker.objects.exists()

    def test_full_hands_are_given_no_more_until_one_is_answered(self, world: World) -> None:
        share(world, mails=2)
        cases = [make_case(world.ours.entry_point) for _ in range(3)]
        at_work(world.ours.agent)
        first, second = take(world.ours.agent), take(world.ours.agent)
        with pytest.raises(Refused, match="手持ちがいっぱい"):
            take(world.ours.agent)

        with world.ours.scope():
            reply(cases[0], Reply(text="はい。"), by=actor_of(world.ours.agent))
        assert {first, second, take(world.ours.agent)} == set(cases)

    @pytest.mark.parametrize("who", ["company_staff", "company_manager"])
    def test_a_company_takes_nothing_out_of_the_queue(self, world: World, who: str) -> None:
        make_case(world.ours.entry_point)
        person = getattr(world.ours, who)
        at_work(person)
        with pytest.raises(NotAllowed):
            take(person)

    def test_nobody_is_given_a_case_of_another_company(self, world: World) -> None:
        make_case(world.theirs.entry_point)
        at_work(world.ours.agent)
        assert take(world.ours.agent) is None

    def test_nor_of_a_desk_where_they_do_not_sit(self, world: World) -> None:
        make_case(world.ours.entry_point)
        seatless = make_operator_person(world.ours.operator)
        at_work(seatless)
        with pytest.raises(NotAllowed):
            take(seatless)


class TestTold:
    def test_who_was_given_what_after_how_long(self, world: World) -> None:
        case = older(make_case(world.ours.entry_point), 3)
        at_work(world.ours.agent)
        take(world.ours.agent)

        with world.ours.scope():
            events = Event.objects.filter(case_id=case.pk, kind__in=["case.assigned", "routing.given"])
            given = {event.kind: event.data for event in events}
            stands = Case.objects.get(pk=case.pk)
        assert given["case.assigned"] == {"before": None, "after": world.ours.agent.pk, "hop": 0}
        assert given["routing.given"] == {"person": world.ours.agent.pk, "how": "pull", "waited": 180}
        assert (stands.assignee_id, stands.version) == (world.ours.agent.pk, case.version + 1)

    def test_a_case_that_comes_to_another_person_was_passed_on(self, world: World) -> None:
        case = make_case(world.ours.entry_point)
        at_work(world.ours.agent)
        lead = actor_of(world.ours.supervisor)
        with world.ours.scope():
            assign(case, to=lead.id, by=lead)
            assign(case, to=None, by=lead)

        taken = take(world.ours.agent)

        assert taken is not None
        assert taken.hops == 1
