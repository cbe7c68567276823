"""`madoguchi heal`: rows of earlier versions are brought under the rules of this one."""

from itertools import chain

import click

from madoguchi.cases.actions.blot import blot_again
from madoguchi.cases.models import Case, Message, Note
from madoguchi.commerce.sent_places import places_of_before
from madoguchi.customers.blotting import heal_customers
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.infra.healing import Healed
from madoguchi.search.actions import index


@click.command()
def heal() -> None:
    """Blot out card numbers in what was stored before they were, and addresses that stand for customers' names; keep
    where goods of earlier orders went with their customers.

    Everything goes on meanwhile. It may be stopped and run again; what is right already is not touched.
    """
    changed: dict[str, int] = {}
    for step in chain(heal_customers(), blot_again(), places_of_before()):
        changed[step.table] = changed.get(step.table, 0) + len(step.rows)
        _index(step)
        click.echo(f"{step.table} up to {step.upto}: {changed[step.table]} changed", err=True)
    click.echo("\n".join(f"{table}: {count} changed" for table, count in changed.items()))


def _index(step: Healed) -> None:
    """What was found by what stood there is not found by it any more."""
    cases = {row.pk for row in step.rows if isinstance(row, Case)}
    cases |= {row.case_id for row in step.rows if isinstance(row, Message | Note)}
    customers = {row.pk for row in step.rows if isinstance(row, Customer)}
    if cases or customers:
        with scope.everywhere(reason="the index is over the cases of all companies"):
            index(cases=cases, customers=customers, anew=True)
