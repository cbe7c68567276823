"""Rules of retention: what goes when, what stays, who switches them on, and a run that is stopped or killed."""

from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
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
from madoguchi.rights.models import RetentionRule, RetentionRun
from madoguchi.rights.queries import retention_of, rules_of
from madoguchi.rights.retention import cutoff_of

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
        assert told == {"rule": rule.pk, "run": run.pk, "what": "words", "cases": 1}

        # and a second time there is nothing to do
        again = start_run(rule, by=lead)
        work_on_run(again.pk, company=run.company_id)
        again.refresh_from_db()
        assert (again.state, again.done) == ("done", 0)


def test_attachments_alone_can_go(world: World, lead: Actor, second: Actor) -> None:
    gone = aged(world, OLD, days=400)
    with world.ours.scope():
        rule = rule_on(world, lead, second, kind="attachments")
        run = start_run(rule, by=lead)
        work_on_run(run.pk, company=run.company_id)

        assert (words_of(gone), Attachment.objects.count()) == ([WORDS], 0)


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
