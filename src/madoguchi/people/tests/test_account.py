"""Accounts: locking out, links and passwords, the second step."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Role
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people import actions
from madoguchi.people.factories import World, make_person
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of

PASSWORD = "asahi-no-kirei-na-machi"


def open_session(person: User) -> str:
    store = SessionStore()
    store["who"] = person.pk
    store.create()
    UserSession.objects.create(user=person, ip="192.0.2.1", user_agent="x", session_key=store.session_key)
    return str(store.session_key)


def kinds() -> list[str]:
    with scope.everywhere(reason="a test looks at all companies"):
        return [e.kind for e in Event.objects.order_by("id")]


def test_who_is_locked_out_is_out_at_once(world: World) -> None:
    keys = [open_session(world.ours.agent), open_session(world.ours.agent)]
    others = open_session(world.ours.supervisor)
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        assert actions.deactivate(world.ours.agent, by=by) == 2
    assert not User.objects.get(pk=world.ours.agent.pk).is_active
    assert not Session.objects.filter(session_key__in=keys).exists()
    assert Session.objects.filter(session_key=others).exists()
    with scope.acting_for(by.companies):
        (event,) = Event.objects.all()
    assert (event.kind, event.data["sessions_ended"]) == ("person.deactivated", 2)


def test_and_let_in_again_with_the_same_roles(world: World) -> None:
    before = actor_of(world.ours.agent).grants
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        actions.deactivate(world.ours.agent, by=by)
        actions.reactivate(world.ours.agent, by=by)
    assert User.objects.get(pk=world.ours.agent.pk).is_active
    assert actor_of(world.ours.agent).grants == before
    assert kinds() == ["person.deactivated", "person.reactivated"]


@pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff", "company_manager"])
def test_nobody_else_touches_an_account(world: World, who: str) -> None:
    by, person = actor_of(getattr(world.ours, who)), world.theirs.agent
    assert_nothing_works(by, person)


def test_a_manager_touches_no_account_that_leads_elsewhere(world: World) -> None:
    by, person = actor_of(world.ours.manager), world.ours.agent
    OperatorMember.objects.create(user=person, operator=world.theirs.operator, role=Role.AGENT)
    assert_nothing_works(by, person)


def test_a_manager_touches_no_administrators_account(world: World) -> None:
    make_person(administrator=True)
    by, person = actor_of(world.ours.manager), world.ours.agent
    User.objects.filter(pk=person.pk).update(is_administrator=True)
    assert_nothing_works(by, User.objects.get(pk=person.pk))


def assert_nothing_works(by: Any, person: User) -> None:
    key = open_session(person)
    before = User.objects.filter(pk=person.pk).values().get()
    with scope.acting_for(by.companies):
        for act in (
            actions.deactivate,
            actions.reactivate,
            actions.issue_password_link,
            actions.reset_second_step,
        ):
            with pytest.raises(NotAllowed):
                act(person, by=by)
        with pytest.raises(NotAllowed):
            actions.set_password(person, password=PASSWORD, by=by)
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert Session.objects.filter(session_key=key).exists()
    assert kinds() == []


def test_nobody_locks_themselves_out(world: World) -> None:
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies), pytest.raises(Refused):
        actions.deactivate(world.ours.manager, by=by)
    assert User.objects.get(pk=world.ours.manager.pk).is_active


def test_a_link_sets_a_password_once(world: World, client: Client) -> None:
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        link = actions.issue_password_link(world.ours.agent, by=by)
    form = client.get(link, follow=True)
    assert form.status_code == 200
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(pk=world.ours.agent.pk).check_password(PASSWORD)
    again = Client().get(link, follow=True)
    assert b'name="password1"' not in again.content
    assert kinds() == ["person.password_link"]


def test_no_link_for_who_may_not_sign_in(world: World) -> None:
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        actions.deactivate(world.ours.agent, by=by)
        with pytest.raises(Refused):
            actions.issue_password_link(world.ours.agent, by=by)
    assert kinds() == ["person.deactivated"]


def test_a_new_password_ends_the_sessions(world: World) -> None:
    key = open_session(world.ours.agent)
    by = actor_of(world.administrator)
    with scope.acting_for(by.companies):
        actions.set_password(world.ours.agent, password=PASSWORD, by=by)
    assert User.objects.get(pk=world.ours.agent.pk).check_password(PASSWORD)
    assert not Session.objects.filter(session_key=key).exists()
    assert kinds() == ["person.password_set"]


@pytest.mark.parametrize("weak", ["short", "password123"])
def test_a_weak_password_is_refused(world: World, weak: str) -> None:
    key = open_session(world.ours.agent)
    by = actor_of(world.administrator)
    with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
        actions.set_password(world.ours.agent, password=weak, by=by)
    assert refused.value.field == "password"
    assert Session.objects.filter(session_key=key).exists()
    assert kinds() == []


def test_a_lost_phone_is_forgotten_and_all_sessions_end(world: World) -> None:
    person = world.ours.agent
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={})
    key = open_session(person)
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        actions.reset_second_step(person, by=by)
        actions.reset_second_step(person, by=by)
    assert not Authenticator.objects.filter(user=person).exists()
    assert not Session.objects.filter(session_key=key).exists()
    assert kinds() == ["person.second_step_reset"]
