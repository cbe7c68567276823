"""The recordings that come with the phone: 8 kHz, 16 bits, mono. `tools/announcements.py` made them."""

import io
import tomllib
import wave
from collections import Counter, OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache, lru_cache
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

from madoguchi.infra.files import Kept

FOLDER = Path(__file__).parent / "sounds"
RATE, WIDTH = 8000, 2
# Of a talk the caller is on the left, and ours on the right.
SIDES = 2
FRAME = 160
FRAMES_A_SECOND = RATE // FRAME
# A part of a recording lasts so many seconds; the last one a little longer.
PART = 8
# Companies' own recordings by their hash, and whose each is; so many bytes of them are at hand, those wanted last.
_learned: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
_keeping = Lock()  # threads learn while calls are played
MOST_LEARNED = 200_000_000
# So many of them, too, are kept as they are sent.
MOST_SENT = 128


@cache
def names() -> frozenset[str]:
    """The recordings that there are."""
    return frozenset(file.stem for file in FOLDER.glob("*.wav"))


@cache
def words() -> Mapping[str, str]:
    """What those that speak say."""
    return tomllib.loads((FOLDER / "words.toml").read_text())


def is_there(name: str) -> bool:
    """Whether there is a recording of this name."""
    return name in names()


def is_known(digest: str) -> bool:
    """Whether a company's own recording is at hand, by its hash; who asks wants it."""
    with _keeping:
        there = digest in _learned
        if there:
            _learned.move_to_end(digest)
        return there


def learn(digest: str, samples: bytes, *, company: int) -> None:
    """Have a company's own recording at hand, to be played by its hash.

    Where that is too much, what was not wanted for longest goes of the company that has most at hand, so that a
    company with few recordings does not fall silent by those of one with many. What was just learned stays.
    """
    with _keeping:
        _learned[digest] = (company, samples)
        _learned.move_to_end(digest)
        held: Counter[int] = Counter()
        for whose, sound in _learned.values():
            held[whose] += len(sound)
        while held.total() > MOST_LEARNED and (others := [one for one in _learned if one != digest]):
            most = max((_learned[one][0] for one in others), key=held.__getitem__)
            held[most] -= len(_learned.pop(next(one for one in others if _learned[one][0] == most))[1])


def frames(name: str, payload_type: int) -> tuple[bytes, ...]:
    """A recording in pieces of 20 ms, as G.711 (µ-law 0, A-law 8) has them; one that is not at hand any more is a
    moment of silence, so that the call goes on.
    """
    if is_known(name):
        with suppress(KeyError):  # it went in this very moment
            return _as_sent(name, payload_type)
    return _usual_as_sent(name, payload_type) if is_there(name) else (silence(payload_type),)


@lru_cache(maxsize=MOST_SENT)
def _as_sent(digest: str, payload_type: int) -> tuple[bytes, ...]:
    return _in_pieces(_learned[digest][1], payload_type)


@cache
def _usual_as_sent(name: str, payload_type: int) -> tuple[bytes, ...]:
    return _in_pieces(that_comes_along(name), payload_type)


def _in_pieces(sound: bytes, payload_type: int) -> tuple[bytes, ...]:
    step = FRAME * WIDTH
    codec = _codec(payload_type)
    return tuple(codec.encode(sound[i : i + step].ljust(step, b"\0")) for i in range(0, len(sound), step))


def that_comes_along(name: str) -> bytes:
    """The samples of a recording that comes along."""
    with wave.open(str(FOLDER / f"{name}.wav"), "rb") as file:
        return file.readframes(file.getnframes())


@cache
def seconds_of(name: str) -> float:
    """How long a recording lasts."""
    with wave.open(str(FOLDER / f"{name}.wav"), "rb") as file:
        return file.getnframes() / file.getframerate()


def _codec(payload_type: int) -> Any:
    from aiortp.codecs import get_codec  # loads numpy, which pages that only name recordings do without

    return get_codec(payload_type)


def silence(payload_type: int) -> bytes:
    """20 ms of nothing."""
    return bytes(_codec(payload_type).encode(bytes(FRAME * WIDTH)))


def head_of_wav(length: int, *, sides: int = 1) -> bytes:
    """What stands before so many bytes of samples of 16 bits in a WAV file; those of several sides come by turns."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(sides)
        written.setsampwidth(WIDTH)
        written.setframerate(RATE)
        written.setnframes(length // WIDTH // sides)
        written.writeframesraw(b"")
        return file.getvalue()


def as_wav(samples: bytes, *, sides: int = 1) -> bytes:
    """Such samples as a WAV file."""
    return head_of_wav(len(samples), sides=sides) + samples


def length_of(samples: bytes) -> timedelta:
    """How long so many samples last."""
    return timedelta(seconds=len(samples) / WIDTH / RATE)


def length_of_wav(kept: Kept) -> timedelta:
    """How long a file of one side is that `head_of_wav` began."""
    return timedelta(seconds=(kept.size - len(head_of_wav(0))) / WIDTH / RATE)


def parts_of(seconds: float) -> int:
    """In how many parts a recording is played that lasts so long."""
    return max(1, ceil((seconds - 1) / PART))


def span_of(length: int, part: int) -> tuple[int, int]:
    """From which of so many bytes of samples to which one of its parts goes, from 0; (0, 0) if there is no such one."""
    step, count = PART * RATE * WIDTH, parts_of(length / WIDTH / RATE)
    if not 0 <= part < count:
        return 0, 0
    return part * step, length if part == count - 1 else (part + 1) * step
