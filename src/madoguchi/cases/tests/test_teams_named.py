"""A note that names a desk tells all who work there and may read the case."""

from typing import Any

import pytest

from madoguchi.cases import actions, queries
from madoguchi.cases.actions.note import told_in
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Mention, Note
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, Role
from madoguchi.kernel.errors import AskFirst
from madoguchi.people.factories import World, make_operator_person, seat
from madoguchi.people.models import OperatorMember, Seat, User
from madoguchi.people.queries import actor_of
from madoguchi.people.teams import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(name="EC サイト窓口")
        return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def named(note: Note) -> dict[str, str]:
    """Whom it tells, and by which team's name."""
    return {one.user.name: one.team for one in note.mentions.select_related("user")}


def mentioned(case: Case) -> list[int]:
    """Whom the log says that the newest note names."""
    with scope.everywhere(reason="a test looks at the log"):
        event = Event.objects.filter(case_id=case.pk, kind="note.added").latest("id")
    return sorted(event.data["mentioned"])


def crowd(world: World, size: int) -> None:
    """So many more people at the desk."""
    with world.ours.scope():
        people = User.objects.bulk_create(
            User(name=f"応援 {number:02}", email=f"help{number}@staff.example") for number in range(size)
        )
        members = OperatorMember.objects.bulk_create(
            OperatorMember(user=one, operator=world.ours.operator, role=Role.AGENT) for one in people
        )
        Seat.objects.bulk_create(
            Seat(member=one, engagement=world.ours.engagement, company=world.ours.company) for one in members
        )


@pytest.mark.parametrize("text", ["@EC サイト窓口 の皆さん、値札を確認してください", "＠ECサイト窓口さん"])
def test_it_tells_all_but_its_writer(world: World, case: Case, agent: Actor, text: str) -> None:
    with world.ours.scope():
        note = actions.add_note(case, text=text, by=agent)

        assert named(note) == {"森 美咲": "EC サイト窓口", "石川 健": "EC サイト窓口"}
        assert queries.counts(desks=[], person=world.ours.supervisor.pk)["mentions"] == 1
        assert queries.counts(desks=[], person=world.ours.agent.pk)["mentions"] == 0
    assert mentioned(case) == sorted([world.ours.supervisor.pk, world.ours.manager.pk])


def test_whoever_is_named_themselves_is_told_once_and_as_themselves(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        note = actions.add_note(case, text="@EC サイト窓口 特に@森さん", by=agent)

        assert named(note) == {"森 美咲": "", "石川 健": "EC サイト窓口"}


def test_of_another_desk_only_those_are_told_who_may_read_the_case(
    world: World, case: Case, agent: Actor
) -> None:
    returns = make_engagement(world.ours.operator, make_desk(world.ours.company, name="返品窓口"))
    outsider = make_operator_person(world.ours.operator, Role.AGENT, seats=(returns,), name="大野 直樹")
    seat(world.ours.supervisor.operator_memberships.get(), returns)
    with world.ours.scope():
        note = actions.add_note(case, text="@返品窓口 在庫に戻せますか。", by=agent)

        assert named(note) == {"森 美咲": "返品窓口", "石川 健": "返品窓口"}
        assert not Mention.objects.filter(user=outsider).exists()


def test_another_companys_desk_is_no_name(world: World, case: Case, agent: Actor) -> None:
    with scope.everywhere(reason="a test names what is not ours"):
        Desk.objects.filter(pk=world.theirs.desk.pk).update(name="つばめ電機修理窓口")
    with world.ours.scope():
        note = actions.add_note(case, text="@つばめ電機修理窓口", by=agent)

        assert named(note) == {}


def test_a_note_names_the_longest_of_people_and_teams() -> None:
    staff = [User(pk=1, name="森 美咲"), User(pk=2, name="青木 翔")]
    teams = [Team("森", "もり", frozenset({2})), Team("森の家具窓口", "", frozenset({1, 2}))]

    def told(text: str) -> tuple[dict[int, str], list[Team]]:
        return told_in(text, staff, teams)

    assert told("@森の家具窓口") == ({1: "森の家具窓口", 2: "森の家具窓口"}, [teams[1]])
    assert told("@森 美咲") == ({1: ""}, [])
    # One name of both calls both.
    assert told("@森さん") == ({2: "森", 1: ""}, [teams[0]])


class TestMany:
    def test_fifty_are_told_at_once(self, world: World, case: Case, agent: Actor) -> None:
        crowd(world, 48)
        with world.ours.scope():
            assert len(named(actions.add_note(case, text="@EC サイト窓口", by=agent))) == 50

    def test_more_are_asked_about_first(self, world: World, case: Case, agent: Actor) -> None:
        crowd(world, 49)
        with world.ours.scope():
            with pytest.raises(AskFirst) as asked:
                actions.add_note(case, text="@EC サイト窓口", by=agent)
            rows: list[Any] = [Note.objects.count(), Mention.objects.count()]
        with scope.everywhere(reason="a test looks at the log"):
            told = Event.objects.filter(case_id=case.pk, kind="note.added").count()

        assert asked.value.questions == (("many", "「@EC サイト窓口」で51名に知らせます。よろしいですか。"),)
        assert (asked.value.field, rows, told) == ("text", [0, 0], 0)

    def test_a_yes_tells_them(self, world: World, case: Case, agent: Actor) -> None:
        crowd(world, 49)
        with world.ours.scope():
            said_yes = frozenset({actions.TO_MANY})
            note = actions.add_note(case, text="@EC サイト窓口", confirmed=said_yes, by=agent)

            assert len(named(note)) == 51
