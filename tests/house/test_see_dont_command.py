"""A company sees everything its desks do, and directs nobody whom another employs (37号告示)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver

from madoguchi.cases import actions
from madoguchi.cases.models import Case, Draft, Mention, Note, Status
from madoguchi.desk import urls as console
from madoguchi.infra import scope
from madoguchi.kernel.actor import PERMISSIONS, OperatingModel, Permission, Role
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import Side, World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from tests.house.test_doors_are_guarded import patterns
from tests.house.test_strangers import addresses, furnish, state_of

pytestmark = pytest.mark.django_db

COMPANY: dict[str, Callable[[Side], User]] = {
    "staff": lambda side: side.company_staff,
    "manager": lambda side: side.company_manager,
}
OTHERS_EMPLOY = [model for model in OperatingModel if model != OperatingModel.TEMP_STAFF]
# Opening these shows something and changes nothing.
ONLY_LOOK = {"console", "list", "find", "case", "earlier", "preview", "attachment", "original", "html"}
# One's own, and harmless: there is no draft to throw away, what one builds a view of is seen by oneself alone, and what
# one has not read is told to nobody else. Its own data a company takes along as it likes.
OWN = {"draft_discard", "view_new", "unread", "export", "buyers_taken"}
FORM = {
    "text": "急いで",
    "note": "急いで",
    "to": "me",
    "status": "solved",
    "priority": "4",
    "add": "至急",
    "subject": "変えた",
    "memo": "変えた",
}


def under(side: Side, model: OperatingModel) -> None:
    with side.scope():
        side.engagement.model = model
        side.engagement.save()


def acts(world: World) -> list[str]:
    """Every address of the console that does something, filled in with something of ours."""
    names = {p.name for p in console.urlpatterns if not of_its_own(p.name)} - ONLY_LOOK - OWN
    found = [(a, p) for a, p in patterns(get_resolver()) if p.name in names and p.callback.__module__]
    inside = [(a, p) for a, p in found if p.callback.__module__.startswith("madoguchi.desk.")]
    return addresses(inside, furnish(world))


def of_its_own(name: str) -> bool:
    """Whether it is about what the company knows or lacks: that is the company's to write and to approve, and directs
    nobody.
    """
    return name.startswith(("article", "gap"))


def only_case(side: Side) -> Case:
    with side.scope():
        return Case.objects.order_by("pk")[0]


@pytest.mark.parametrize("model", OTHERS_EMPLOY)
@pytest.mark.parametrize("who", COMPANY)
def test_no_page_of_the_console_does_anything_for_the_company(
    world: World, client: Client, who: str, model: OperatingModel
) -> None:
    under(world.ours, model)
    every = acts(world)
    assert len(every) >= 15
    before = state_of(world.ours.company.pk)
    client.force_login(COMPANY[who](world.ours))

    answers = {address: client.post(address, FORM).status_code for address in every}

    assert {a: s for a, s in answers.items() if s not in (403, 404, 405)} == {}
    assert state_of(world.ours.company.pk) == before


@pytest.mark.parametrize("who", COMPANY)
def test_but_it_sees_every_case_of_every_desk(world: World, client: Client, who: str) -> None:
    furnish(world)
    number = only_case(world.ours).spoken_number(world.ours.company.prefix)
    client.force_login(COMPANY[who](world.ours))

    assert "電源が入りません。" in client.get(f"/cases/{number}/").content.decode()
    assert number in client.get("/cases/?view=all").content.decode()


@pytest.mark.parametrize("who", COMPANY)
def test_it_directs_those_whom_the_law_puts_under_it(world: World, client: Client, who: str) -> None:
    under(world.ours, OperatingModel.TEMP_STAFF)
    furnish(world)
    case, superior = only_case(world.ours), COMPANY[who](world.ours)
    number, actor = case.spoken_number(world.ours.company.prefix), actor_of(superior)
    client.force_login(superior)

    noted = client.post(f"/cases/{number}/note/", {"note": "@青木 先にお願いします"})
    kept = client.post(f"/cases/{number}/draft/note/", {"note": "書きかけ"})
    with scope.acting_for(actor.companies):
        actions.assign(case, to=world.ours.agent.pk, by=actor)

    assert (noted.status_code, kept.status_code) == (302, 204)
    with world.ours.scope():
        assert [(n.user_id, n.text) for n in Note.objects.all()] == [(superior.pk, "@青木 先にお願いします")]
        assert [m.user_id for m in Mention.objects.all()] == [world.ours.agent.pk]
        assert [d.kind for d in Draft.objects.filter(user=superior)] == ["note"]
        assert Case.objects.get(pk=case.pk).assignee_id == world.ours.agent.pk


@pytest.mark.parametrize("who", COMPANY)
def test_and_even_then_answers_no_customer_and_closes_no_case(world: World, client: Client, who: str) -> None:
    under(world.ours, OperatingModel.TEMP_STAFF)
    furnish(world)
    case, actor = only_case(world.ours), actor_of(COMPANY[who](world.ours))
    number, before = case.spoken_number(world.ours.company.prefix), state_of(world.ours.company.pk)
    client.force_login(COMPANY[who](world.ours))

    assert client.post(f"/cases/{number}/reply/", {"text": "はい"}).status_code == 403
    assert client.post(f"/cases/{number}/status/", {"status": "solved"}).status_code == 403
    with scope.acting_for(actor.companies), pytest.raises(NotAllowed):
        actions.change_status(case, to=Status.SOLVED, by=actor)

    assert state_of(world.ours.company.pk) == before


def test_one_desk_of_temporary_staff_opens_no_other(world: World) -> None:
    under(world.ours, OperatingModel.TEMP_STAFF)
    for person in (world.ours.company_staff, world.ours.company_manager):
        actor = actor_of(person)
        for permission in (Permission.CASE_NOTE, Permission.CASE_ASSIGN):
            assert actor.desks_with(permission) == {world.ours.desk.pk}
            assert actor.companies_with(permission) == frozenset()
            assert not actor.may(permission, company=world.theirs.company.pk, desk=world.theirs.desk.pk)


def test_the_company_does_not_choose_the_model_by_itself() -> None:
    """Who could set it to temporary staff could begin to command by a click."""
    for role in (Role.COMPANY_STAFF, Role.COMPANY_MANAGER):
        assert Permission.ORGANISATIONS not in PERMISSIONS[role]
        assert (
            PERMISSIONS[role]
            & {
                Permission.CASE_REPLY,
                Permission.CASE_NOTE,
                Permission.CASE_ASSIGN,
                Permission.CASE_UPDATE,
                Permission.CUSTOMER_EDIT,
            }
            == frozenset()
        )


# What a company's manager sets up of the settings, by module of its pages, and why that directs nobody of others.
OF_THE_COMPANY = {
    **dict.fromkeys(
        ("announcements", "greetings", "bots", "scenarios", "surveys"), "what customers hear and read"
    ),
    **dict.fromkeys(("entry_points", "mail_servers", "oauth", "storefronts"), "where customers turn to"),
    **dict.fromkeys(
        ("calendars", "levels", "levels_trial", "policies"),
        "by when it is answered, as agreed; acts need direction",
    ),
    **dict.fromkeys(
        ("campaigns", "fits", "media", "shops", "stores", "symptoms"), "what it sells and knows of that"
    ),
    **dict.fromkeys(("identity", "reading", "recordings", "rights"), "its customers' data"),
    **dict.fromkeys(
        ("fields", "imports", "spam", "watches", "webhooks"), "what is kept, comes in and goes out"
    ),
    "desks": "a desk's name and checks of answers; people are chosen by who employs them",
    "plans": "which steps a matter takes, and a desk's hours; who does them is for their employer",
    "templates": "words that may be used; who looks after them is asked nothing",
    "macro_words": "words that may be used; what else a macro does is for who leads the desk",
    "division": "which operator gets what share, between firms",
    "contacts": "whom outside may be asked",
    "engagements": "what an operator sees of customers, and what an hour of its own people costs",
    "help_centres": "its own site",
    "shields": "the words by which customers are warned, and its own duties as a company",
}


def settings(world: World) -> dict[str, str]:
    """Every address of the settings with something of ours in it, and the module behind it."""
    ours = furnish(world)
    found = [(a, p) for a, p in patterns(get_resolver()) if a.startswith("administration/")]
    return {
        address: pattern.callback.__module__.rpartition(".")[2]
        for each in found
        for address, pattern in zip(addresses([each], ours), [each[1]], strict=False)
    }


def test_its_staff_set_nothing_up(world: World, client: Client) -> None:
    every = settings(world)
    assert len(every) >= 100
    before = state_of(world.ours.company.pk)
    client.force_login(world.ours.company_staff)

    answers = {address: client.post(address, FORM).status_code for address in every}

    assert {a: s for a, s in answers.items() if s not in (403, 404, 405)} == {}
    assert state_of(world.ours.company.pk) == before


def test_of_the_settings_its_manager_opens_what_is_the_companys_own(world: World, client: Client) -> None:
    every = settings(world)
    client.force_login(world.ours.company_manager)

    opened = {module for address, module in every.items() if client.get(address).status_code == 200}

    assert opened == set(OF_THE_COMPANY)
