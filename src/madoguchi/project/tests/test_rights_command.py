"""`madoguchi rights`: what is open and what would go, a rule carried out, a customer erased."""

import json
from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotFound
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.rights import rights
from madoguchi.project.tests.shell import Shell
from madoguchi.rights.actions.retaining import switch_on, write_rule
from madoguchi.rights.factories import asked_for
from madoguchi.rights.models import Request

pytestmark = pytest.mark.django_db
shell = Shell(rights)


def test_it_lists_what_is_open_and_carries_a_rule_out(world: World) -> None:
    case, slug = make_case(world.ours.entry_point), world.ours.company.slug
    lead = actor_of(world.ours.company_manager)
    # A demand of somebody else: nothing goes of who waits for an answer to one.
    other = make_case(world.ours.entry_point, sender=Party("b@home.example", "別の人"))
    demand = asked_for(other.customer_id, "stop", by=lead)
    with world.ours.scope():
        long_ago = clock.now() - timedelta(days=900)
        Case.objects.filter(pk=case.pk).update(status="closed", touched_at=long_ago)
        rule = write_rule(world.ours.company.pk, kind="words", months=12, by=lead)
        second = make_company_person(world.ours.company, Role.COMPANY_MANAGER)
        switch_on(rule, months=12, by=actor_of(second))

    lines = [json.loads(line) for line in shell.run("list", "--company", slug).output.splitlines()]
    told = json.loads(shell.run("run", "--company", slug, "words").output)
    none = shell.run("run", "--company", slug, "attachments")

    assert [(one.get("demand"), one.get("rule"), one.get("cases")) for one in lines] == [
        (demand.pk, None, None),
        (None, "words", 1),
    ]
    assert (told["state"], told["cases"], told["rows"]["cases.Message"]) == ("done", 1, 1)
    assert (none.exit_code, type(none.exception)) == (1, NotFound)
    with world.ours.scope():
        assert Message.objects.get(case=case).text == ""


def test_it_says_what_would_go_and_erases_only_with_a_yes(world: World) -> None:
    case = make_case(world.ours.entry_point)
    number, slug = case.spoken_number(world.ours.company.prefix), world.ours.company.slug
    asked = ("erase", number, "--company", slug, "--proof", "document")
    assert shell.run(*asked).exit_code == 1  # the case is still open
    with world.ours.scope():
        Case.objects.update(status="closed")

    foreseen = json.loads(shell.run(*asked).output)
    with world.ours.scope():
        assert (foreseen["customer"], foreseen["gone"] > 0) == (case.customer_id, True)
        assert (Request.objects.count(), Identity.objects.count()) == (0, 1)
    done = json.loads(shell.run(*asked, "--yes").output)

    with world.ours.scope():
        kept = Request.objects.get()
        assert (kept.state, kept.digest, Identity.objects.count()) == ("done", done["sha256"], 0)
