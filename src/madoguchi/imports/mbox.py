"""Mail in a file (mbox), the oldest first, whatever the order in the file.

The form is that of RFC 4155: a mail begins with a line `From `, an address and a date, at the beginning of the file or
after an empty line; a line like it within a mail is written with `>` before it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from madoguchi.channels.email.headers import date_of, message_ids_of
from madoguchi.channels.email.structure import MOST_BYTES, structure
from madoguchi.imports.records import Bad, Mail, Record
from madoguchi.imports.sources import Asked, Meter, Source
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused

_BEGINS = re.compile(rb"From (?=.*\d:\d\d)(?=.*\b(?:19|20)\d\d\b)")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEAD = 64 * 1024
_LONGEST_LINE = 1024 * 1024
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mail stands in a file, and when it was sent: by its own word, else as the mail before it."""

    sent: datetime
    file: int
    number: int
    begin: int
    end: int


def open_mbox(paths: tuple[Path, ...], _asked: Asked) -> Source:
    """Look at mailboxes. Raises Refused for what is none."""
    for path in paths:
        with path.open("rb") as file:
            if not _BEGINS.match(file.readline(1000)):
                raise Refused(
                    _(
                        "%(file)s is no mbox file: it does not begin with a line of From, an address and a date."
                    )
                    % {"file": path.name}
                )
    size = sum(path.stat().st_size for path in paths)
    return Source(size=size, records=lambda meter: _mails(paths, meter))


def _mails(paths: tuple[Path, ...], meter: Meter) -> Iterator[Record]:
    """Of all mails only places and dates are held in memory."""
    places = [place for n, path in enumerate(paths) for place in _places(path, n)]
    places.sort(key=lambda place: (place.sent, place.file, place.number))
    for place in places:
        path, length = paths[place.file], place.end - place.begin
        name = f"{path.name} #{place.number}"
        meter.done += length
        if length > MOST_BYTES:
            yield Bad(name, _("It is larger than %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
            continue
        with path.open("rb") as file:
            file.seek(place.begin)
            raw = _QUOTED.sub(rb"\1", file.read(length).partition(b"\n")[2])
        yield Mail(_name_of(raw), raw, place.sent if place.sent > _EARLIEST else None, name)


def _name_of(raw: bytes) -> str:
    """The Message-ID with a mark of the bytes, for broken programs send many mails under one."""
    found = message_ids_of(_first(raw[:_HEAD], "message-id"))
    return " ".join([*(one[:120] for one in found[:1]), hashlib.sha256(raw).hexdigest()[:32]])


def _places(path: Path, number_of_file: int) -> Iterator[_Place]:
    before = _EARLIEST
    with path.open("rb") as file, path.open("rb") as again:
        for number, (begin, end) in enumerate(_bounds(file), 1):
            again.seek(begin)
            before = _sent_at(again.read(min(_HEAD, end - begin))) or before
            yield _Place(before, number_of_file, number, begin, end)


def _bounds(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Where mails begin and end, the line that parts them among what is theirs."""
    begin, at, blank = None, 0, True
    while line := file.readline(_LONGEST_LINE):
        if blank and _BEGINS.match(line):
            if begin is not None:
                yield begin, at
            begin = at
        blank = not line.strip(b"\r\n")
        at += len(line)
    if begin is not None:
        yield begin, at


def _sent_at(head: bytes) -> datetime | None:
    """When a mail was sent: by its Date, else by the line before it; never in the future."""
    line, _end, rest = head.partition(b"\n")
    written = line.decode("ascii", "replace").strip().split(" ", 2)
    dates = (date_of(_first(rest, "date")), date_of(written[-1]))
    return next((at for at in dates if at and _EARLIEST < at <= clock.now()), None)


def _first(head: bytes, name: str) -> str:
    """The first value of a field of a mail's head."""
    end = re.search(rb"\r?\n\r?\n", head)
    return structure(head[: end.end()] if end else head, lambda _word: None).first(name)
