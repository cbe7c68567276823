"""Calling the customer of a case by hand, and what must not be called."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.actions import Said, resume_use_of, stop_use_of, write_consent
from madoguchi.customers.factories import make_identity
from madoguchi.customers.models import Identity
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.desk.tests.test_phone import shown
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone, Call, PlannedCall
from madoguchi.voice.outgoing import Taken, due_plans, take_plan
from madoguchi.voice.phones import let_go, set_ready, take_phone

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
NUMBER = "+819012345678"


@pytest.fixture(autouse=True)
def calls_go_out(settings: Any) -> None:
    """There is a trunk."""
    settings.CALLS_GO_OUT = True


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    """A case whose customer has a phone, at a desk with a number; it is noon."""
    with world.ours.scope(), clock.held_at(NOON):
        make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000007")
        case = make_case(world.ours.entry_point)
        make_identity(case.customer, IdentityKind.PHONE, "090-1234-5678")
        yield case


def address(case: Case) -> str:
    return f"/cases/{case.spoken_number(case.company.prefix)}/"


def call(browser: Client, case: Case, *, identity: int | None = None) -> Any:
    line = identity or Identity.objects.get(customer=case.customer, kind="phone").pk
    browser.post("/phone/here/")
    return browser.post(f"{address(case)}call/", {"line": line}, headers=HTMX)


def nothing_called() -> bool:
    rows = (Call.objects, PlannedCall.objects, Event.objects.filter(kind="call.placed"))
    return not any(row.exists() for row in rows) and not AgentPhone.objects.filter(state="ringing").exists()


def test_a_number_of_the_customer_is_called_from_the_number_of_the_desk(
    agent: Client, case: Case, world: World
) -> None:
    page = agent.get(address(case)).text
    assert 'aria-label="090-1234-5678に電話する"' in page

    assert call(agent, case).status_code == 204

    made = Call.objects.get()
    assert (made.caller, made.called, made.direction) == (NUMBER, "+815000000007", "out")
    phone = AgentPhone.objects.get()
    assert (phone.user, phone.state, phone.call) == (world.ours.agent, "ringing", made.uid)
    page = shown(agent)
    for words in ('data-mine="yes"', "発信</span>", "まずあなたの電話をつなぎます。", "090-1234-5678"):
        assert words in page
    placed = Event.objects.get(kind="call.placed")
    assert (placed.actor_id, placed.case_id, placed.data["person"]) == (
        world.ours.agent.pk,
        case.pk,
        phone.user_id,
    )

    [due] = due_plans()
    taken = Taken(made.uid, world.ours.agent.pk, NUMBER, made.entry_point, NOON)
    assert take_plan(due.pk, "another") == taken
    assert (due_plans(), PlannedCall.objects.get().state) == ([], "calling")


def test_without_a_line_the_button_says_why_nobody_can_be_called(
    agent: Client, case: Case, settings: Any
) -> None:
    settings.CALLS_GO_OUT = False
    page = agent.get(address(case)).text

    assert 'disabled aria-describedby="no-trunk"' in page
    assert "発信に使う回線が設定されていません" in page
    assert 'data-key="D"' not in page
    assert call(agent, case).status_code == 403
    assert nothing_called()


def test_who_thinks_better_of_it_calls_nobody(agent: Client, case: Case, world: World) -> None:
    call(agent, case)
    let_go(Call.objects.get().uid, world.ours.agent.pk, away=True)

    assert take_plan(due_plans()[0].pk, "x") is None
    assert PlannedCall.objects.get().state == "dropped"


def test_who_calls_by_hand_is_rung_by_nobody_else(agent: Client, case: Case, world: World) -> None:
    set_ready(ready=True, by=actor_of(world.ours.agent))
    call(agent, case)

    where = {"desk": world.ours.desk.pk, "company": world.ours.company.pk}
    assert take_phone(**where, call="other") is None
    assert call(agent, case).status_code == 409
    assert Call.objects.count() == 1


def test_a_solved_case_may_be_called_about(agent: Client, case: Case) -> None:
    Case.objects.update(status=Status.SOLVED)

    assert call(agent, case).status_code == 204


PROBLEMS = {
    "closed": 422,
    "no number": 422,
    "not allowed": 422,
    "used up": 422,
    "not theirs": 404,
    "no phone": 404,
    "not open": 409,
    "busy": 409,
    "no trunk": 403,
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_calls_that_are_not_made(agent: Client, case: Case, world: World, problem: str) -> None:
    settings: dict[str, Any] = {}
    identity = Identity.objects.get(customer=case.customer, kind="phone")
    match problem:
        case "closed":
            type(world.ours.desk).objects.filter(pk=world.ours.desk.pk).update(
                opens=time(18), closes=time(19)
            )
        case "no number":
            EntryPoint.objects.filter(kind=Channel.PHONE).update(active=False)
        case "not allowed":
            Identity.objects.filter(pk=identity.pk).update(value="+14155550100")
        case "used up":
            settings = {"CALLS_OUT_A_DAY": 0}
        case "not theirs":
            other = make_case(world.ours.entry_point)
            identity = make_identity(other.customer, IdentityKind.PHONE, "090-1111-2222")
        case "no phone":
            identity = Identity.objects.get(customer=case.customer, kind="email")
        case "busy":
            AgentPhone.objects.create(
                user=world.ours.agent, state="wrapping", call="x", since=NOON, seen_at=NOON
            )
        case "no trunk":
            settings = {"CALLS_GO_OUT": False}
    with override_settings(**settings):
        if problem == "not open":
            agent.post("/phone/here/")
            with clock.held_at(NOON + timedelta(seconds=40)):
                answer = agent.post(f"{address(case)}call/", {"line": identity.pk}, headers=HTMX)
        else:
            answer = call(agent, case, identity=identity.pk)
        if problem == "no trunk":
            assert "に電話する" not in agent.get(address(case)).text

    assert answer.status_code == PROBLEMS[problem]
    assert nothing_called()


REFUSED = "このお客様は、電話での連絡を希望されていません。"
STOPPED = "このお客様の個人データは利用停止中のため、電話できません。"


def says(case: Case, by: User, *, given: bool, purpose: str = "matter", way: str = "phone") -> None:
    """The customer of the case consents or refuses, and somebody of the desk writes it down."""
    said = Said(purpose=purpose, ways=(way,), given=given, how="phone")
    write_consent(case.customer, said, by=actor_of(by))


@pytest.mark.parametrize("how", ["refused", "refused again", "stopped", "stopped who consents"])
def test_a_customer_who_is_not_to_be_called_is_told_of_and_not_called(
    agent: Client, case: Case, world: World, how: str
) -> None:
    by = world.ours.agent
    if how == "refused again":
        says(case, by, given=True)
    if how.startswith("stopped"):
        says(case, by, given=how == "stopped who consents")
        stop_use_of(case.customer, by=actor_of(by))
    else:
        says(case, by, given=False)

    answer = call(agent, case)

    assert answer.status_code == 422
    assert (STOPPED if how.startswith("stopped") else REFUSED) in answer.text
    assert nothing_called()


@pytest.mark.parametrize("how", ["said nothing", "no offers", "no mail", "changed their mind", "resumed"])
def test_about_their_own_matter_a_customer_is_called_unless_they_refused_just_that(
    agent: Client, case: Case, world: World, how: str
) -> None:
    by = world.ours.agent
    match how:
        case "no offers":
            says(case, by, given=False, purpose="offers")
        case "no mail":
            says(case, by, given=False, way="email")
        case "changed their mind":
            with clock.held_at(clock.now() - timedelta(days=1)):
                says(case, by, given=False)
            says(case, by, given=True)
        case "resumed":
            stop_use_of(case.customer, by=actor_of(by))
            resume_use_of(case.customer, by=actor_of(by))

    assert call(agent, case).status_code == 204
    assert PlannedCall.objects.get().number == NUMBER


@pytest.mark.parametrize("who", ["company_staff", "company_manager", "theirs"])
def test_only_who_answers_there_calls(case: Case, world: World, who: str) -> None:
    user = world.theirs.agent if who == "theirs" else getattr(world.ours, who)
    line = Identity.objects.get(customer=case.customer, kind="phone").pk

    answer = signed_in(user).post(f"{address(case)}call/", {"line": line}, headers=HTMX)

    assert answer.status_code == (404 if who == "theirs" else 403)
    assert nothing_called()
