"""`madoguchi knowledge`: all articles of a company out as files, and in."""

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge import archive
from madoguchi.knowledge.actions.archive import bring_in, foresee, take_along

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
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do it; without this one sees what would become of each article.")
def import_(*, prefix: str, file: Path, yes: bool) -> None:
    """Bring the articles of a zip or folder in, a JSON object a line for each. What is there already is left
    as it is.

    Exit codes: 0 done, 1 it is no archive of articles, 3 some were refused.
    """
    company = _company(prefix)
    try:
        articles = archive.articles_in(archive.read(file))
    except archive.NoArchive as error:
        raise click.ClickException(str(error)) from error
    with scope.acting_for([company.pk]):
        fates = (bring_in if yes else foresee)(company, articles, by=_BY)
    for fate in fates:
        click.echo(json.dumps(asdict(fate), ensure_ascii=False))
    counts = Counter(fate.state for fate in fates)
    click.echo(json.dumps({"done": yes, **counts}), err=True)
    if counts["refused"]:
        raise SystemExit(3)


def _company(prefix: str) -> Company:
    with scope.everywhere(reason=_SHELL):
        found = Company.objects.filter(prefix=prefix).first()
    if found is None:
        raise NotFound(f"There is no company whose case numbers begin with {prefix}.")
    return found
