"""`madoguchi rights`: demands of customers and rules of retention, from the shell of the installation."""

import json

import click

from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.project.cli.asking import company_of
from madoguchi.rights.actions import Asked, ask, check
from madoguchi.rights.actions.asking import begin
from madoguchi.rights.actions.erasing import carry_out
from madoguchi.rights.actions.retaining import start_run, work_on_run
from madoguchi.rights.erasing import foreseen, in_the_way, words_in_the_way
from madoguchi.rights.models import Request, RetentionRule, RetentionRun
from madoguchi.rights.queries import person_named
from madoguchi.rights.retention import cutoff_of, due_of

_BY = system("command line")
_COMPANY = click.option("--company", "slug", required=True, help="The company, by its short name.")


@click.group()
def rights() -> None:
    """What customers demanded, what goes when, and both carried out."""


def _company(slug: str) -> int:
    with scope.everywhere(reason="the shell of the installation belongs to who runs it"):
        return company_of(slug)


@rights.command(name="list")
@_COMPANY
def list_(*, slug: str) -> None:
    """Demands that are open and rules of retention with how many cases each would empty, one JSON object a line."""
    company = _company(slug)
    with scope.acting_for([company]):
        for one in Request.objects.filter(company=company).order_by("pk"):
            if one.is_open or one.state in (Request.State.RUNNING, Request.State.MADE):
                said = {"demand": one.pk, "kind": one.kind, "state": one.state, "due_on": str(one.due_on)}
                click.echo(json.dumps(said | {"customer": one.customer_id}))
        for rule in RetentionRule.objects.filter(company=company).order_by("kind"):
            cases = due_of(company, rule.kind, cutoff_of(rule.months)).count()
            said = {"rule": rule.kind, "months": rule.months, "on": rule.is_on, "cases": cases}
            click.echo(json.dumps(said))


@rights.command()
@_COMPANY
@click.argument("kind", type=click.Choice(RetentionRule.Kind.values))
def run(*, slug: str, kind: str) -> None:
    """Carry a rule of retention out that is switched on, and wait for it."""
    company = _company(slug)
    with scope.acting_for([company]):
        rule = RetentionRule.objects.filter(company=company, kind=kind).first()
        if rule is None:
            raise NotFound(f"{slug} has no rule for {kind}.")
        going = start_run(rule, by=_BY)
    work_on_run(going.pk, company=company)
    with scope.acting_for([company]):
        ended = RetentionRun.objects.get(pk=going.pk)
        click.echo(
            json.dumps({"run": ended.pk, "state": ended.state, "cases": ended.done, "rows": ended.result})
        )


@rights.command()
@_COMPANY
@click.argument("who", metavar="NUMBER|ID")
@click.option(
    "--proof", type=click.Choice(Request.Proof.values), required=True, help="How they proved who they are."
)
@click.option("--note", default="", help="What was seen as a proof.")
@click.option("--yes", is_flag=True, help="Do it; without this it only says what would go.")
def erase(*, slug: str, who: str, proof: str, note: str, yes: bool) -> None:
    """Erase everything kept of one customer that law does not demand to be kept; there is no way back."""
    company = _company(slug)
    with scope.acting_for([company]):
        person = person_named(who, company=company)
        went = foreseen(person)
        if found := in_the_way(person):
            raise Refused(words_in_the_way(found))
        if not yes:
            told = {"gone": went.gone.total(), "emptied": went.emptied.total(), "kept": went.kept.total()}
            return click.echo(json.dumps({"customer": person.pk, **told}))
        asked = ask(person, Asked(kind="erasure", asker="person"), by=_BY)
        check(asked, proof=proof, note=note, by=_BY)
        begin(asked, by=_BY)
    carry_out(asked, by=_BY)
    with scope.acting_for([company]):
        done = Request.objects.get(pk=asked.pk)
        return click.echo(
            json.dumps({"request": done.pk, "customer": done.customer_id, "sha256": done.digest})
        )
