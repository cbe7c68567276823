"""Objects of JSON files, one after the other, however long the file is: a line each, in a list, or in lists by name."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from madoguchi.imports.places import line_of
from madoguchi.imports.sources import Meter
from madoguchi.kernel.errors import Refused

Found = dict[str, Any]
_CHUNK = 1 << 16
MOST_OF_AN_OBJECT = 64 * 1024 * 1024
# With one of these an object is a thing itself, and no wrapping around lists of things.
_OF_A_THING = frozenset(
    {"id", "url", "number", "subject", "title", "helpdesk_ticket", "user", "contact", "email"}
)
_BLANK = re.compile("[\ufeff \t\r\n]*")
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: where it stands, in which list, and what it holds; None where it cannot be read."""

    place: str
    section: str
    found: Found | None


def things_in(path: Path, sections: Collection[str], meter: Meter) -> Iterator[Thing]:
    """The objects of a file: JSON Lines, a list, or lists under some of these names. Raises Refused for neither."""
    before = meter.done
    with path.open("rb") as raw:
        text = _Text(raw)
        opening = text.peek()
        if opening not in ("[", "{"):
            raise Refused(
                _("%(file)s is no JSON file: it begins with neither an object nor a list.")
                % {"file": path.name}
            )
        is_wrapped = opening == "{" and _wraps(path, sections)
        found = _lines(raw, path) if opening == "{" and not is_wrapped else _listed(text, path, sections)
        for thing in found:
            meter.done = before + raw.tell()
            yield thing


def _wraps(path: Path, sections: Collection[str]) -> bool:
    """Whether an object has lists by name in it before anything that a thing has."""
    with path.open("rb") as raw:
        text = _Text(raw)
        try:
            for key in text.members():
                if key in _OF_A_THING:
                    return False
                if key in sections and text.peek() == "[":
                    return True
                text.value()
        except (ValueError, RecursionError):
            return False
    return False


def _lines(raw: IO[bytes], path: Path) -> Iterator[Thing]:
    raw.seek(0)
    number = 0
    while line := raw.readline(MOST_OF_AN_OBJECT):
        number += 1
        if line.strip():
            yield Thing(line_of(path.name, number), "", _object(line))


def _object(line: bytes) -> Found | None:
    try:
        found = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _listed(text: "_Text", path: Path, sections: Collection[str]) -> Iterator[Thing]:
    number = 0
    try:
        for section in text.lists(sections):
            for found in text.elements():
                number += 1
                yield Thing(f"{path.name} #{number}", section, found if isinstance(found, dict) else None)
    except (ValueError, RecursionError):
        yield Thing(f"{path.name} #{number + 1} and all after it", "", None)


class _Text:
    """The letters of a file, of which only some are held: those from `_at` on were not taken yet. Its methods raise
    ValueError for what is no JSON.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._held, self._at = "", 0
        self._bytes = b""

    def peek(self) -> str:
        """The next letter that is not blank; empty at the end."""
        while True:
            self._at = _blank_until(self._held, self._at)
            if self._at < len(self._held) or not self._more():
                return self._held[self._at : self._at + 1]

    def take(self, letter: str) -> bool:
        """Whether this letter comes next; it is passed then."""
        is_next = self.peek() == letter
        self._at += is_next
        return is_next

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                found, end = _decoder.raw_decode(self._held, self._at)
                if end < len(self._held) or not self._more():
                    self._at = end
                    return found
            except ValueError:
                if len(self._held) - self._at > MOST_OF_AN_OBJECT or not self._more():
                    raise

    def members(self) -> Iterator[str]:
        """The keys of the next object; who is given one takes its value before the next."""
        self._need("{")
        while not self.take("}"):
            key = self.value()
            self._need(":")
            yield str(key)
            self.take(",")

    def elements(self) -> Iterator[Any]:
        """The values of the next list."""
        self._need("[")
        while not self.take("]"):
            yield self.value()
            self.take(",")

    def lists(self, sections: Collection[str]) -> Iterator[str]:
        """The names of the lists that come, one after the other, each to be taken; nameless if they stand alone."""
        while opening := self.peek():
            if opening == "[":
                yield ""
                continue
            for key in self.members():
                if key in sections and self.peek() == "[":
                    yield key
                else:
                    self.value()

    def _need(self, letter: str) -> None:
        if not self.take(letter):
            raise ValueError(f"{letter} is missing")

    def _more(self) -> bool:
        left = self._held[self._at :]
        chunk = self._raw.read(max(_CHUNK, len(left)))
        if not chunk and not self._bytes:
            return False
        read, self._bytes = self._bytes + chunk, b""
        cut = _whole_letters(read) if chunk else len(read)
        self._bytes = read[cut:]
        self._held, self._at = left + read[:cut].decode("utf-8", "replace"), 0
        return True


def _blank_until(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _whole_letters(read: bytes) -> int:
    """How many bytes of these are whole letters."""
    for back in range(1, min(4, len(read)) + 1):
        byte = read[-back]
        if byte < 0x80:
            return len(read)
        if byte >= 0xC0:
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(read) if back >= wanted else len(read) - back
    return len(read)
