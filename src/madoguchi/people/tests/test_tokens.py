"""Tokens: made by the person alone, shown once, no wider than the person, ended at once."""

from datetime import timedelta

import pytest

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import DataScope, Permission, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people import actions
from madoguchi.people.factories import Side, World
from madoguchi.people.models import AccessToken, User
from madoguchi.people.queries import actor_of
from madoguchi.people.tokens import actor_by, digest_of, token_shown

READ = (Permission.CASE_READ,)


def make(
    side: Side, *permissions: Permission, person: str = "agent", days: int = 30
) -> tuple[AccessToken, str]:
    user = getattr(side, person)
    with side.scope():
        return actions.make_token(
            user, name="倉庫の連携", permissions=permissions or READ, days=days, by=actor_of(user)
        )


def test_a_token_opens_as_its_person_what_it_was_given(world: World) -> None:
    token, words = make(world.ours)

    shown = token_shown(words)

    assert shown == token
    actor = actor_by(token)
    place = {"company": world.ours.company.pk, "desk": world.ours.desk.pk}
    assert (actor.id, actor.companies) == (world.ours.agent.pk, frozenset({world.ours.company.pk}))
    assert actor.may(Permission.CASE_READ, **place)
    assert not actor.may(Permission.CASE_REPLY, **place)


def test_only_a_hash_of_it_is_kept(world: World) -> None:
    token, words = make(world.ours)
    sign, selector, secret = words.split("_", 2)
    assert (sign, selector, len(secret)) == ("mdg", token.selector, 43)
    kept = AccessToken.objects.filter(pk=token.pk).values_list()[0]
    assert digest_of(secret) in kept
    assert not any(secret in str(value) for value in kept)


def test_what_is_not_quite_it_opens_nothing(world: World) -> None:
    _token, words = make(world.ours)
    for wrong in (
        "",
        "mdg",
        words[:-1],
        words + "x",
        words.replace("mdg", "mdh"),
        "mdg_0_",
        "mdg_\0_x",
        "日本_語_",
    ):
        assert token_shown(wrong) is None


@pytest.mark.parametrize("how", ["locked out", "new password"])
def test_it_ends_for_good_with_the_sessions_of_its_person(world: World, how: str) -> None:
    token, words = make(world.ours)
    by = actor_of(world.administrator)
    with scope.acting_for(by.companies):
        if how == "locked out":
            actions.deactivate(world.ours.agent, by=by)
            actions.reactivate(world.ours.agent, by=by)
        else:
            actions.set_password(world.ours.agent, password="a-long-new-password", by=by)

    assert token_shown(words) is None
    with world.ours.scope():
        assert Event.objects.get(kind="person.token_revoked").data["token"] == token.pk


def test_it_ends_on_its_day_when_revoked_and_when_the_person_is_locked_out(world: World) -> None:
    words = [make(world.ours)[1] for _ in range(2)]
    late, revoked = (token_shown(each) for each in words)
    assert late is not None
    assert revoked is not None
    AccessToken.objects.filter(pk=late.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        actions.revoke_token(revoked, by=by)
        actions.revoke_token(revoked, by=by)
    assert [token_shown(each) for each in words] == [None, None]
    _other, third = make(world.ours)
    User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)
    assert token_shown(third) is None
    with world.ours.scope():
        told = list(Event.objects.filter(kind="person.token_revoked").values_list("data", flat=True))
    assert told == [{"person": world.ours.agent.pk, "token": revoked.pk, "name": "倉庫の連携"}]


@pytest.mark.parametrize(
    ("permissions", "name", "days", "field"),
    [
        ([Permission.CASE_ASSIGN], "x", 30, "permissions"),
        ([Permission.CASE_READ, Permission.SELF], "x", 30, "permissions"),
        ([], "x", 30, "permissions"),
        ([Permission.CASE_READ], " ", 30, "name"),
        ([Permission.CASE_READ], "x", 0, "days"),
        ([Permission.CASE_READ], "x", 367, "days"),
    ],
)
def test_what_cannot_be_is_refused(
    world: World, permissions: list[Permission], name: str, days: int, field: str
) -> None:
    agent = world.ours.agent
    with world.ours.scope(), pytest.raises(Refused) as refused:
        actions.make_token(agent, name=name, permissions=permissions, days=days, by=actor_of(agent))
    assert refused.value.field == field
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("who", ["supervisor", "manager", "company_manager"])
def test_nobody_makes_a_token_of_somebody_else(world: World, who: str) -> None:
    by = actor_of(getattr(world.ours, who))
    with world.ours.scope(), pytest.raises(NotAllowed):
        actions.make_token(world.ours.agent, name="x", permissions=READ, days=1, by=by)
    assert not AccessToken.objects.exists()


def test_who_looks_after_the_account_ends_it_and_nobody_else(world: World) -> None:
    token, words = make(world.ours)
    for who in (world.ours.supervisor, world.ours.company_manager, world.theirs.manager):
        with scope.acting_for(actor_of(who).companies), pytest.raises(NotAllowed):
            actions.revoke_token(token, by=actor_of(who))
    assert token_shown(words) == token
    with world.ours.scope():
        actions.revoke_token(token, by=actor_of(world.ours.manager))
    assert token_shown(words) is None


def test_a_token_for_one_company_opens_no_other(world: World) -> None:
    agent = world.ours.agent
    token, _words = make(world.ours)
    AccessToken.objects.filter(pk=token.pk).update(company=world.theirs.company)
    token.refresh_from_db()
    assert actor_by(token).companies == frozenset()
    with scope.everywhere(reason="test"), pytest.raises(Refused):
        actions.make_token(
            agent, name="x", permissions=READ, days=1, company=world.theirs.company.pk, by=system("test")
        )


def test_what_is_masked_for_the_person_is_masked_for_the_token(world: World) -> None:
    with world.ours.scope():
        world.ours.engagement.masked = ["name"]
        world.ours.engagement.save()
    token, _words = make(world.ours)
    masked = DataScope(masked=frozenset({"name"}))
    assert actor_by(token).data_scope(company=world.ours.company.pk) == masked


def test_an_administrators_token_does_not_administer(world: World) -> None:
    administrator = actor_of(world.administrator)
    assert administrator.runs_installation
    assert not administrator.narrowed(frozenset({Permission.DESKS})).runs_installation


def test_the_making_is_told_without_the_secret(world: World) -> None:
    token, _words = make(world.ours)
    with world.ours.scope():
        (event,) = Event.objects.all()
    assert (event.kind, event.actor_id) == ("person.token_made", world.ours.agent.pk)
    assert event.data == {
        "person": world.ours.agent.pk,
        "token": token.pk,
        "name": "倉庫の連携",
        "permissions": ["case.read"],
        "desks": [],
        "expires": token.expires_at.isoformat(),
    }
