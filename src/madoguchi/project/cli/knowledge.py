"""`madoguchi knowledge`: all articles of a company out as files, and in."""

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge import archive
from madoguchi.knowledge.actions.archive import Fate, bring_in, foresee, take_along
from madoguchi.knowledge.loose import As, NotRead, articles_of

_SHELL = "whoever has the command line of an installation moves its companies' articles"
_BY = system("command line")


@click.group()
def knowledge() -> None:
    """What a company knows: its articles, as files."""


@knowledge.command("export")
@click.argument("prefix")
@click.argument("to", type=click.Path(path_type=Path))
def export(*, prefix: str, to: Path) -> None:
    """Write all articles, with all versions, of the company whose case numbers begin with PREFIX: into a new zip, or
    for a name without .zip into a new folder.
    """
    company = _company(prefix)
    with scope.acting_for([company.pk]):
        articles = take_along(company, by=_BY)
    try:
        files = archive.write(to, articles)
    except OSError as error:
        raise click.ClickException(f"{to}: {os.strerror(error.errno or 0)}") from error
    click.echo(json.dumps({"articles": len(articles), "files": files}))


@knowledge.command("import")
@click.argument("prefix")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do it; without this one sees what would become of each article.")
@click.option(
    "--dry-run", is_flag=True, help="Only show what would become of each, which is so without --yes, too."
)
@click.option(
    "--approved", is_flag=True, help="Markdown and tables come in approved, in force from now, not as drafts."
)
def import_(*, prefix: str, files: tuple[Path, ...], yes: bool, dry_run: bool, approved: bool) -> None:
    """Bring articles in, a JSON object a line for each: an archive (a zip or a folder, as `export` writes it), Markdown
    (files, or a folder or zip of them with their pictures) or tables (CSV). What is there already is left as it is.

    Exit codes: 0 done, 1 these are no articles, 2 --yes and --dry-run together, 3 some were refused.
    """
    if yes and dry_run:
        raise click.UsageError("--dry-run shows, --yes does. Choose one of them.")
    company = _company(prefix)
    try:
        found = articles_of(files, As(approved, clock.now()), most=archive.MOST_BYTES)
    except archive.NoArchive as error:
        raise click.ClickException(str(error)) from error
    articles = [one for one in found if isinstance(one, archive.KeptArticle)]
    with scope.acting_for([company.pk]):
        fates = (bring_in if yes else foresee)(company, articles, by=_BY)
    unread = [Fate("", one.place, "refused", reason=one.reason) for one in found if isinstance(one, NotRead)]
    for fate in (*fates, *unread):
        click.echo(json.dumps(asdict(fate), ensure_ascii=False))
    counts = Counter(fate.state for fate in (*fates, *unread))
    click.echo(json.dumps({"done": yes, **counts}), err=True)
    if counts["refused"]:
        raise SystemExit(3)


def _company(prefix: str) -> Company:
    with scope.everywhere(reason=_SHELL):
        found = Company.objects.filter(prefix=prefix).first()
    if found is None:
        raise NotFound(f"There is no company whose case numbers begin with {prefix}.")
    return found
