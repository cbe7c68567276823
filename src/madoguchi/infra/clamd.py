"""Asking ClamAV whether a file holds something harmful: the INSTREAM command of clamd, over TCP or a socket file."""

import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings

_PIECE = 262_144
_SECONDS = 120
_SECONDS_TO_GREET = 5


class NotChecked(OSError):
    """The scanner could not be reached, or gave no verdict; the text is its own."""


class NoVerdict(NotChecked):
    """The scanner is there, but does not judge this file: it is too large for it, or made it hang up."""


def is_set_up() -> bool:
    """Whether this installation has a scanner."""
    return bool(settings.CLAMD)


def hears(place: str) -> None:
    """Ask the scanner at a place whether it is there. Raises NotChecked with its words or the system's."""
    try:
        with _connected(place, seconds=_SECONDS_TO_GREET) as line:
            line.sendall(b"zPING\0")
            answer = _answer(line)
    except OSError as error:
        raise NotChecked(error.strerror or f"{type(error).__name__}: {error}") from error
    if answer != "PONG":
        raise NotChecked(answer or "no answer")


def harm_in(content: bytes) -> str:
    """The name of what was found in a file; empty for a clean one. Raises NotChecked, or NoVerdict of this alone."""
    try:
        with _connected(settings.CLAMD, seconds=_SECONDS) as line:
            answer = _asked(line, content)
    except ConnectionResetError as error:
        raise NoVerdict(f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise NotChecked(f"{type(error).__name__}: {error}") from error
    verdict = answer.removeprefix("stream:").strip()
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise NoVerdict(answer or "no answer")


def _connected(place: str, *, seconds: float) -> socket.socket:
    parts = urlsplit(place)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(seconds)
        line.connect(parts.path)
        return line
    return socket.create_connection((parts.hostname, parts.port or 3310), timeout=seconds)


def _asked(line: socket.socket, content: bytes) -> str:
    """A scanner that has had enough of a large file answers and hangs up before the end; the answer counts."""
    with suppress(BrokenPipeError, ConnectionResetError):
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
    return _answer(line)


def _answer(line: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and (more := line.recv(4096)):
        answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
