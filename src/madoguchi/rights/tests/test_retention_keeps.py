"""What a rule of retention lets nobody lose: papers of sales, consents, proof of harassment, others' cases."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import IssuedDocument, Order, OrderLine
from madoguchi.customers.actions import Said, write_consent
from madoguchi.customers.models import Consent, Customer
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.rights.actions.retaining import start_run, stop_run, switch_off, work_on_run
from madoguchi.rights.models import RetentionRule, RetentionRun
from madoguchi.rights.retention import due_cases, foreseen_of
from madoguchi.rights.tests.test_retention import BACK, NEW, OLD, WORDS, aged, rule_on, words_of
from madoguchi.shield.marking import decide, mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def second(world: World) -> Actor:
    return actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))


def run_of(rule: RetentionRule, by: Actor) -> RetentionRun:
    run = start_run(rule, by=by)
    work_on_run(run.pk, company=run.company_id)
    return RetentionRun.objects.get(pk=run.pk)


def rows_of(*models: Any) -> list[list[dict[str, Any]]]:
    """Everything that stands in these tables."""
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_sales_their_papers_and_consents_stay_to_the_last_letter(
    world: World, lead: Actor, second: Actor
) -> None:
    # given a customer who bought something, was given an invoice, and said what they consent to
    gone, shell = aged(world, OLD, days=800), system("test")
    law: tuple[Any, ...] = (Order, OrderLine, IssuedDocument, Consent, Customer)
    with world.ours.scope():
        set_up_shop(world.ours.company, registration_number="T7000012050002", by=shell)
        order = order_of(gone.customer_id, gone.desk_id, case=gone.pk)
        issue(order, Kind.INVOICE, by=shell)
        said = Said(purpose="offers", ways=("email",), given=False, how="phone", note="電話は困る")
        write_consent(Customer.objects.get(pk=gone.customer_id), said, by=actor_of(world.ours.agent))
        before, events = rows_of(*law), Event.objects.count()

        # when
        run = run_of(rule_on(world, lead, second), lead)

        # then the words went, and of all that the law wants kept not a letter
        assert words_of(gone) == [""]
        assert rows_of(*law) == before
        assert [len(rows) for rows in before] == [1, 1, 1, 1, 1]
        assert not {"commerce.Order", "commerce.IssuedDocument", "customers.Consent"} & set(run.result)
        assert Event.objects.count() > events


def test_proof_of_harassment_stays_until_it_is_said_to_be_none(
    world: World, lead: Actor, second: Actor
) -> None:
    proof, plain = aged(world, OLD, days=500), aged(world, NEW, days=500)
    supervisor, long_ago = actor_of(world.ours.supervisor), clock.now() - timedelta(days=500)
    with world.ours.scope():
        noted = mark(proof, sort="abuse", words="怒鳴り続ける", by=actor_of(world.ours.agent))
        Case.objects.filter(pk=proof.pk).update(touched_at=long_ago, status="closed")
        rule = rule_on(world, lead, second)

        assert run_of(rule, lead).done == 1
        assert (words_of(proof), words_of(plain)) == ([WORDS], [""])

        decide(noted, state="cleared", reason="行き違い", by=supervisor)
        Case.objects.filter(pk=proof.pk).update(touched_at=long_ago, status="closed")
        assert run_of(rule, lead).done == 1
        assert words_of(proof) == [""]


def test_a_company_s_rule_touches_its_own_cases_and_looking_changes_nothing(
    world: World, lead: Actor, second: Actor
) -> None:
    ours, theirs = aged(world, OLD, days=500), make_case(world.theirs.entry_point, sender=OLD, text=WORDS)
    with world.theirs.scope():
        Case.objects.filter(pk=theirs.pk).update(
            status="closed", touched_at=clock.now() - timedelta(days=900)
        )
    with world.ours.scope():
        rule = rule_on(world, lead, second, kind="words")
        company, now = world.ours.company.pk, clock.now()
        assert [one.pk for one in due_cases(company, "words", now)] == [ours.pk]
        assert list(due_cases(world.theirs.company.pk, "words", now)) == []

        # looked at beforehand
        found = foreseen_of(company, "words", [ours.pk])
        assert (found["cases.Message"], found["cases.Attachment"]) == (1, 1)
        assert words_of(ours) == [WORDS]

        assert run_of(rule, lead).done == 1
    with world.theirs.scope():
        assert list(Message.objects.values_list("text", flat=True)) == [WORDS]


def test_who_may_not_neither_starts_stops_nor_switches_off(world: World, lead: Actor, second: Actor) -> None:
    gone = aged(world, BACK, days=500)
    with world.ours.scope():
        rule = rule_on(world, lead, second)
        run = start_run(rule, by=lead)
        before = rows_of(RetentionRule, RetentionRun)
        for somebody in (world.ours.manager, world.ours.company_staff, world.theirs.company_manager):
            for act in (start_run, stop_run, switch_off):
                with pytest.raises(NotAllowed):
                    act(rule, by=actor_of(somebody))
        assert (rows_of(RetentionRule, RetentionRun), words_of(gone)) == (before, [WORDS])
        assert run.state == "running"
