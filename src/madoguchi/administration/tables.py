"""Tables that are uploaded in the settings: read as files, and what became of their lines said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _

from madoguchi.look.toasts import say


class Kept(Protocol):
    """How many lines of a table are new, and how many changed what was there."""

    @property
    def added(self) -> int: ...
    @property
    def changed(self) -> int: ...


@contextmanager
def as_file(table: Any) -> Iterator[Path]:
    """An uploaded table as a file, for as long as it is read."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(table.read())
        yield path


def say_kept(request: HttpRequest, kept: Kept) -> None:
    """Say what became of the lines of a table."""
    words = {"added": kept.added, "changed": kept.changed}
    say(request, text=_("%(added)s added, %(changed)s changed.") % words)
