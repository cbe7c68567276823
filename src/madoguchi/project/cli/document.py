"""`madoguchi document`: papers about what was bought."""

import json
import os
from pathlib import Path

import click
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.commerce.documents.document import missing_from
from madoguchi.commerce.documents.kinds import kind_named
from madoguchi.commerce.documents.paper import as_pdf, lacking
from madoguchi.commerce.documents.said import as_words
from madoguchi.commerce.documents.written import MOST_BYTES, read_document
from madoguchi.kernel.errors import MadoguchiError
from madoguchi.project.cli.commands import set_up_django


@click.group()
def document() -> None:
    """Invoices, receipts, delivery notes and return slips."""


@document.command()
@click.argument("kind")
@click.argument("file")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the paper here.")
def preview(kind: str, file: str, *, pdf: Path | None) -> None:
    """Print what a document comes to, and the tax by rate, as JSON (format: docs/documents.md). Nothing is kept.

    KIND is invoice (適格請求書), receipt (領収書), delivery-note (納品書) or return-slip (返品伝票).
    `-` is standard input.
    """
    set_up_django()
    with translation.override(_language()):
        try:
            _preview(kind, file, pdf)
        except MadoguchiError as error:
            raise click.ClickException(str(error)) from error


def _preview(kind: str, file: str, pdf: Path | None) -> None:
    found = read_document(kind_named(kind), _content(file))
    click.echo(json.dumps(as_words(found), ensure_ascii=False))
    missing = missing_from(found)
    if missing and pdf is not None:
        raise click.ClickException(lacking(missing))
    if missing:
        click.echo(lacking(missing), err=True)
    if pdf is not None:
        _write(pdf, as_pdf(found))


def _content(file: str) -> bytes:
    try:
        with click.open_file(file, "rb") as opened:
            read: bytes = opened.read(MOST_BYTES + 1)
            return read
    except (OSError, ValueError) as error:
        raise click.ClickException(_("The file %(file)s cannot be read.") % {"file": file}) from error


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except (OSError, ValueError) as error:
        raise click.ClickException(_("The file %(file)s cannot be written.") % {"file": file}) from error


def _language() -> str:
    """The language of whoever types, as the shell says it."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "ja" if said.startswith("ja") else "en"
