"""Tokens in the settings: made for oneself, shown once, ended by who may; and no wider than one is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from madoguchi.companies.factories import make_desk
from madoguchi.customers.factories import make_customer
from madoguchi.customers.queries import customer_by_id
from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission
from madoguchi.people import actions
from madoguchi.people.factories import Side, World
from madoguchi.people.models import AccessToken, User
from madoguchi.people.queries import actor_of
from madoguchi.people.tokens import actor_by, token_shown

Browser = Callable[[User], Client]
PAGE = "/administration/tokens/"


def make(side: Side, who: str = "agent", name: str = "倉庫の連携", **more: Any) -> tuple[AccessToken, str]:
    user = getattr(side, who)
    given = {"permissions": [Permission.CASE_READ], "days": 30, **more}
    with side.scope():
        return actions.make_token(user, name=name, by=actor_of(user), **given)


def filled(**more: Any) -> dict[str, Any]:
    return {"name": "倉庫の連携", "permissions": ["case.read", "customer.read"], "days": "90", **more}


def test_a_token_is_made_and_shown_once(world: World, signed_in: Browser) -> None:
    browser = signed_in(world.ours.agent)
    assert browser.post(f"{PAGE}new/", filled(desks=[world.ours.desk.pk]))["Location"] == PAGE
    session = str(dict(browser.session.items()))

    shown, again = browser.get(PAGE), browser.get(PAGE).content.decode()

    [words] = re.findall(r"mdg_[0-9a-f]+_[\w-]{43}", shown.content.decode())
    token = token_shown(words)
    assert token is not None
    assert (token.user, token.company_id, token.desks) == (
        world.ours.agent,
        world.ours.company.pk,
        [world.ours.desk.pk],
    )
    assert (token.name, token.permissions) == ("倉庫の連携", ["case.read", "customer.read"])
    assert shown["Cache-Control"].count("no-store") == 1
    assert "mdg_" not in again
    assert "token_shown_once" in session
    assert "mdg_" not in session
    assert "倉庫の連携" in again


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["case.assign"]}, "permissions"),
        ({"days": "367"}, "days"),
        ({"desks": ["{theirs}"]}, "desks"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    world: World, signed_in: Browser, given: dict[str, Any], field: str
) -> None:
    if field == "desks":
        given = {"desks": [world.theirs.desk.pk]}
    answer = signed_in(world.ours.agent).post(f"{PAGE}new/", filled(**given))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not AccessToken.objects.exists()


def test_only_what_one_holds_can_be_given(world: World, signed_in: Browser) -> None:
    offered = {
        who: [
            value
            for value, _ in signed_in(getattr(world.ours, who))
            .get(f"{PAGE}new/")
            .context["form"]
            .fields["permissions"]
            .choices
        ]
        for who in ("company_staff", "agent")
    }
    assert offered["company_staff"] == ["case.read", "customer.read", "articles.read"]
    assert offered["agent"] == [
        *("case.read", "case.open", "case.update", "case.note", "case.reply"),
        *("customer.read", "customer.edit", "order.take", "articles.read"),
    ]


def test_what_can_be_given_is_said_in_words(world: World, signed_in: Browser) -> None:
    fields = signed_in(world.ours.agent).get(f"{PAGE}new/").context["form"].fields
    assert [words for value, words in fields["permissions"].choices if words == value] == []


def test_an_administrator_has_nothing_to_give_and_is_told_what_to_do(
    world: World, signed_in: Browser
) -> None:
    answer = signed_in(world.administrator).get(f"{PAGE}new/")
    assert answer.context["form"].fields["permissions"].choices == []
    assert "プログラム用の人を" in answer.content.decode()


def test_a_manager_sees_the_tokens_of_the_own_people_and_ends_them(world: World, signed_in: Browser) -> None:
    token, words = make(world.ours)
    make(world.theirs, name="よその連携")
    browser = signed_in(world.ours.manager)
    page = browser.get(PAGE).content.decode()
    assert ("倉庫の連携" in page, "よその連携" in page) == (True, False)

    assert browser.post(f"{PAGE}{token.pk}/revoke/")["Location"] == PAGE

    assert token_shown(words) is None
    assert "無効" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("who", ["supervisor", "company_manager", "company_staff"])
def test_nobody_else_sees_or_ends_it(world: World, signed_in: Browser, who: str) -> None:
    token, words = make(world.ours)
    browser = signed_in(getattr(world.ours, who))
    assert "倉庫の連携" not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert token_shown(words) == token


def test_whose_account_is_looked_after_elsewhere_has_tokens_out_of_sight(
    world: World, signed_in: Browser
) -> None:
    token, words = make(world.ours)
    with scope.everywhere(reason="a test gives our agent a place elsewhere"):
        world.theirs.operator.members.create(user=world.ours.agent, role="agent")
    browser = signed_in(world.ours.manager)
    assert "倉庫の連携" not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert token_shown(words) == token


def test_a_token_for_a_desk_reaches_no_other(world: World) -> None:
    side = world.ours
    other = make_desk(side.company)
    token, _words = make(side, "company_manager", desks=[side.desk.pk])
    actor = actor_by(token)
    there = {
        desk.pk: actor.may(Permission.CASE_READ, company=side.company.pk, desk=desk.pk)
        for desk in (side.desk, other)
    }
    assert there == {side.desk.pk: True, other.pk: False}
    assert not actor.may(Permission.CASE_READ, company=side.company.pk)
    assert actor.companies == {side.company.pk}


def test_desks_do_not_narrow_customers_and_the_pages_say_so(world: World, signed_in: Browser) -> None:
    side = world.ours
    stranger = make_customer(side.company)
    both = [Permission.CASE_READ, Permission.CUSTOMER_READ]
    token, _words = make(side, "agent", desks=[side.desk.pk], permissions=both)
    make(side, "agent", name="用件だけ", desks=[side.desk.pk])
    with side.scope():
        assert customer_by_id(stranger.pk, actor=actor_by(token)) == stranger
    browser = signed_in(side.agent)
    page = browser.get(PAGE)
    assert [row["all_customers"] for row in page.context["rows"]] == [False, True]
    assert page.content.decode().count("顧客は会社全体") == 1
    form = browser.get(f"{PAGE}new/").content.decode()
    assert "顧客は窓口ではなく会社に属します。" in form


def test_the_list_asks_no_more_for_more(
    world: World, signed_in: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(world.ours.manager)
    make(world.ours, desks=[world.ours.desk.pk])
    with django_assert_max_num_queries(22) as few:
        browser.get(PAGE)
    for who in ("agent", "supervisor", "manager"):
        make(world.ours, who, desks=[world.ours.desk.pk])
    with django_assert_max_num_queries(len(few)):
        browser.get(PAGE)
