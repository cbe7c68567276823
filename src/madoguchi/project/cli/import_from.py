"""`madoguchi import`."""

import codecs
import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from django.utils import translation

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.companies.queries import first_mail_point
from madoguchi.imports import running
from madoguchi.imports.actions import target_of
from madoguchi.imports.csv_table import NAMES
from madoguchi.imports.meanings import Meanings, priorities_meant, statuses_meant
from madoguchi.imports.reports import Report
from madoguchi.imports.sources import Asked, Source
from madoguchi.infra import scope
from madoguchi.infra.stopping import ask_to_stop
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.clock import TOKYO
from madoguchi.project.cli.asking import actor_named, company_of
from madoguchi.project.cli.files_told import language_of_shell

_SHELL = "whoever has the command line of an installation imports into its companies"
STOPPED = 3
Meant = TypeVar("Meant")
_WORDS = {
    "created": ("would be new", "new"),
    "updated": ("would be added to", "added to"),
    "skipped": ("are here already or have no place", "were here already or have no place"),
    "failed": ("could not come in", "could not come in"),
}


@click.command("import")
@click.argument("system", type=click.Choice(sorted(running.SOURCES)))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--company", required=True, help="The short name of the company.")
@click.option("--desk", required=True, help="The name of the desk.")
@click.option(
    "--as", "email", required=True, help="Who imports: notes of unknown people stand under this name."
)
@click.option("--source", default="", help="Tells several installations of one system apart.")
@click.option("--dry-run", is_flag=True, help="Say what would come and what cannot; change nothing.")
@click.option(
    "--map", "columns", multiple=True, metavar="HEADING=FIELD", help="csv: which column holds what."
)
@click.option(
    "--status", multiple=True, metavar="WORD=MEANING", help="What a status of the other system means."
)
@click.option("--priority", multiple=True, metavar="WORD=MEANING", help="What a priority there means.")
@click.option(
    "--attachments",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where files lie that an export only names; else in `attachments` beside it.",
)
@click.option("--letters", default="", help="csv: how it is written, as cp932; else it is found out.")
@click.option("--own", multiple=True, metavar="ADDRESS", help="mbox: a former address of ours.")
@click.option(
    "--solved-before", type=click.DateTime(["%Y-%m-%d"]), help="mbox: what was last said before is solved."
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Default: import-report.jsonl"
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def import_(
    *,
    system: str,
    files: tuple[Path, ...],
    company: str,
    desk: str,
    email: str,
    source: str,
    dry_run: bool,
    columns: tuple[str, ...],
    status: tuple[str, ...],
    priority: tuple[str, ...],
    attachments: Path | None,
    letters: str,
    own: tuple[str, ...],
    solved_before: datetime | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Bring cases and customers of another system in, with their own dates. Nobody is told or written to.

    Begun again it takes only what is new. Exit codes: 1 when something could not come in (the report says what and
    why), 3 when it was stopped (Ctrl-C) before its end.
    """
    click.get_current_context().with_resource(translation.override(language_of_shell()))
    meanings = _meanings(status, priority)
    opened = running.SOURCES[system](
        files, Asked(_columns(columns), _letters(letters), meanings, attachments)
    )
    point = _point(company, desk)
    target = target_of(
        point,
        source=f"{system}:{source}" if source else system,
        importer=_importer(email, point),
        also_ours=own,
        solved_before=solved_before.replace(tzinfo=TOKYO) if solved_before else None,
    )
    place = None if dry_run and report is None else report or Path("import-report.jsonl")
    work = running.preview if dry_run else partial(running.run, files=files)
    with Report(place) as done, _stoppable(), _bar(opened, hidden=as_json) as bar:
        finished = work(opened, target, report=done, progress=bar.update)
    _say(opened, done, finished=finished, dry_run=dry_run, as_json=as_json)
    sys.exit(STOPPED if not finished else 1 if done.failed else 0)


def _columns(written: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.rpartition("=") for one in written]
    for heading, _equals, field in pairs:
        if field not in NAMES or not heading:
            fields = ", ".join(NAMES)
            raise click.BadParameter(
                f"Write HEADING=FIELD, where FIELD is one of {fields}.", param_hint="--map"
            )
    return {field: heading for heading, _equals, field in pairs}


def _meanings(status: tuple[str, ...], priority: tuple[str, ...]) -> Meanings:
    statuses, priorities = (
        _said("--status", statuses_meant, status),
        _said("--priority", priorities_meant, priority),
    )
    return Meanings(statuses, priorities)


def _said(option: str, read: Callable[[Iterable[str]], Meant], written: tuple[str, ...]) -> Meant:
    try:
        return read(written)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def _letters(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        raise click.BadParameter(f"Nobody knows letters called {name}.", param_hint="--letters") from None


def _point(company: str, desk: str) -> EntryPoint:
    """Through which address of the desk what is said goes on. Raises BadParameter."""
    with scope.everywhere(reason=_SHELL):
        found = Desk.objects.filter(company=company_of(company), name=desk, active=True).first()
        if found is None:
            raise click.BadParameter(f"{company} has no desk called {desk}.", param_hint="--desk")
        point = first_mail_point(found.pk)
    if point is None:
        raise click.BadParameter(f"{desk} has no mail address to answer from.", param_hint="--desk")
    return point


def _importer(email: str, point: EntryPoint) -> int:
    """Somebody who reads the cases of this desk. Raises BadParameter."""
    actor = actor_named(email)
    if not actor.may(Permission.CASE_READ, company=point.company_id, desk=point.desk_id):
        raise click.BadParameter(f"{actor.name} does not read this desk's cases.", param_hint="--as")
    assert actor.id is not None
    return actor.id


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C ends it after the record at hand; a second one at once, which loses no more than a few records."""

    def stop(*_about: object) -> None:
        ask_to_stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _bar(source: Source, *, hidden: bool) -> Any:
    return click.progressbar(
        length=source.size,
        label="Importing",
        file=sys.stderr,
        hidden=hidden or not sys.stderr.isatty(),
        update_min_steps=max(source.size // 500, 1),
    )


def _say(source: Source, done: Report, *, finished: bool, dry_run: bool, as_json: bool) -> None:
    if as_json:
        said = {
            "finished": finished,
            "dry_run": dry_run,
            "guessed": dict(source.guessed),
            "counts": {kind: dict(counts) for kind, counts in done.counts.items()},
            "meanings": [{**asdict(word), "count": count} for word, count in done.meanings()],
            "report": str(done.path) if done.path and done.lines else None,
            "first": done.first,
        }
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for name, guess in source.guessed.items():
        click.echo(f"{name:<12} {guess}")
    for kind, counts in done.counts.items():
        for outcome, count in counts.items():
            click.echo(f"{kind:<12} {count:>9,} {_WORDS[outcome][not dry_run]}")
    for word, count in done.meanings():
        became = word.became.replace("_", "-") or f"? Nobody knows it. Say --{word.what} '{word.written}=…'"
        click.echo(f"{word.what:<12} {count:>9,} {word.written or '(none)'} → {became}")
    for line in done.first:
        click.echo(f"  {line['place']}: {line['reason']}", err=True)
    if done.path and done.lines:
        click.echo(f"{done.lines:,} lines in {done.path}", err=True)
    if not finished:
        click.echo("Stopped. Begun again it goes on from here.", err=True)
