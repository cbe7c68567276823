"""Several at one case: who is seen, who holds the answer, and when what is held becomes free."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import be_here, claim_reply, forget_gone, leave, release_reply, take_over
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Presence, ReplyLock
from madoguchi.cases.queries import together
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    made = make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(MORNING):
        yield made


def after(seconds: int) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def writer(case: Case) -> int | None:
    found = together(case.pk).writer
    return found.id if found else None


def lookers(case: Case) -> list[tuple[int, datetime]]:
    return [(one.id, one.since) for one in together(case.pk).lookers]


class TestPresence:
    def test_who_opened_the_case_is_seen_since_then(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        be_here(case, writing=False, by=agent)
        with clock.held_at(after(60)):
            be_here(case, writing=False, by=supervisor)
            be_here(case, writing=False, by=agent)

            assert lookers(case) == [(agent.id, MORNING), (supervisor.id, after(60))]
            assert together(case.pk).writer is None

    def test_who_is_not_heard_of_is_gone_and_comes_anew(self, case: Case, agent: Actor) -> None:
        be_here(case, writing=True, by=agent)
        with clock.held_at(after(89)):
            assert (lookers(case), writer(case)) == ([(agent.id, MORNING)], agent.id)
        with clock.held_at(after(90)):
            assert (lookers(case), writer(case)) == ([], None)
            be_here(case, writing=True, by=agent)
            assert (lookers(case), writer(case)) == ([(agent.id, after(90))], agent.id)

    def test_the_setting_says_how_long_that_is(
        self, case: Case, agent: Actor, settings: LazySettings
    ) -> None:
        settings.REPLY_LOCK_SECONDS = 30
        be_here(case, writing=False, by=agent)
        with clock.held_at(after(30)):
            assert lookers(case) == []

    def test_who_leaves_is_gone_at_once_with_what_they_held(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        be_here(case, writing=True, by=agent)
        be_here(case, writing=False, by=supervisor)

        leave(case, by=agent)

        assert (lookers(case), writer(case)) == ([(supervisor.id, MORNING)], None)

    def test_a_company_looks_without_being_seen(self, world: World, case: Case) -> None:
        be_here(case, writing=True, by=actor_of(world.ours.company_staff))

        assert (lookers(case), writer(case)) == ([], None)

    def test_what_is_left_of_the_gone_is_dropped(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        be_here(case, writing=True, by=agent)
        with clock.held_at(after(60)):
            be_here(case, writing=False, by=supervisor)
        with clock.held_at(after(120)):
            assert forget_gone() == 2
            assert forget_gone() == 0
            assert lookers(case) == [(supervisor.id, after(60))]

    def test_another_companys_people_are_not_there(self, world: World, case: Case, agent: Actor) -> None:
        be_here(case, writing=True, by=agent)
        with world.theirs.scope():
            assert (lookers(case), writer(case)) == ([], None)
            assert (Presence.objects.count(), ReplyLock.objects.count()) == (0, 0)


class TestTheAnswer:
    def test_one_holds_it_and_the_other_is_told_who(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        claim_reply(case, by=agent)
        claim_reply(case, by=agent)

        with pytest.raises(Conflict, match="青木 翔"):
            claim_reply(case, by=supervisor)
        be_here(case, writing=True, by=supervisor)

        assert writer(case) == agent.id

    def test_it_is_free_when_let_go(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        claim_reply(case, by=agent)
        release_reply(case, by=supervisor)
        assert writer(case) == agent.id

        release_reply(case, by=agent)
        claim_reply(case, by=supervisor)
        assert writer(case) == supervisor.id

    def test_it_is_free_when_the_holder_is_gone(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        claim_reply(case, by=agent)
        with clock.held_at(after(89)), pytest.raises(Conflict):
            claim_reply(case, by=supervisor)
        with clock.held_at(after(90)):
            claim_reply(case, by=supervisor)
            assert writer(case) == supervisor.id

    def test_a_heartbeat_keeps_it(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        be_here(case, writing=True, by=agent)
        with clock.held_at(after(60)):
            be_here(case, writing=True, by=agent)
        with clock.held_at(after(120)):
            with pytest.raises(Conflict):
                claim_reply(case, by=supervisor)
            assert together(case.pk).writer.since == MORNING  # type: ignore[union-attr]

    def test_a_second_page_that_only_looks_does_not_let_it_go(self, case: Case, agent: Actor) -> None:
        be_here(case, writing=True, by=agent)
        be_here(case, writing=False, by=agent)

        assert writer(case) == agent.id

    def test_readers_cannot_hold_it(self, world: World, case: Case) -> None:
        with pytest.raises(NotAllowed):
            claim_reply(case, by=actor_of(world.ours.company_staff))

        assert writer(case) is None

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        acts=st.lists(
            st.tuples(
                st.booleans(), st.sampled_from(["claim", "let go", "leave", "take over"]), st.integers(0, 100)
            ),
            max_size=12,
        )
    )
    def test_whatever_two_do_it_is_in_one_pair_of_hands(
        self, case: Case, agent: Actor, supervisor: Actor, acts: list[tuple[bool, str, int]]
    ) -> None:
        ReplyLock.objects.all().delete()
        holder, heard, now = None, MORNING, MORNING
        for leads, act, seconds in acts:
            who, now = (supervisor if leads else agent), now + timedelta(seconds=seconds)
            holder = holder if now - heard < timedelta(seconds=90) else None
            with clock.held_at(now):
                holder, heard = self.do(case, who, act, holder, heard)
                assert writer(case) == holder

    def do(
        self, case: Case, who: Actor, act: str, holder: int | None, heard: datetime
    ) -> tuple[int | None, datetime]:
        """What the holder ought to be, after the actor did this."""
        others = holder is not None and holder != who.id
        try:
            if act == "claim":
                claim_reply(case, by=who)
                assert not others
                return who.id, clock.now()
            if act == "take over":
                take_over(case, by=who)
                assert others
                return who.id, clock.now()
        except Conflict:
            assert others is (act == "claim")
            return holder, heard
        except NotAllowed:
            return holder, heard
        (release_reply if act == "let go" else leave)(case, by=who)
        return (holder, heard) if others else (None, heard)


class TestTakingOver:
    def test_a_supervisor_goes_on_and_the_former_is_named(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        claim_reply(case, by=agent)

        assert take_over(case, by=supervisor) == agent.id

        found = together(case.pk)
        assert (found.writer.id if found.writer else None, found.taken_from) == (supervisor.id, agent.id)
        with pytest.raises(Conflict, match="森 美咲"):
            claim_reply(case, by=agent)
        with scope.everywhere(reason="a test looks at the log"):
            last = Event.objects.filter(case_id=case.pk).latest("id")
        assert (last.kind, last.actor_id, last.data) == (
            "case.taken_over",
            supervisor.id,
            {"before": agent.id},
        )

    def test_an_agent_may_not(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        claim_reply(case, by=supervisor)

        with pytest.raises(NotAllowed):
            take_over(case, by=agent)

        assert writer(case) == supervisor.id

    def test_there_is_nothing_to_take_over_from_nobody(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        with pytest.raises(Conflict):
            take_over(case, by=supervisor)
        claim_reply(case, by=supervisor)
        with pytest.raises(Conflict):
            take_over(case, by=supervisor)
        assert (writer(case), together(case.pk).taken_from) == (supervisor.id, None)

    def test_who_holds_it_next_took_it_from_nobody(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        claim_reply(case, by=agent)
        take_over(case, by=supervisor)
        with clock.held_at(after(90)):
            claim_reply(case, by=agent)
            assert together(case.pk).taken_from is None
