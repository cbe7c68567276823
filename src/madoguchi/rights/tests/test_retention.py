"""Rules of retention: what goes when, what stays, who switches them on, and a run that is stopped or killed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message, PendingAnswer
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Return
from madoguchi.complaints.models import Complaint
from madoguchi.customers.models import Customer, Identity
from madoguchi.escalations.actions import Question, Whom, ask, withdraw
from madoguchi.escalations.models import Escalation, EscalationFile
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.actions import issue_password_link
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.promises.models import Promise
from madoguchi.rights.actions import retaining
from madoguchi.rights.actions.retaining import (
    resume_runs,
    start_all,
    start_run,
    stop_run,
    switch_off,
    switch_on,
    work_on_run,
    write_rule,
)
from madoguchi.rights.factories import asked_for
from madoguchi.rights.models import RetentionRule, RetentionRun
from madoguchi.rights.queries import retention_of, rules_of
from madoguchi.rights.retention import cutoff_of, due_cases, held_fast
from madoguchi.shield.models import Mark
from madoguchi.signals.models import Incident, Signal

pytestmark = pytest.mark.django_db
OLD, NEW, BACK = (Party(f"{name}@home.example", name) for name in ("old", "new", "back"))
WORDS = "古い相談です。"


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def second(world: World) -> Actor:
    return actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))


def aged(world: World, sender: Party, *, days: int, status: str = "closed", text: str = WORDS) -> Case:
    """A case of a customer with a file of its own, touched so many days ago."""
    enclosed = (File(f"{sender.name}.txt", "text/plain", f"{sender.name} {days}".encode()),)
    case = make_case(world.ours.entry_point, sender=sender, text=text, subject="相談", files=enclosed)
    with world.ours.scope():
        at = clock.now() - timedelta(days=days)
        Case.objects.filter(pk=case.pk).update(status=status, touched_at=at)
    return case


def rule_on(world: World, lead: Actor, second: Actor, kind: str = "words", months: int = 12) -> RetentionRule:
    rule = write_rule(world.ours.company.pk, kind=kind, months=months, by=lead)
    switch_on(rule, months=months, by=second)
    return RetentionRule.objects.get(pk=rule.pk)


def words_of(case: Case) -> list[str]:
    return list(Message.objects.filter(case=case).values_list("text", flat=True))


def test_months_are_counted_by_the_calendar() -> None:
    with clock.held_at(datetime(2026, 3, 31, 12, tzinfo=clock.TOKYO)):
        assert cutoff_of(1) == datetime(2026, 2, 28, tzinfo=clock.TOKYO)
        assert cutoff_of(24) == datetime(2024, 3, 31, tzinfo=clock.TOKYO)


def test_words_of_who_was_long_not_in_touch_go_and_all_else_stays(
    world: World, lead: Actor, second: Actor
) -> None:
    # given one who was last in touch long ago, one lately, and one who came back or has something open
    gone = aged(world, OLD, days=400)
    kept = [aged(world, NEW, days=300), aged(world, BACK, days=900), aged(world, BACK, days=2)]
    waiting = aged(world, Party("w@home.example", "w"), days=900, status="open")
    with world.ours.scope():
        order_of(gone.customer_id, world.ours.desk.pk)
        rule = rule_on(world, lead, second)
        [shown] = rules_of(second)
        assert (shown.cases, dict(shown.rows)["cases.Attachment"], shown.may_switch) == (1, 1, True)
        file = Attachment.objects.get(message__case=gone)
        assert words_of(gone) == [WORDS]

        # when
        run = start_run(rule, by=lead)
        assert start_run(rule, by=second) == run
        work_on_run(run.pk, company=run.company_id)

        # then
        emptied = Case.objects.get(pk=gone.pk)
        assert (words_of(gone), emptied.subject, emptied.number) == ([""], "—", gone.number)
        with pytest.raises(FileNotFoundError):
            files.read(file.sha256, company=run.company_id)
        assert [words_of(one) for one in (*kept, waiting)] == [[WORDS]] * 4
        assert Attachment.objects.count() == 4
        assert Identity.objects.filter(value=OLD.address).exists()
        assert Customer.objects.get(pk=gone.customer_id).name == "old"
        assert Order.objects.get(customer=gone.customer_id).recipient != "—"
        run.refresh_from_db()
        assert (run.state, run.done, run.total, run.result["cases.Message"], run.files) == (
            "done",
            1,
            1,
            1,
            [],
        )
        told = Event.objects.get(kind="retention.ran").data
        assert told == {"rule": rule.pk, "run": run.pk, "what": "words", "cases": 1, "customers": 0}

        # and a second time there is nothing to do
        again = start_run(rule, by=lead)
        work_on_run(again.pk, company=run.company_id)
        again.refresh_from_db()
        assert (again.state, again.done) == ("done", 0)


def test_attachments_alone_can_go(world: World, lead: Actor, second: Actor) -> None:
    gone, bare = aged(world, OLD, days=400), make_case(world.ours.entry_point, sender=NEW)
    with world.ours.scope():
        Case.objects.filter(pk=bare.pk).update(status="closed", touched_at=clock.now() - timedelta(days=400))
        for case in (gone, bare):
            # Mail as it came, beside what the factory made of it.
            message = Message.objects.get(case=case)
            came = Arrival.objects.create(
                company=world.ours.company,
                entry_point=world.ours.entry_point,
                channel="email",
                source="test",
                size=4,
                sha256=str(case.pk).encode(),
                case_id=case.pk,
                message_id=message.pk,
                arrived_at=clock.now(),
            )
            RawArrival.objects.create(company=world.ours.company, arrival=came, content=b"mail")
        agent, due = actor_of(world.ours.agent), clock.now() + timedelta(hours=1)
        for case in (gone, bare):
            own = File("図.txt", "text/plain", f"図{case.pk}".encode())
            chosen = list(Attachment.objects.filter(message__case=case).values_list("pk", flat=True))
            said = Question(question="何ですか。", cause="rule", due_at=due, chosen=chosen, files=[own])
            withdraw(ask(case, Whom(to="seniors"), said, by=agent), by=agent)
            Case.objects.filter(pk=case.pk).update(touched_at=clock.now() - timedelta(days=400))
        named = [file.sha256 for file in EscalationFile.objects.all()]
        assert len(named) == 3
        rule = rule_on(world, lead, second, kind="attachments")
        run = start_run(rule, by=lead)
        work_on_run(run.pk, company=run.company_id)

        assert (words_of(gone), Attachment.objects.count()) == ([WORDS], 0)
        assert EscalationFile.objects.count() == 0
        for sha256 in named:
            with pytest.raises(FileNotFoundError):
                files.read(sha256, company=run.company_id)
        assert not RawArrival.objects.filter(arrival__case_id=gone.pk).exists()
        assert RawArrival.objects.filter(arrival__case_id=bare.pk).exists()


def test_who_wrote_a_rule_does_not_switch_it_on(world: World, lead: Actor, second: Actor) -> None:
    company = world.ours.company.pk
    aged(world, OLD, days=400)
    with world.ours.scope():
        rule = write_rule(company, kind="words", months=12, by=lead)
        for nobody in (lead, system("shell")):
            with pytest.raises((Refused, NotAllowed)):
                switch_on(rule, months=12, by=nobody)
        with pytest.raises(Conflict):
            switch_on(rule, months=6, by=second)
        with pytest.raises(Refused):
            start_run(rule, by=lead)
        for somebody in (world.ours.manager, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                write_rule(company, kind="words", months=1, by=actor_of(somebody))
            with pytest.raises(NotFound):
                retention_of(rule.pk, actor=actor_of(somebody))
        for kind, months in (("all", 12), ("words", 0), ("words", 241)):
            with pytest.raises(Refused):
                write_rule(company, kind=kind, months=months, by=lead)
        assert RetentionRule.objects.get().is_on is False

        # when it is changed after it was switched on, it is off again
        switch_on(rule, months=12, by=second)
        write_rule(company, kind="words", months=6, by=second)
        assert (RetentionRule.objects.get().is_on, RetentionRun.objects.count()) == (False, 0)
        assert start_all() == 0


def test_a_run_goes_step_by_step_is_stopped_and_goes_on_where_it_was_killed(
    world: World, lead: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [aged(world, Party(f"{n}@home.example", f"{n}"), days=400 + n) for n in range(3)]
    monkeypatch.setattr(retaining, "AT_ONCE", 1)
    with world.ours.scope():
        rule = rule_on(world, lead, second)
        run = start_run(rule, by=lead)
        retaining._next_cases(run.pk, run.company_id)
        run.refresh_from_db()
        assert (run.done, run.total, len(run.files)) == (1, 3, 1)

        # when it is stopped, the files of the last step go and nothing else
        stop_run(rule, by=second)
        work_on_run(run.pk, company=run.company_id)
        run.refresh_from_db()
        assert (run.state, run.done, run.files) == ("cancelled", 1, [])
        assert [words_of(case) for case in cases] == [[""], [WORDS], [WORDS]]

        # and a rule that is switched off does no more, one that is on goes on each night
        switch_off(rule, by=lead)
        assert start_all() == 0
        switch_on(rule, months=12, by=second)
        assert start_all() == 1
        latest = RetentionRun.objects.latest("id")
        assert resume_runs() == 0  # its job waits
        work_on_run(latest.pk, company=latest.company_id)
        assert [words_of(case) for case in cases] == [[""]] * 3
        assert not Attachment.objects.exists()


def test_who_was_let_in_by_who_wrote_a_rule_does_not_switch_it_on(
    world: World, lead: Actor, second: Actor
) -> None:
    with world.ours.scope():
        rule = write_rule(world.ours.company.pk, kind="words", months=12, by=lead)
        issue_password_link(User.objects.get(pk=second.id), by=lead)
        with pytest.raises(Refused):
            switch_on(rule, months=12, by=second)
        rule.refresh_from_db()
        assert not rule.is_on


def test_a_rule_that_is_changed_ends_what_it_was_doing(world: World, lead: Actor, second: Actor) -> None:
    case = aged(world, OLD, days=400)
    with world.ours.scope():
        rule = rule_on(world, lead, second)
        run = start_run(rule, by=lead)
        write_rule(rule.company_id, kind="words", months=24, by=lead)
        run.refresh_from_db()
        assert run.state == "cancelled"

        # when it works again, and what a run began with is shorter than what the rule says
        switch_on(rule, months=24, by=second)
        late = start_run(rule, by=lead)
        RetentionRun.objects.filter(pk=late.pk).update(before=cutoff_of(12))
        work_on_run(late.pk, company=late.company_id)

        late.refresh_from_db()
        assert (late.state, late.done, words_of(case)) == ("cancelled", 0, [WORDS])


def test_what_was_touched_before_it_was_locked_stays(
    world: World, lead: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = aged(world, OLD, days=400)

    def meanwhile(*asked: Any) -> list[int]:
        Case.objects.filter(pk=case.pk).update(touched_at=clock.now())
        return held_fast(*asked)

    monkeypatch.setattr(retaining, "held_fast", meanwhile)
    with world.ours.scope():
        run = start_run(rule_on(world, lead, second), by=lead)
        work_on_run(run.pk, company=run.company_id)
        run.refresh_from_db()
        assert (run.state, run.done, words_of(case)) == ("done", 0, [WORDS])


def test_nothing_goes_while_something_goes_on_with_the_customer(world: World, lead: Actor) -> None:
    case, now = aged(world, OLD, days=400), clock.now()
    ours, user = {"company": world.ours.company, "case": case}, world.ours.agent
    with world.ours.scope():

        def due() -> list[int]:
            found = due_cases(case.company_id, "words", cutoff_of(12))
            return sorted(found.values_list("pk", flat=True))

        order = order_of(case.customer_id, world.ours.desk.pk)
        incident = Incident.objects.create(company=world.ours.company, kind="defect", raised_at=now)
        joined = aged(world, OLD, days=401)
        Case.objects.filter(pk=joined.pk).update(continued_in=case)
        assert due() == [case.pk, joined.pk]
        after = {
            "mark": lambda: Mark.objects.create(
                company=case.company, case=joined, sort="words", marked_at=now
            ),
            "demand": lambda: asked_for(case.customer_id, "disclosure", by=lead),
            "complaint": lambda: Complaint.objects.create(
                **ours, severity=1, facts="—", due_at=now, made_at=now
            ),
            "escalation": lambda: Escalation.objects.create(**ours, question="—", asked_at=now, due_at=now),
            "signal": lambda: Signal.objects.create(
                **ours, kind="defect", words="—", raised_at=now, incident=incident
            ),
            "return": lambda: Return.objects.create(
                company=case.company, order=order, number=1, reason="defect", asked_at=now
            ),
            "promise": lambda: Promise.objects.create(
                **ours, kind="refund", words="—", made_at=now, first_due_at=now, due_at=now, warn_at=now
            ),
            "answer": lambda: PendingAnswer.objects.create(
                **ours,
                user=user,
                state="held",
                text="—",
                status="open",
                last_message=0,
                created_at=now,
                changed_at=now,
            ),
        }
        for what, make in after.items():
            with pytest.raises(Rollback), transaction.atomic():
                make()
                assert due() == [], what
                raise Rollback
        assert due() == [case.pk, joined.pk]


class Rollback(Exception):
    """What was made is taken back."""
