"""`madoguchi events`: who reacts to what, and whether the log is as it was sealed."""

import json
import sys
from datetime import datetime
from typing import IO

import click

from madoguchi.administration.history import events_of, history, write_csv, write_json_lines
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company
from madoguchi.infra import facts, reactions, scope
from madoguchi.infra.event_log import seal
from madoguchi.infra.event_log import verify as verify_chain
from madoguchi.infra.models import Seal
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import NotFound


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a kind of event.")
@click.pass_context
def events(ctx: click.Context, *, as_json: bool) -> None:
    """Every kind of event, what it means and who reacts to it."""
    if ctx.invoked_subcommand:
        return
    for kind, cls in sorted(facts.known().items()):
        readers = [r.name for r in reactions.registered() if kind in r.kinds]
        meaning = " ".join((cls.__doc__ or "").split())
        row = {"kind": kind, "meaning": meaning, "reactions": readers}
        line = f"{kind:<24} {meaning}" + "".join(f"\n{'':<24} → {name}" for name in readers)
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else line)


@events.command()
def retry() -> None:
    """Have events tried again that a reaction has given up, once what kept it from them is mended."""
    count = reactions.retry_given_up()
    click.echo(f"{count} to be tried again by the worker; `madoguchi doctor` says what still fails.")


@events.command()
@click.option(
    "--expect", metavar="DIGEST", help="A digest printed earlier, which must still be in the chain."
)
def verify(*, expect: str | None) -> None:
    """Check the audit chain from its start. Exit code 1 when events are not what was sealed.

    What was cut off at the end leaves no trace in the chain itself: keep the digest that is printed somewhere
    else, and give it the next time.
    """
    with scope.everywhere(reason="the audit chain runs over the events of all companies"):
        while seal():
            pass
        faults = list(verify_chain())
        links = Seal.objects.count()
        newest = Seal.objects.order_by("-id").values_list("digest", flat=True).first()
        if expect and not Seal.objects.filter(digest=_digest(expect)).exists():
            faults.append(f"the seal {expect} is no longer in the chain: its end was cut off or rewritten")
    for fault in faults:
        click.echo(fault)
    if newest:
        click.echo(f"newest seal {bytes(newest).hex()}")
    click.echo(f"{links} seals checked, {len(faults)} broken")
    sys.exit(1 if faults else 0)


@events.command("export")
@click.option("--company", "prefix", required=True, help="The letters of its case numbers.")
@click.option("--case", "number", help="Of one case alone, by its number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on, in Japan.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Before this day.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for spreadsheets; otherwise JSON Lines.")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def export_(
    *,
    prefix: str,
    number: str | None,
    since: datetime | None,
    until: datetime | None,
    as_csv: bool,
    file: IO[str],
) -> None:
    """Write the history of a company or a case: who did what, when, before and after, and from where."""
    with scope.everywhere(reason="whoever has the command line of an installation reads its log"):
        found = Company.objects.filter(prefix=prefix).first()
    if found is None:
        raise NotFound(f"There is no company whose case numbers begin with {prefix}.")
    with scope.acting_for([found.pk]):
        case = _case(found, number) if number else None
        lines = history(events_of(found, case=case, since=_in_japan(since), until=_in_japan(until)))
        write = write_csv if as_csv else write_json_lines
        count = write(lines, file)
    click.echo(f"{count:,} events", err=True)


def _case(company: Company, written: str) -> Case:
    read = read_case_number(written)
    theirs = Case.objects.filter(company_id=company.pk)
    is_theirs = read is not None and read.prefix == company.prefix
    found = theirs.filter(number=read.count).first() if read and is_theirs else None
    if found is None:
        raise NotFound(f"There is no case {written} of this company.")
    return found


def _in_japan(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=TOKYO) if day else None


def _digest(written: str) -> bytes:
    try:
        return bytes.fromhex(written)
    except ValueError as error:
        raise click.BadParameter("A digest is 64 hexadecimal digits.", param_hint="--expect") from error
