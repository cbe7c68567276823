"""`madoguchi customer`: what customers may demand of their data, from the shell of the installation."""

import json
from pathlib import Path

import click

from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound
from madoguchi.project.backup.making import new_file
from madoguchi.project.cli.asking import company_of
from madoguchi.rights.actions import Asked, ask, check, hand_over, release
from madoguchi.rights.actions.making import make_now
from madoguchi.rights.models import Request
from madoguchi.rights.queries import opened_archive, person_named

_BY = system("command line")
_PROOFS = click.Choice(Request.Proof.values)


@click.group()
def customer() -> None:
    """What customers may demand: to have what is kept of them."""


@customer.command()
@click.argument("who", metavar="NUMBER|ID")
@click.option("--company", "slug", required=True, help="The company, by its short name.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file (zip)."
)
@click.option("--proof", type=_PROOFS, required=True, help="How who asks proved who they are.")
@click.option("--note", default="", help="What was seen as a proof.")
@click.option("--json", "as_json", is_flag=True, help="What was made, as a JSON object.")
def disclose(who: str, *, slug: str, out: Path, proof: str, note: str, as_json: bool) -> None:
    """Write everything kept of one customer into one file: a PDF, the same as JSON, files and recordings.

    The customer is named by the number of a case, a mail address, a phone number or the id of the record.
    """
    with scope.everywhere(reason="the shell of the installation belongs to who runs it"):
        company = company_of(slug)
    with scope.acting_for([company]):
        try:
            person = person_named(who, company=company)
        except NotFound:
            raise NotFound(f"Nobody of {slug} is called {who}, or several are.") from None
        asked = ask(person, Asked(kind="disclosure", asker="person"), by=_BY)
        check(asked, proof=proof, note=note, by=_BY)
    make_now(asked, by=_BY)
    with scope.acting_for([company]):
        made = Request.objects.get(pk=asked.pk)
        release(made, typed=str(made.customer_id), reason="the command line of the machine", by=_BY)
        with new_file(out) as target, opened_archive(made) as file:
            while piece := file.read(1 << 20):
                target.write(piece)
        hand_over(made, by=_BY)
    told = {
        "request": made.pk,
        "customer": made.customer_id,
        "sha256": made.digest,
        "rows": made.result["rows"],
    }
    click.echo(
        json.dumps(told, ensure_ascii=False)
        if as_json
        else f"{out}: {made.size:,} bytes, SHA-256 {made.digest}"
    )
