"""`madoguchi events`: who reacts to what, and whether the log is as it was sealed."""

import json
import sys

import click

from madoguchi.infra import facts, reactions, scope
from madoguchi.infra.event_log import seal
from madoguchi.infra.event_log import verify as verify_chain
from madoguchi.infra.models import Seal


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


def _digest(written: str) -> bytes:
    try:
        return bytes.fromhex(written)
    except ValueError as error:
        raise click.BadParameter("A digest is 64 hexadecimal digits.", param_hint="--expect") from error
