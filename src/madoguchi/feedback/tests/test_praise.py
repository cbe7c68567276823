"""Praise among colleagues."""

import pytest

from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.delivery.actions import Reply, reply
from madoguchi.feedback.actions import praise
from madoguchi.feedback.events import PraiseGiven
from madoguchi.feedback.models import Praise
from madoguchi.feedback.queries import handlers_of, praise_of, praised_at
from madoguchi.following.models import Notification
from madoguchi.following.trouble import with_trouble
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    """A case that our agent is responsible for."""
    found = make_case(world.ours.entry_point)
    with world.ours.scope():
        assign(found, to=world.ours.agent.pk, by=actor_of(world.ours.agent))
        return Case.objects.get(pk=found.pk)


def test_whoever_handled_a_case_is_praised_and_reads_it_alone(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        made = praise(case, to=side.agent.pk, words="言葉が温かい", by=actor_of(side.supervisor))

        assert [one.words for one in praise_of(actor_of(side.agent))] == ["言葉が温かい"]
        assert list(praise_of(actor_of(side.manager))) == []
        [counted] = praised_at([side.desk])
        assert (counted.desk, counted.times, counted.people) == (side.desk, 1, 1)
        told = Event.objects.get(kind="praise.given")
        assert told.data == {"praise": made.pk, "person": side.agent.pk}


def test_nobody_praises_themselves_or_who_had_no_part(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        for by, to in ((side.agent, side.agent), (side.supervisor, side.manager)):
            with pytest.raises(Refused) as refused:
                praise(case, to=to.pk, words="よい", by=actor_of(by))
            assert refused.value.field == "to"
        assert handlers_of(case, actor=actor_of(side.agent)) == []
        assert Praise.objects.count() == 0


def test_without_a_word_or_from_the_company_there_is_none(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        with pytest.raises(Refused) as refused:
            praise(case, to=side.agent.pk, words=" ", by=actor_of(side.supervisor))
        with pytest.raises(NotAllowed):
            praise(case, to=side.agent.pk, words="よい", by=actor_of(side.company_manager))
        assert (refused.value.field, Praise.objects.count()) == ("words", 0)


def test_who_answered_a_case_is_offered_though_another_has_it_now(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        reply(case, Reply(text="はい。"), by=actor_of(side.agent))
        case.refresh_from_db()
        assign(case, to=side.supervisor.pk, by=actor_of(side.supervisor))
        case.refresh_from_db()

        assert {one.pk for one in handlers_of(case, actor=actor_of(side.manager))} == {
            side.agent.pk,
            side.supervisor.pk,
        }


def test_the_bell_tells_whoever_is_praised_and_nobody_else(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        fact = PraiseGiven(**case.where, praise=1, person=side.agent.pk)

        assert with_trouble(fact, case) == {side.agent.pk: Notification.Why.MENTIONED}


def test_long_praise_is_cut_at_its_end_and_card_numbers_are_blotted(world: World, case: Case) -> None:
    side = world.ours
    with side.scope():
        made = praise(
            case, to=side.agent.pk, words="あ" * 310 + "\n4111 1111 1111 1111", by=actor_of(side.supervisor)
        )
        other = praise(case, to=side.agent.pk, words="4111 1111 1111 1111", by=actor_of(side.supervisor))

    assert (made.words, "4111" in other.words) == ("あ" * 300, False)
