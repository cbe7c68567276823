"""Recordings over HTTP: piece by piece, and from any place on, so that a player goes to the middle of a long talk; and
how loud each side is when, to be drawn beside it.
"""

import re
import wave
from collections.abc import Iterator
from io import SEEK_END
from typing import BinaryIO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 1 << 16
# So many strokes are drawn, each the loudest of so many samples spread over its time.
STROKES, LOOKED_AT = 400, 2000
SIDES, WIDTH, LOUDEST = (1, 2), 2, 1 << 15
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


def shape_of(file: BinaryIO) -> dict[str, object] | None:
    """How long a WAV file is, and how loud each side is from its begin to its end (0 to 100); None for what cannot be
    read as one of 16 bits. Reads all of it, a stroke's time at once, and looks at some of its samples.
    """
    size = file.seek(0, SEEK_END)
    file.seek(0)
    try:
        with wave.open(file, "rb") as sound:
            sides, rate = sound.getnchannels(), sound.getframerate()
            frames = min(sound.getnframes(), size // WIDTH // sides)
            if sides not in SIDES or sound.getsampwidth() != WIDTH or not rate:
                return None
            each = max(1, -(-frames // STROKES))
            strokes = [_loudness(sound.readframes(each), sides) for _at in range(0, frames, each)]
    except (wave.Error, EOFError):
        return None
    return {"seconds": frames / rate, "sides": [list(side) for side in zip(*strokes, strict=True)]}


def _loudness(samples: bytes, sides: int) -> list[int]:
    heard = memoryview(samples[: len(samples) // (WIDTH * sides) * WIDTH * sides]).cast("h")
    step = max(1, len(heard) // sides // LOOKED_AT) * sides
    some = [heard[side::step].tolist() or [0] for side in range(sides)]
    return [max(max(side), -min(side)) * 100 // LOUDEST for side in some]
