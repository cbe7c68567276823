"""Saving views: whose they are, who sees them, and what each holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.models.signals import post_init

from madoguchi.cases.actions import assign, set_priority
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Priority
from madoguchi.companies.factories import make_desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.views import actions
from madoguchi.views.actions import add_view, change_view, delete_view, restore_view
from madoguchi.views.models import SavedView
from madoguchi.views.queries import Count, view_by_id, view_counts, views_of

pytestmark = pytest.mark.django_db
Audience = SavedView.Audience
HIGH: dict[str, Any] = {"version": 1, "all": [{"field": "priority", "test": "in", "value": [3, 4]}]}
MINE: dict[str, Any] = {"version": 1, "all": [{"field": "assignee", "test": "in", "value": ["me"]}]}


def save(
    world: World, who: User, audience: Audience = Audience.OWNER, *, name: str = "急ぎ", of: Any = HIGH
) -> SavedView:
    desk = world.ours.desk if audience == Audience.DESK else None
    return add_view(world.ours.company, audience=audience, desk=desk, name=name, filter=of, by=actor_of(who))


def names(who: User) -> list[str]:
    return [view.name for view in views_of(actor_of(who))]


@contextmanager
def fetched(model: type[Any]) -> Iterator[list[Any]]:
    """Every row of a model that is made from what the database says."""
    rows: list[Any] = []

    def note(sender: Any, instance: Any, **_more: Any) -> None:
        rows.append(instance)

    post_init.connect(note, sender=model)
    yield rows
    post_init.disconnect(note, sender=model)


def test_a_private_view_is_its_owners_alone(world: World) -> None:
    with world.ours.scope():
        view = save(world, world.ours.agent)

        assert names(world.ours.agent) == ["急ぎ"]
        assert names(world.ours.supervisor) == names(world.ours.company_manager) == []
        with pytest.raises(NotFound):
            view_by_id(view.pk, actor=actor_of(world.ours.supervisor))
        with pytest.raises(NotAllowed):
            delete_view(view, by=actor_of(world.ours.manager))
        assert view_by_id(view.pk, actor=actor_of(world.ours.agent)) == view


def test_no_card_number_stands_in_a_name(world: World) -> None:
    with world.ours.scope():
        view = save(world, world.ours.agent, name="4111 1111 1111 1111 の件")

    assert view.name == "■■■■ ■■■■ ■■■■ 1111 の件"


def test_no_card_number_stands_in_what_is_looked_for(world: World) -> None:
    asked = [
        {"field": "subject", "test": "contains", "value": "カード 4111 1111 1111 1111"},
        {"any": [{"field": "tags", "test": "in", "value": ["返品", "4111111111111111"]}]},
    ]
    with world.ours.scope():
        view = save(world, world.ours.agent, of={"version": 1, "all": asked})
        change_view(view, name="別", filter={"version": 1, "all": asked}, by=actor_of(world.ours.agent))

        assert SavedView.objects.get(pk=view.pk).filter == {
            "version": 1,
            "all": [
                {"field": "subject", "test": "contains", "value": "カード ■■■■ ■■■■ ■■■■ 1111"},
                {"any": [{"field": "tags", "test": "in", "value": ["返品", "■■■■■■■■■■■■1111"]}]},
            ],
        }


def test_nobody_elses_private_views_are_even_fetched(world: World) -> None:
    with world.ours.scope():
        save(world, world.ours.agent, name="内緒")
        save(world, world.ours.supervisor, name="自分の")
        save(world, world.ours.supervisor, Audience.DESK, name="窓口の")
        with fetched(SavedView) as rows:
            seen = names(world.ours.supervisor)

    assert seen == ["自分の", "窓口の"]
    assert sorted(row.name for row in rows) == ["窓口の", "自分の"]


def test_taking_back_asks_for_room_as_adding_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_OWN", 2)
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        first = save(world, world.ours.agent, name="一")
        delete_view(first, by=agent)
        save(world, world.ours.agent, name="二")
        third = save(world, world.ours.agent, name="三")

        with pytest.raises(Refused, match="多すぎ"):
            restore_view(first, by=agent)
        assert names(world.ours.agent) == ["二", "三"]
        assert not Event.objects.filter(kind="view.restored").exists()

        delete_view(third, by=agent)
        restore_view(first, by=agent)
        assert names(world.ours.agent) == ["一", "二"]


def test_a_shared_view_is_for_the_people_of_its_desks(world: World) -> None:
    with world.ours.scope():
        save(world, world.ours.supervisor, Audience.DESK, name="窓口の急ぎ")
        save(world, world.ours.company_manager, Audience.COMPANY, name="全窓口")
        save(world, world.ours.agent, name="私の")

        assert names(world.ours.agent) == ["私の", "窓口の急ぎ", "全窓口"]
        assert names(world.ours.company_staff) == ["窓口の急ぎ", "全窓口"]
    with world.theirs.scope():
        assert names(world.theirs.manager) == []


@pytest.mark.parametrize("audience", [Audience.DESK, Audience.COMPANY])
def test_agents_share_nothing(world: World, audience: Audience) -> None:
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            save(world, world.ours.agent, audience)
        with pytest.raises(NotAllowed):
            save(world, world.ours.company_staff, audience)
        assert SavedView.objects.count() == 0


def test_a_company_touches_no_desks_own_views(world: World) -> None:
    company = actor_of(world.ours.company_manager)
    with world.ours.scope():
        view = save(world, world.ours.supervisor, Audience.DESK)
        with pytest.raises(NotAllowed):
            save(world, world.ours.company_manager, Audience.DESK, name="先にこれを")
        for act in (delete_view, restore_view):
            with pytest.raises(NotAllowed):
                act(view, by=company)
        with pytest.raises(NotAllowed):
            change_view(view, name="先にこれを", filter=HIGH, by=company)
        assert list(SavedView.objects.values_list("name", "deleted_at")) == [("急ぎ", None)]


def test_a_supervisor_of_one_desk_shares_with_no_other(world: World) -> None:
    other = make_desk(world.ours.company, name="修理窓口")
    lead = actor_of(world.ours.supervisor)
    with world.ours.scope():
        for audience, desk in ((Audience.DESK, other), (Audience.COMPANY, None)):
            with pytest.raises(NotAllowed):
                add_view(world.ours.company, audience=audience, desk=desk, name="急ぎ", filter=HIGH, by=lead)
        with pytest.raises(Refused, match="別の委託元"):
            add_view(
                world.ours.company,
                audience=Audience.DESK,
                desk=world.theirs.desk,
                name="急ぎ",
                filter=HIGH,
                by=lead,
            )
        assert SavedView.objects.count() == 0


def test_what_makes_no_view_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_OWN", 1)
    with world.ours.scope():
        save(world, world.ours.agent)
        for name, of in ((" ", HIGH), ("急ぎ", {"version": 9}), ("二つ目", HIGH)):
            with pytest.raises(Refused):
                save(world, world.ours.agent, name=name, of=of)
        assert [view.name for view in SavedView.objects.all()] == ["急ぎ"]


def test_a_view_is_changed_deleted_and_taken_back(world: World) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        view = save(world, world.ours.agent)
        change_view(view, name="私の", filter=MINE, by=agent)
        change_view(view, name="私の", filter=MINE, by=agent)
        delete_view(view, by=agent)
        delete_view(view, by=agent)
        assert names(world.ours.agent) == []
        gone = view_by_id(view.pk, actor=agent, deleted=True)
        restore_view(gone, by=agent)
        restore_view(gone, by=agent)

        assert [(v.name, v.filter) for v in views_of(agent)] == [("私の", MINE)]
        kinds = Event.objects.filter(kind__startswith="view.").order_by("id").values_list("kind", "data")
        changes = {"name": ["急ぎ", "私の"], "filter": [HIGH, MINE]}
        assert list(kinds) == [
            ("view.added", {"view": view.pk, "name": "急ぎ", "audience": "owner"}),
            ("view.changed", {"view": view.pk, "changes": changes}),
            ("view.deleted", {"view": view.pk, "name": "私の"}),
            ("view.restored", {"view": view.pk, "name": "私の"}),
        ]


def test_counts_are_the_readers_own(world: World, django_assert_num_queries: Any) -> None:
    """Two cases of three are urgent, one is the agent's; a desk that the reader does not see counts for nothing."""
    cases = [make_case(world.ours.entry_point) for _ in range(3)]
    make_case(world.theirs.entry_point)
    agent, lead = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with world.ours.scope():
        for case in cases[:2]:
            set_priority(case, to=Priority.URGENT, by=system("test"))
        assign(cases[0], to=world.ours.agent.pk, by=system("test"))
        high = save(world, world.ours.supervisor, Audience.DESK)
        mine = save(world, world.ours.supervisor, Audience.DESK, name="私の", of=MINE)
        views, desks = views_of(agent), desks_of(agent)

        with django_assert_num_queries(1):
            counts = view_counts(views, desks=desks, actor=agent)

        assert counts == {high.pk: Count(2, more=False), mine.pk: Count(1, more=False)}
        assert view_counts(views, desks=desks, actor=lead)[mine.pk] == Count(0, more=False)
        assert view_counts(views, desks=[], actor=agent)[high.pk] == Count(0, more=False)
