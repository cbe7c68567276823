"""A rule of retention and a customer who writes in the same moment: nothing of who is in touch again goes."""

from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.rights.actions.retaining import start_run, switch_on, work_on_run, write_rule
from madoguchi.rights.models import RetentionRule, RetentionRun
from tests.house.at_once import Somebody, unfinished, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_writes_while_a_run_waits_for_their_case_keeps_their_words(world: World) -> None:
    # given a case that is long at rest, and a rule by which its words go
    company, lead = world.ours.company.pk, actor_of(world.ours.company_manager)
    second = actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))
    case = make_case(world.ours.entry_point, text="昔の相談です。")
    with world.ours.scope():
        long_ago = clock.now() - timedelta(days=400)
        Case.objects.filter(pk=case.pk).update(status="closed", touched_at=long_ago)
        rule = write_rule(company, kind="words", months=12, by=lead)
        switch_on(rule, months=12, by=second)
        run = start_run(RetentionRule.objects.get(pk=rule.pk), by=lead)

    # when they are in touch again, which is not committed while the run has chosen its cases
    def touch() -> None:
        Case.objects.filter(pk=case.pk).update(touched_at=clock.now())

    with unfinished(company, touch) as commit:
        runs = Somebody(lambda: work_on_run(run.pk, company=company))
        until_waiting(runs)
        commit()
    assert runs.done() is None

    # then nothing went
    with world.ours.scope():
        assert list(Message.objects.values_list("text", flat=True)) == ["昔の相談です。"]
        kept = RetentionRun.objects.get()
        assert (kept.state, kept.result, kept.files) == ("done", {}, [])
        assert Case.objects.get().subject == case.subject
