"""Who may change what of a case, and what becomes of it."""

import pytest

from madoguchi.cases import actions, queries
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Mention, Note, Priority, Status
from madoguchi.companies.factories import make_desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(case_id=case.pk).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def test_an_agent_takes_a_case_nobody_has(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.assign(case, to=agent.id, by=agent)

        assert Case.objects.get(pk=case.pk).assignee_id == agent.id
        assert kinds(case) == ["case.opened", "case.assigned"]


def test_an_agent_cannot_give_work_to_a_colleague(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        with pytest.raises(NotAllowed):
            actions.assign(case, to=world.ours.supervisor.pk, by=agent)

        assert Case.objects.get(pk=case.pk).assignee_id is None
        assert kinds(case) == ["case.opened"]


def test_a_supervisor_assigns_but_only_to_people_of_the_desk(world: World, case: Case) -> None:
    supervisor = actor_of(world.ours.supervisor)
    with scope.acting_for(supervisor.companies):
        with pytest.raises(Refused):
            actions.assign(case, to=world.theirs.agent.pk, by=supervisor)
        assert Case.objects.get(pk=case.pk).assignee_id is None

        actions.assign(case, to=world.ours.agent.pk, by=supervisor)
        assert Case.objects.get(pk=case.pk).assignee_id == world.ours.agent.pk


def someone_who_only_sees(world: World) -> list[User]:
    return [world.ours.company_staff, world.ours.company_manager, world.administrator, world.theirs.agent]


@pytest.mark.parametrize("who", range(4))
def test_who_only_sees_or_sees_nothing_changes_nothing(world: World, case: Case, who: int) -> None:
    actor = actor_of(someone_who_only_sees(world)[who])
    with scope.acting_for({*actor.companies, case.company_id}):
        for attempt in (
            lambda: actions.change_status(case, to=Status.SOLVED, by=actor),
            lambda: actions.set_priority(case, to=Priority.URGENT, by=actor),
            lambda: actions.set_tags(case, to=["急ぎ"], by=actor),
            lambda: actions.rename(case, to="別の件名", by=actor),
            lambda: actions.add_note(case, text="見ました", by=actor),
            lambda: actions.assign(case, to=actor.id, by=actor),
            lambda: actions.save_draft(case, kind="reply", text="あ", by=actor),
        ):
            with pytest.raises(NotAllowed):
                attempt()

        case.refresh_from_db()
        assert (case.status, case.priority, case.tags) == (Status.NEW, Priority.NORMAL, [])
        assert case.subject == "炊飯器について"
        assert case.assignee_id is None
        assert Note.objects.count() == 0
        assert kinds(case) == ["case.opened"]


def test_a_case_of_another_company_does_not_exist(world: World, case: Case) -> None:
    theirs = actor_of(world.theirs.manager)
    number = case.spoken_number(world.ours.company.prefix)
    with scope.acting_for(theirs.companies), pytest.raises(NotFound):
        queries.case_by_number(number, actor=theirs)


def test_solving_sets_the_time_and_the_customers_word_reopens(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.change_status(case, to=Status.SOLVED, by=agent)
        assert Case.objects.get(pk=case.pk).solved_at is not None

    say_again(case)

    with scope.acting_for(agent.companies):
        now = Case.objects.get(pk=case.pk)
        assert (now.status, now.solved_at) == (Status.OPEN, None)
        event = Event.objects.filter(case_id=case.pk).latest("id")
        assert (event.kind, event.data["reopened"]) == ("message.received", True)


def test_a_robots_word_neither_reopens_nor_makes_us_late(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.change_status(case, to=Status.SOLVED, by=agent)
        before = Case.objects.get(pk=case.pk)

    say_again(case, automatic="auto-reply")

    with scope.acting_for(agent.companies):
        now = Case.objects.get(pk=case.pk)
        assert now.status == Status.SOLVED
        assert now.waiting_since == before.waiting_since
        assert now.message_count == 2


def test_tags_are_tidied_and_limited(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.set_tags(case, to=[" 返品 ", "返品", "", "至急"], by=agent)
        assert Case.objects.get(pk=case.pk).tags == ["返品", "至急"]
        with pytest.raises(Refused):
            actions.set_tags(case, to=[f"t{n}" for n in range(21)], by=agent)
        assert Case.objects.get(pk=case.pk).tags == ["返品", "至急"]


def test_a_case_moves_to_another_desk_of_its_company_only(world: World, case: Case) -> None:
    elsewhere, sister = world.theirs.desk, make_desk(world.ours.company)
    manager = actor_of(world.ours.manager)
    with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]):
        with pytest.raises(Refused):
            actions.move_to_desk(case, to=elsewhere, by=manager)
        assert Case.objects.get(pk=case.pk).desk_id == world.ours.desk.pk

        actions.move_to_desk(case, to=sister, by=manager)
        now = Case.objects.get(pk=case.pk)
        assert (now.desk_id, now.assignee_id) == (sister.pk, None)


def test_a_note_tells_whom_it_names(world: World, case: Case) -> None:
    agent, supervisor = actor_of(world.ours.agent), world.ours.supervisor
    with scope.acting_for(agent.companies):
        family = supervisor.name.split()[0]
        actions.add_note(case, text=f"@{family} ご確認ください。カードは4111-1111-1111-1111です", by=agent)

        [mention] = Mention.objects.all()
        assert mention.user_id == supervisor.pk
        assert "4111-1111" not in Note.objects.get().text
        assert queries.counts(desks=[], person=supervisor.pk)["mentions"] == 1
        assert actions.see_mentions(case, by=actor_of(supervisor)) == 1
        assert queries.counts(desks=[], person=supervisor.pk)["mentions"] == 0


@pytest.mark.parametrize("status", [Status.WAITING_CUSTOMER, Status.SOLVED, Status.CLOSED])
def test_nobody_waits_for_us_once_it_is_done_or_the_customers_turn(
    world: World, case: Case, status: Status
) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        assert Case.objects.get(pk=case.pk).waiting_since is not None

        actions.change_status(case, to=status, by=agent)

        assert Case.objects.get(pk=case.pk).waiting_since is None


def test_the_customer_still_waits_while_we_ask_a_third_party(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.change_status(case, to=Status.WAITING_THIRD, by=agent)

        assert Case.objects.get(pk=case.pk).waiting_since == case.waiting_since
