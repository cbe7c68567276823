"""The structure of a mail: its headers and parts, each a place in the bytes, however crooked they are.

Nothing is copied or decoded before somebody asks, so that a bomb costs a bounded number of looks at it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from madoguchi.channels.email import charsets
from madoguchi.channels.email.headers import parameters_of

Headers = dict[str, list[str]]
Warn = Callable[[str], None]

MOST_BYTES: Final = 100_000_000
MOST_HEAD: Final = 1_000_000
MOST_VALUE: Final = 200_000
MOST_PARTS: Final = 1_000
DEEPEST: Final = 50
_MOST_SCANNED: Final = 500_000_000
_FIRST_LOOK: Final = 20_000
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_ANY_MAIL_HAS: Final = frozenset(
    {"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version", "content-type"}
)

_HEAD_END: Final = re.compile(rb"\n\r?\n")
_FIELD: Final = re.compile(r"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r?\n|\r|\Z)")
# Fields that tell a stray line among headers from the first line of a body that no blank line announces.
_KNOWN_FIELD: Final = re.compile(
    r"\n(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|in-reply-to"
    r"|references|return-path|sender|delivered-to|x-[a-z0-9-]+)[ \t]*:",
    re.IGNORECASE,
)
_UNDECLARED: Final = re.compile(
    rb"\n--([^\r\n]{0,199}[^ \t\r\n])[ \t]*+\r?\ncontent-[a-z-]+[ \t]*:", re.IGNORECASE
)
_PART_HEAD: Final = re.compile(rb"\s*content-[a-z-]+[ \t]*:", re.IGNORECASE)
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_BYTES: Final = "application/octet-stream"


@dataclass(slots=True)
class Part:
    """One part: its headers (raw values by lower-case name), its type, and either parts of its own or a body."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    raw: bytes = field(repr=False)
    start: int
    end: int
    parts: list["Part"] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return self.raw[self.start : self.end]

    def first(self, name: str) -> str:
        values = self.headers.get(name)
        return values[0] if values else ""


def structure(raw: bytes, warn: Warn) -> Part:
    """The parts of a mail. Never raises; `warn` is told what was broken, and what was cut off."""
    if len(raw) > MOST_BYTES:
        warn("cut-size")
        raw = raw[:MOST_BYTES]
    if raw.startswith(_UTF_16):  # a file that an editor has saved
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    raw = raw.lstrip(b" \t\r\n").removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    elif b"\r\r\n" in raw[:_FIRST_LOOK]:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    root = _Reader(raw, warn).part(0, len(raw), depth=0, default="text/plain")
    if b"\0" in raw[:_FIRST_LOOK] and not root.headers.keys() & _ANY_MAIL_HAS:
        warn("not-a-mail")
        root = Part({}, "text/plain", {}, b"", 0, 0)
    return root


@dataclass(slots=True)
class _Reader:
    """Reads one mail; the counters bound what nested and repeated parts may cost."""

    raw: bytes
    warn: Warn
    parts: int = 0
    scanned: int = 0

    def part(self, start: int, end: int, *, depth: int, default: str) -> Part:
        self.parts += 1
        headers, body = self._head(start, end)
        value, parameters = parameters_of(_first(headers, "content-type"))
        part = Part(headers, _type(value, default), parameters, self.raw, body, end)
        if part.content_type.startswith("multipart/"):
            self._divide(part, depth)
        elif depth == 0 and not value and (boundary := self._undeclared(body, min(end, body + 2_000))):
            self._divide_at(part, boundary, depth)
        return part

    # --- headers ----------------------------------------------------------------------------------

    def _head(self, start: int, end: int) -> tuple[Headers, int]:
        """The headers of a part, and where its body begins."""
        if self.raw.startswith((b"\n", b"\r\n"), start, end):
            return {}, self.raw.index(b"\n", start) + 1
        limit = min(end, start + MOST_HEAD)
        blank = _HEAD_END.search(self.raw, start, limit)
        head_end, body = (blank.start(), blank.end()) if blank else (limit, limit)
        if not blank and limit < end:
            self.warn("cut-header")
            head_end = self.raw.rfind(b"\n", start, limit) + 1 or limit
            body = _after_blank_line(self.raw, head_end, end)
        head = self.raw[start:head_end].decode("ascii", "surrogateescape")
        if "\r" in head:
            head = head.replace("\r\n", "\n").replace("\r", "\n")
        headers, read = self._fields(head)
        if read < len(head):
            body = _offset_of_line(self.raw, start, head.count("\n", 0, read))
        if not head.isascii():
            _decode_raw_bytes(headers)
        return headers, body

    def _fields(self, head: str) -> tuple[Headers, int]:
        """The fields of a head, and how far it is one: text may follow that no blank line announces."""
        headers: Headers = {}
        at, last = 0, -1
        while at < len(head):
            found = _FIELD.match(head, at)
            if found is None:
                line_end = head.find("\n", at) % (len(head) + 1)
                last = _last_known_field(head) if last < 0 else last
                if not self._is_stray(head[at:line_end], at, among_fields=line_end <= last):
                    break
                at = line_end + 1
                continue
            value = found[2].strip(" \t\n")
            if len(value) > MOST_VALUE:
                self.warn("cut-header")
                value = value[:MOST_VALUE]
            headers.setdefault(found[1].lower(), []).append(value)
            at = found.end()
        return headers, min(at, len(head))

    def _is_stray(self, line: str, at: int, *, among_fields: bool) -> bool:
        """Whether a line that is no field is passed over, since fields go on behind it."""
        if not line.strip() or (at == 0 and line.startswith(("From ", ">From "))):
            return True
        if among_fields:
            self.warn("broken-header")
        elif at:
            self.warn("broken-structure")
        return among_fields

    # --- parts ------------------------------------------------------------------------------------

    def _divide(self, part: Part, depth: int) -> None:
        if depth >= DEEPEST or self.scanned > _MOST_SCANNED:
            self.warn("cut-nesting")
            return
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
        if boundary and self._divide_at(part, boundary, depth):
            return
        undeclared = self._undeclared(part.start, min(part.end, part.start + _FIRST_LOOK))
        if undeclared and undeclared != boundary:
            self.warn("broken-structure")
            self._divide_at(part, undeclared, depth)
        elif not boundary or self.raw[part.start : part.start + _FIRST_LOOK].strip():
            self.warn("broken-structure")

    def _divide_at(self, part: Part, boundary: bytes, depth: int) -> bool:
        """Read the parts between these boundaries; whether there is any."""
        self.scanned += part.end - part.start
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for start, end in self._places(part, boundary):
            if self.parts >= MOST_PARTS:
                self.warn("cut-parts")
                break
            part.parts.append(self.part(start, end, depth=depth + 1, default=default))
        _regroup(part, boundary)
        return bool(part.parts)

    def _places(self, part: Part, boundary: bytes) -> Iterator[tuple[int, int]]:
        """Where parts lie. One that was never opened, never closed, or follows the closing mark is a part too."""
        mark = re.compile(rb"\n--" + re.escape(boundary) + rb"(?:[ \t]*(--))?[ \t]*\r?(?=\n|\Z)")
        opened, closed = 0, False
        for found in mark.finditer(self.raw, max(part.start - 1, 0), part.end):
            end = found.start() - self.raw.startswith(b"\r", found.start() - 1)
            if opened:
                yield opened, max(opened, end)
            elif not closed and _PART_HEAD.match(self.raw, part.start, max(part.start, end)):
                self.warn("broken-structure")
                yield part.start, end
            closed = bool(found[1])
            opened = 0 if closed else min(found.end() + 1, part.end)
        if opened:
            self.warn("broken-structure")
            yield opened, part.end

    def _undeclared(self, start: int, end: int) -> bytes:
        """A boundary that the text uses though no header names it."""
        found = _UNDECLARED.search(self.raw, max(start - 1, 0), end)
        return found[1] if found else b""


def _regroup(part: Part, boundary: bytes) -> None:
    """Where a part has the boundary of the whole, its texts lie beside it instead of in it."""
    for at, child in enumerate(part.parts):
        if (
            not child.parts
            and child.parameters.get("boundary", "").encode("utf-8", "surrogateescape") == boundary
        ):
            texts = list(takewhile(lambda one: one.content_type.startswith("text/"), part.parts[at + 1 :]))
            child.parts = texts
            del part.parts[at + 1 : at + 1 + len(texts)]
            return


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return values[0] if values else ""


def _last_known_field(head: str) -> int:
    return max((found.start() for found in _KNOWN_FIELD.finditer(head)), default=0)


def _type(value: str, default: str) -> str:
    if not value:
        return default
    if _TYPE.fullmatch(value):
        return value
    word = value.split()[0] if value.split() else ""
    if _TYPE.fullmatch(word):  # "text/plain charset=utf-8"
        return word
    return _BYTES if "/" in value else "text/plain"


def _after_blank_line(raw: bytes, start: int, end: int) -> int:
    blank = _HEAD_END.search(raw, start, end)
    return blank.end() if blank else end


def _offset_of_line(raw: bytes, start: int, number: int) -> int:
    for _ in range(number):
        line = _LINE.match(raw, start)
        start = line.end() if line else start
    return start


def _decode_raw_bytes(headers: Headers) -> None:
    """Values with raw 8-bit bytes become text; what charset the body claims is a hint."""
    _, parameters = parameters_of(_first(headers, "content-type"))
    hint = parameters.get("charset", "")
    for values in headers.values():
        for at, value in enumerate(values):
            if not value.isascii():
                data = value.encode("utf-8", "surrogateescape")
                values[at] = charsets.decode(data, charsets.UTF_8 if charsets.is_utf8(data) else hint).text
