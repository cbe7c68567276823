"""What people of a desk share among themselves stands in the audit log for those alone who work with them."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import OperatingModel, Role
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.events import CaseGiven, PresenceChanged
from madoguchi.shield import caring, marking
from madoguchi.shield.events import CareSet
from madoguchi.shield.models import Care

Browser = Callable[[User], Client]
PAGE, FILE = "/administration/audit/", "/administration/audit/download/"
OF_CASE = {"help.called", "routing.given", "consultation.made", "care.set"}
EVERYTHING = {*OF_CASE, "presence.changed"}


@pytest.fixture
def case(world: World) -> Case:
    """A case that was given to the agent, who called a senior, asked for counsel and is cared for."""
    made, agent = make_case(world.ours.entry_point), actor_of(world.ours.agent)
    assert agent.id is not None
    with scope.acting_for(agent.companies):
        record(CaseGiven(**made.where, person=agent.id, how="push", waited=754), by=agent)
        marking.call_help(made, by=agent)
        caring.consult(made, words="怖い", by=agent)
        at = made.opened_at
        said = {"company": world.ours.company, "case": made, "sort": "rest", "made_at": at, "due_at": at}
        care = Care.objects.create(person=world.ours.agent, **said)
        record(CareSet(**made.where, care=care.pk, sort="rest", person=agent.id), by=agent)
        here = {"company": world.ours.company.pk, "person": agent.id}
        record(PresenceChanged(**here, before="available", after="break"), by=agent)
    return made


def read(browser: Client, query: str = "") -> set[str]:
    """Those kinds of events that the page shows; the file holds the same."""
    shown = {one.kind for one in browser.get(f"{PAGE}?{query}").context["found"].entries}
    lines = browser.get(f"{FILE}?as=jsonl&{query}").content.decode().splitlines()
    assert {json.loads(line)["kind"] for line in lines} & EVERYTHING == shown & EVERYTHING
    return shown & EVERYTHING


def offered(browser: Client) -> set[str]:
    return {value for value, _words in browser.get(PAGE).context["form"].fields["kind"].choices} & EVERYTHING


def test_a_company_reads_nothing_of_it(world: World, signed_in: Browser, case: Case) -> None:
    """Given all of it at the company's case, when its manager reads the log by any filter, then none of it is there."""
    browser = signed_in(world.ours.company_manager)

    assert read(browser) == set()
    assert [read(browser, f"kind={kind}") for kind in sorted(EVERYTHING)] == [set()] * 5
    assert read(browser, f"who={world.ours.agent.name}") == set()
    assert read(browser, f"case={case.spoken_number(world.ours.company.prefix)}") == set()
    assert read(browser, f"customer={case.customer_id}") == set()
    assert offered(browser) == set()
    assert "case.opened" in {one.kind for one in browser.get(PAGE).context["found"].entries}


def test_who_leads_the_desk_reads_it(world: World, signed_in: Browser, case: Case) -> None:
    browser = signed_in(world.ours.manager)

    assert read(browser) == OF_CASE
    assert offered(browser) == EVERYTHING


def test_another_operator_reads_no_counsel_and_no_care(world: World, signed_in: Browser, case: Case) -> None:
    """Given a second operator at the desk, when its manager reads the log, then what is between the agent and their
    employer is not there.
    """
    operator = make_operator()
    make_engagement(operator, world.ours.desk)

    assert read(signed_in(make_operator_person(operator, Role.MANAGER))) == {"help.called", "routing.given"}


def test_a_company_that_directs_people_employs_none_of_them(
    world: World, signed_in: Browser, case: Case
) -> None:
    with world.ours.scope():
        world.ours.engagement.model = OperatingModel.TEMP_STAFF
        world.ours.engagement.save()

    shown = read(signed_in(world.ours.company_manager))

    assert shown & {"consultation.made", "care.set"} == set()
    assert "help.called" in shown
