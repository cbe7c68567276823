"""Every version of a template stays, with who wrote it, and can be had back."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.knowledge.actions import (
    TemplateCare,
    add_template,
    approve_template,
    change_template,
    drop_proposal,
    restore_version,
    return_template,
    set_policy,
)
from madoguchi.knowledge.actions.falling_due import tell_due
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion
from madoguchi.knowledge.queries import proposed_of, templates_for_desk, templates_to_approve, versions_of
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


def words(rows: QuerySet[ReplyTemplate] | QuerySet[TemplateVersion]) -> list[str]:
    return list(rows.values_list("body", flat=True))


def test_what_others_write_is_offered_once_the_company_approves(world: World) -> None:
    side, lead, boss = world.ours, actor_of(world.ours.supervisor), actor_of(world.ours.company_manager)
    with side.scope():
        # given: a draft is nobody's business, what is saved waits
        where = {"desk": side.desk, "name": "お礼"}
        template = add_template(side.company, **where, body="一", draft=True, by=lead)
        assert (words(templates_for_desk(side.desk)), words(templates_to_approve(boss))) == ([], [])
        change_template(template, **where, body="一", active=True, by=lead)
        assert (words(templates_to_approve(boss)), words(templates_to_approve(lead))) == (["一"], [])

        # when
        for by in (lead, actor_of(world.theirs.company_manager)):
            with pytest.raises(NotAllowed):
                approve_template(template, 1, by=by)
        assert words(templates_for_desk(side.desk)) == []
        approve_template(template, 1, by=boss)

        # then: it is offered, and so it stays while other words are proposed
        assert words(templates_for_desk(side.desk)) == ["一"]
        change_template(template, **where, body="二", active=True, by=lead)
        change_template(template, **where, body="三", active=True, by=lead)
        assert words(templates_for_desk(side.desk)) == ["一"]
        assert [one.number for one in templates_to_approve(boss)] == [2]
        return_template(template, 2, comment="短く", by=boss)
        with pytest.raises(Conflict):
            approve_template(template, 2, by=boss)
        proposed = proposed_of(template)
        assert proposed is not None
        assert (proposed.body, proposed.state, proposed.comment) == ("三", "draft", "短く")
        change_template(template, **where, body="四", active=True, by=lead)
        approve_template(template, 2, by=boss)
        assert (words(templates_for_desk(side.desk)), proposed_of(template)) == (["四"], None)
        change_template(template, **where, body="五", active=True, by=lead)
        drop_proposal(template, by=lead)
        assert (words(templates_for_desk(side.desk)), proposed_of(template)) == (["四"], None)

        # when it ends it is offered no more
        template.refresh_from_db()
        care = TemplateCare(ends_on=clock.today() - timedelta(days=1))
        change_template(template, **where, body="四", active=True, care=care, by=lead)
        assert words(templates_for_desk(side.desk)) == []
        assert tell_due() == 1


def test_with_four_eyes_nobody_approves_their_own_words(world: World) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        set_policy(side.company, four_eyes=True, by=boss)
        template = add_template(side.company, desk=side.desk, name="お礼", body="一", by=boss)
        assert template.state == "review"
        with pytest.raises(Refused):
            approve_template(template, 1, by=boss)
        template.refresh_from_db()
        assert template.state == "review"


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
