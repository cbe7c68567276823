"""Every version of a template stays, with who wrote it, and can be had back."""

import pytest

from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.actions import add_template, change_template, restore_version
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion
from madoguchi.knowledge.queries import versions_of
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_versions_tell_who_wrote_what_and_come_back(world: World) -> None:
    side, lead, manager = world.ours, actor_of(world.ours.supervisor), actor_of(world.ours.manager)
    with side.scope():
        template = add_template(
            side.company, desk=side.desk, name="お礼", body="一", owner=side.agent.pk, by=lead
        )
        change = {"desk": side.desk, "name": "お礼", "active": True, "owner": None}
        change_template(template, body="二", **change, by=manager)
        change_template(template, body="二", **change | {"active": False}, by=manager)
        restore_version(template, 1, by=lead)

        now = ReplyTemplate.objects.get()
        assert (now.body, now.version, now.active, now.owner_id) == ("一", 3, False, None)
        told = [(one.number, one.body, one.user and one.user.name) for one in versions_of(now)]
        assert told == [(3, "一", lead.name), (2, "二", manager.name), (1, "一", lead.name)]


def test_one_from_before_versions_keeps_how_it_was(world: World) -> None:
    side, lead = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        old = ReplyTemplate.objects.create(company=side.company, desk=side.desk, name="昔", body="前")
        change_template(old, desk=side.desk, name="昔", body="後", active=True, by=lead)
        assert [(one.number, one.body, one.user_id) for one in versions_of(old)] == [
            *((2, "後", lead.id), (1, "前", None))
        ]


def test_a_refusal_keeps_everything(world: World) -> None:
    side, lead = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        template = add_template(side.company, desk=side.desk, name="お礼", body="一", by=lead)
        with pytest.raises(Refused) as refused:
            change_template(template, desk=side.desk, name="お礼", body="{{if a}}x", active=True, by=lead)
        assert refused.value.field == "body"
        with pytest.raises(NotAllowed):
            restore_version(template, 1, by=actor_of(side.agent))
        assert list(TemplateVersion.objects.values_list("number", "body")) == [(1, "一")]


def test_two_who_write_at_once_leave_a_version_each(world: World) -> None:
    side, lead, manager = world.ours, actor_of(world.ours.supervisor), actor_of(world.ours.manager)
    with side.scope():
        first = add_template(side.company, desk=side.desk, name="お礼", body="一", by=lead)
        second = ReplyTemplate.objects.get(pk=first.pk)
        change_template(first, desk=side.desk, name="お礼", body="二", active=True, by=lead)
        change_template(second, desk=side.desk, name="お礼", body="三", active=True, by=manager)

        assert [(one.number, one.body, one.user_id) for one in versions_of(second)] == [
            *((3, "三", manager.id), (2, "二", lead.id), (1, "一", lead.id))
        ]
