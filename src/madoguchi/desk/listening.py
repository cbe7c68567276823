"""Recordings over HTTP: piece by piece, and from any place on, so that a player can go to the middle of a long talk."""

import re
from collections.abc import Iterator
from io import SEEK_END
from typing import BinaryIO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.A)


def played(file: BinaryIO, wanted: str) -> HttpResponseBase:
    """A recording, or the part of it that a browser wants (the header Range). The file is closed when it was sent."""
    size = file.seek(0, SEEK_END)
    part = part_of(wanted, size)
    if part is None:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = part
    response = StreamingHttpResponse(_pieces(file, first, last - first + 1), content_type="audio/wav")
    response["Accept-Ranges"], response["Content-Length"] = "bytes", str(last - first + 1)
    if wanted and _RANGE.fullmatch(wanted):
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def part_of(wanted: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that are wanted (RFC 9110 14.1.2); all for what says nothing that we know, None for
    what is not there.
    """
    match = _RANGE.fullmatch(wanted)
    if match is None or not (match[1] or match[2]):
        return 0, size - 1
    if not match[1]:
        length = min(int(match[2]), size)
        return (size - length, size - 1) if length else None
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    return (first, last) if first <= last else None


def _pieces(file: BinaryIO, first: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
