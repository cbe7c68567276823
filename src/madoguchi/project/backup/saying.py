"""How backup and restore speak: how far they are, and what went wrong."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import psycopg

from madoguchi.project.backup.archive import BackupDamaged
from madoguchi.project.backup.making import NothingToKeep
from madoguchi.project.backup.restoring import NotRestorable
from madoguchi.project.backup.sealing import SealError
from madoguchi.project.backup.server import DumpFailed

_SAID = (BackupDamaged, NothingToKeep, NotRestorable, SealError, DumpFailed, psycopg.Error, OSError)


@contextmanager
def in_words() -> Iterator[None]:
    """What went wrong, as one line and exit code 1."""
    try:
        yield
    except _SAID as error:
        raise click.ClickException(str(error).strip()) from error


@contextmanager
def counting(label: str, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Megabytes as they go by, on one line of a terminal. How many there will be, a dump cannot say before."""
    total = 0
    shown = not hidden and sys.stderr.isatty()

    def count(size: int) -> None:
        nonlocal total
        total += size
        if shown:
            click.echo(f"\r{label} {total / 1e6:,.1f} MB (Ctrl-C stops)", nl=False, err=True)

    try:
        yield count
    finally:
        if shown:
            click.echo(err=True)
