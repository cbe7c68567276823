"""Who is told what changed, who confirms it, and who sees who has not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.house.at_once import at_once
from tests.rows import all_of

from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.companies.models import Engagement
from madoguchi.feedback.actions import confirm_briefing, give_briefing, withdraw_briefing
from madoguchi.feedback.models import Briefing, BriefingReading
from madoguchi.feedback.queries import briefing_by_id, briefings_of, not_read_by, unread_briefings
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def tell(world: World, *, title: str = "返品の期限が30日になりました", text: str = "") -> Briefing:
    """What our supervisor tells our desk."""
    with world.ours.scope():
        return give_briefing(world.ours.desk, title=title, text=text, by=actor_of(world.ours.supervisor))


@pytest.fixture
def other(world: World) -> User:
    """Somebody of a second operator at the same desk."""
    operator = make_operator()
    with world.ours.scope():
        engaged = make_engagement(operator, world.ours.desk)
    return make_operator_person(operator, seats=(engaged,))


def missing_of(told: Briefing) -> set[int]:
    return {one.pk for one in not_read_by([told])[told.pk]}


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_who_is_led_is_told_until_they_confirm_it_and_once(world: World) -> None:
    told = tell(world)
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        before = list(unread_briefings(agent))
        missing = missing_of(told)

        first, again = confirm_briefing(told, by=agent), confirm_briefing(told, by=agent)

        assert (before, first, again) == ([told], True, False)
        assert missing == {world.ours.agent.pk, world.ours.manager.pk}
        assert missing_of(told) == {world.ours.manager.pk}
        assert (list(unread_briefings(agent)), list(briefings_of(agent))) == ([], [told])
        assert kinds() == ["briefing.given", "briefing.read"]


def test_whoever_wrote_it_need_not_confirm_it(world: World) -> None:
    tell(world)

    with world.ours.scope():
        assert list(unread_briefings(actor_of(world.ours.supervisor))) == []


def test_people_of_another_employer_are_told_nothing(world: World, other: User) -> None:
    told = tell(world)
    theirs = actor_of(other)
    with world.ours.scope():
        assert list(briefings_of(theirs)) == []
        assert other.pk not in missing_of(told)
        with pytest.raises(NotFound):
            briefing_by_id(theirs, told.pk)
        with pytest.raises(NotAllowed):
            confirm_briefing(told, by=theirs)
        assert BriefingReading.objects.count() == 0


@pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager"])
def test_who_leads_nobody_there_tells_nobody(world: World, who: str) -> None:
    before = all_of(world.ours.company.pk)
    with world.ours.scope(), pytest.raises(NotAllowed):
        give_briefing(world.ours.desk, title="変更", by=actor_of(getattr(world.ours, who)))

    assert all_of(world.ours.company.pk) == before


@pytest.mark.parametrize(("title", "text", "field"), [(" ", "", "title"), ("変更", "あ" * 5_001, "text")])
def test_what_says_nothing_or_too_much_is_refused(world: World, title: str, text: str, field: str) -> None:
    before = all_of(world.ours.company.pk)

    with pytest.raises(Refused) as refused:
        tell(world, title=title, text=text)

    assert (refused.value.field, all_of(world.ours.company.pk)) == (field, before)


def test_what_is_withdrawn_or_old_is_shown_to_nobody(world: World) -> None:
    agent, manager = actor_of(world.ours.agent), actor_of(world.ours.manager)
    old = clock.now() - timedelta(days=31)
    with clock.held_at(old):
        tell(world, title="古い変更")
    told = tell(world)
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            withdraw_briefing(told, by=agent)
        assert list(briefings_of(agent)) == [told]

        first, again = withdraw_briefing(told, by=manager), withdraw_briefing(told, by=manager)

        assert (first, again, list(briefings_of(agent))) == (True, False, [])


def test_each_briefing_names_its_own_people_and_ten_cost_as_much_as_one(world: World, other: User) -> None:
    # given a leader of the second operator at the same desk, who tells their people something else
    ours = [tell(world, title=f"変更{n}") for n in range(10)]
    with world.ours.scope():
        operator = Engagement.objects.exclude(operator=world.ours.operator).get().operator
        seats = tuple(Engagement.objects.filter(operator=operator))
        leader = make_operator_person(operator, seats=seats, role=Role.SUPERVISOR)
        theirs = give_briefing(world.ours.desk, title="別の会社の変更", by=actor_of(leader))
        confirm_briefing(ours[0], by=actor_of(world.ours.agent))

        with CaptureQueriesContext(connection) as one:
            not_read_by([theirs])
        with CaptureQueriesContext(connection) as all_of_them:
            missing = not_read_by([*ours, theirs])

    assert len(all_of_them) == len(one) <= 4
    assert [user.pk for user in missing[theirs.pk]] == [other.pk]
    assert {user.pk for user in missing[ours[0].pk]} == {world.ours.manager.pk}
    assert {user.pk for user in missing[ours[9].pk]} == {world.ours.agent.pk, world.ours.manager.pk}
    assert not_read_by([]) == {}


def test_two_leaders_may_withdraw_what_either_told_and_the_log_tells_who(world: World) -> None:
    told = tell(world)
    with world.ours.scope():
        withdraw_briefing(told, by=actor_of(world.ours.manager))
        [fact] = Event.objects.filter(kind="briefing.withdrawn")

        assert (fact.actor_id, fact.data) == (world.ours.manager.pk, {"briefing": told.pk})
        with pytest.raises(NotFound):
            briefing_by_id(actor_of(world.ours.agent), told.pk)


@pytest.mark.django_db(transaction=True)
def test_who_confirms_in_two_tabs_at_once_has_read_it_once(world: World) -> None:
    told, agent = tell(world), actor_of(world.ours.agent)

    def work() -> bool:
        with world.ours.scope():
            return confirm_briefing(told, by=agent)

    assert sorted(at_once(*[work] * 6)) == [False] * 5 + [True]
    with world.ours.scope():
        assert kinds() == ["briefing.given", "briefing.read"]
