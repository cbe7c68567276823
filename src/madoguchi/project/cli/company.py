"""`madoguchi company export` and `company import`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any

import click

from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound
from madoguchi.project.backup import sealing
from madoguchi.project.backup.making import new_file
from madoguchi.project.backup.saying import in_words
from madoguchi.project.moving import exporting, importing

_SHELL = "whoever has the command line of an installation moves its companies"
_BY = system("command line")
Progress = Callable[[int], None]


@click.group()
def company() -> None:
    """All of a company in one file, out and in."""


@company.command("export")
@click.argument("prefix")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "recipient", help="Encrypt for this public key (age1…, as age-keygen prints it).")
@click.option(
    "--secrets", is_flag=True, help="With mail passwords and signing keys; only together with --to."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def export(*, prefix: str, file: Path, recipient: str | None, secrets: bool, as_json: bool) -> None:
    """Write all of the company whose case numbers begin with PREFIX into one new FILE, while everything runs.

    Without --to whoever holds the file can read all of it. Ctrl-C stops it and leaves nothing.
    """
    if secrets and not recipient:
        raise click.BadParameter(
            "Secrets leave only encrypted: name a key with --to.", param_hint="--secrets"
        )
    with scope.everywhere(reason=_SHELL):
        found = Company.objects.filter(prefix=prefix).first()
    if found is None:
        raise NotFound(f"There is no company whose case numbers begin with {prefix}.")
    total = exporting.count(found, with_secrets=secrets)
    with (
        in_words(),
        _shown("Exporting", total, hidden=as_json) as progress,
        new_file(file) as target,
        _sealed(target, recipient) as stream,
    ):
        made = exporting.export(found, stream, with_secrets=secrets, progress=progress, by=_BY)
    _say_exported(file, made, encrypted=recipient is not None, as_json=as_json)


@company.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The key file (age-keygen) that opens an encrypted file.",
)
@click.option("--check", is_flag=True, help="Read it to its end and say what would come; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def import_(*, file: Path, key_file: Path | None, check: bool, as_json: bool) -> None:
    """Bring a company in that `company export` wrote, where it is not yet; all of it or nothing.

    Reads all of FILE before it begins. Ctrl-C stops it and leaves nothing.
    """
    with in_words():
        keys = sealing.identities(key_file) if key_file else []
        opened = partial(_opened, file, keys)
        found = importing.look_through(opened)
        with scope.everywhere(reason=_SHELL):
            foreseen = importing.foresee(found)
        if check or foreseen.problems:
            _say_foreseen(found, foreseen, as_json=as_json)
            sys.exit(1 if foreseen.problems else 0)
        with _shown("Importing", found.size, hidden=as_json) as progress:
            done = importing.bring_in(opened, found=found, progress=progress, by=_BY)
    _say_imported(found, done, as_json=as_json)


@contextmanager
def _shown(label: str, total: int, *, hidden: bool) -> Iterator[Progress]:
    bar = click.progressbar(
        length=total,
        label=label,
        file=sys.stderr,
        hidden=hidden or not sys.stderr.isatty(),
        update_min_steps=500,
    )
    with bar:
        yield bar.update


@contextmanager
def _sealed(target: IO[bytes], recipient: str | None) -> Iterator[IO[bytes]]:
    if recipient is None:
        yield target
        return
    with sealing.sealed(target, sealing.recipient(recipient)) as stream:
        yield stream


@contextmanager
def _opened(file: Path, keys: list[Any]) -> Iterator[IO[bytes]]:
    with file.open("rb") as source:
        if not sealing.is_sealed(file):
            yield source
            return
        with sealing.opened(source, keys) as stream:
            yield stream


def _say_exported(file: Path, made: exporting.Exported, *, encrypted: bool, as_json: bool) -> None:
    if as_json:
        said = {"file": str(file), "bytes": file.stat().st_size, "encrypted": encrypted, **asdict(made)}
        click.echo(json.dumps(said))
        return
    rows = sum(made.rows.values())
    click.echo(f"{file}: {rows:,} rows and {made.files:,} files, {file.stat().st_size / 1e6:,.1f} MB.")
    if made.missing:
        click.echo(
            f"{made.missing:,} files that cases name are not in the store here, so not in it.", err=True
        )
    if not encrypted:
        click.echo("It is not encrypted: keep it where nobody else can read it, or use --to.", err=True)


def _say_foreseen(found: importing.Found, foreseen: importing.Foreseen, *, as_json: bool) -> None:
    if as_json:
        said = {"head": found.head, "rows": found.rows, "files": found.files, **asdict(foreseen)}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    click.echo(
        f"{found.company['name']} ({found.company['prefix']}), as of {found.head['made_at']}:"
        f" {sum(found.rows.values()):,} rows and {found.files:,} files."
    )
    for label, known in (("people", foreseen.known_people), ("operators", foreseen.known_operators)):
        if known:
            click.echo(f"Of its {label} these are here already: {', '.join(known)}")
    for role in foreseen.roles:
        click.echo(f"Would become: {role}")
    for problem in foreseen.problems:
        click.echo(problem, err=True)


def _say_imported(found: importing.Found, done: importing.Imported, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"{found.company['name']}: {done.rows:,} rows and {done.files:,} files.")
    if done.stopped:
        click.echo(
            f"{done.stopped:,} mails, scheduled answers, mailboxes, servers and rules stand still until somebody looks."
        )
    if done.seats_left:
        click.echo(
            f"{done.seats_left:,} seats are empty: their people do not belong to an operator that was here."
        )
    click.echo("New people have no password yet: madoguchi user password. Search finds its cases in a while.")
