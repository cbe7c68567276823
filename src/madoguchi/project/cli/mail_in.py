"""`madoguchi mail ingest`, `fetch` and `doors`: what brings mail into the database."""

import json
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import click
from imapclient.exceptions import IMAPClientError

from madoguchi.cases.models import Case
from madoguchi.channels.email import imap
from madoguchi.channels.email.doors import run as keep_doors_open
from madoguchi.channels.email.models import Mailbox
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival
from madoguchi.kernel.channel import Channel
from madoguchi.project.conf import config
from madoguchi.project.memory import keep_heap_in_few_pieces


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--entry-point", "address", help="The address it came to; otherwise the mail's own headers say."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def ingest(files: tuple[Path, ...], *, address: str | None, as_json: bool) -> None:
    """Take mail files in, as if they had come by a door; what is taken for spam is kept out (state spam).

    Exit code 1 when one of them needs a person.
    """
    given = _entry_point([address]) if address else None
    if address and given is None:
        raise click.BadParameter(f"No entry point has the address {address}.", param_hint="--entry-point")
    outcomes = []
    with click.progressbar(files, file=sys.stderr, hidden=as_json or not sys.stderr.isatty()) as each:
        for file in each:
            outcomes.append(_ingest(file, given))
    for outcome in outcomes:
        click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _said(outcome))
    if any(outcome["state"] not in ("handled", "repeated", "spam") for outcome in outcomes):
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a mailbox.")
def fetch(*, as_json: bool) -> None:
    """Look into every mailbox now. Exit code 1 when one cannot be read."""
    with scope.everywhere(reason="an operator of the installation asks for all mailboxes"):
        mailboxes = list(Mailbox.objects.filter(active=True).select_related("entry_point"))
    looks = [_look_into(mailbox) for mailbox in mailboxes]
    for look in looks:
        line = f"{look['entry_point']}: {look['problem'] or str(look['stored']) + ' new'}"
        click.echo(json.dumps(look, ensure_ascii=False) if as_json else line)
    if not looks and not as_json:
        click.echo("No mailbox is set up. Add one under Administration, Mail servers.")
    if any(look["problem"] for look in looks):
        sys.exit(1)


@click.command()
def doors() -> None:
    """Listen for SMTP and read mailboxes until stopped (one of the processes of `up`)."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    keep_heap_in_few_pieces()
    door = SmtpDoor(
        host=config.smtp_host,
        port=config.smtp_port,
        size_limit=config.max_mail_mb * 1_000_000,
        lmtp=config.mail_door == "lmtp",
    )
    keep_doors_open(door, stop=stop)


def _ingest(file: Path, given: EntryPoint | None) -> dict[str, object]:
    raw = file.read_bytes()
    point = given or _addressed(raw)
    outcome: dict[str, object] = {"file": str(file), "case": None, "reason": ""}
    if point is None:
        return outcome | {"state": "refused", "reason": "no entry point is among its addressees"}
    arrival_id = receive(raw=raw, entry_point=point, source=f"file {file.name}")
    if arrival_id is None:
        return outcome | {"state": Arrival.State.REPEATED.value}
    handle(arrival_id, company=point.company_id)
    with scope.acting_for([point.company_id]):
        arrival = Arrival.objects.get(pk=arrival_id)
        return outcome | {"state": arrival.state, "case": _case_number(arrival), "reason": arrival.reason}


def _addressed(raw: bytes) -> EntryPoint | None:
    mail_ = parse(raw)
    return _entry_point([*mail_.delivered_to, *(a.address for a in (*mail_.to, *mail_.cc))])


def _entry_point(addresses: Iterable[str]) -> EntryPoint | None:
    found = (entry_point_by_address(Channel.EMAIL, address) for address in addresses)
    return next((point for point in found if point), None)


def _case_number(arrival: Arrival) -> str | None:
    case = Case.objects.select_related("company").filter(pk=arrival.case_id).first()
    return case.spoken_number(case.company.prefix) if case else None


def _said(outcome: dict[str, object]) -> str:
    return " ".join(
        str(part)
        for part in (outcome["file"], outcome["state"], outcome["case"] or "", outcome["reason"])
        if part
    )


def _look_into(mailbox: Mailbox) -> dict[str, object]:
    look: dict[str, object] = {"entry_point": mailbox.entry_point.address, "stored": 0, "problem": ""}
    try:
        found = imap.fetch(mailbox)
    except (OSError, IMAPClientError) as error:
        return look | {"problem": f"{type(error).__name__}: {error}"}
    return look | {"stored": found.stored, "answer": found.answer}
