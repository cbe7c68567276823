"""Who hears whom on one call, every 20 ms, and what is recorded of it: the caller on the left, ours on the right."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np

from madoguchi.channels.phone.browser import SILENCE
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.sounds import RATE, SIDES, WIDTH, head_of_wav
from madoguchi.infra.growing import Growing
from madoguchi.voice.terms import CALLER

# So long a talk is recorded at most.
LONGEST = 2 * 60 * 60 * RATE * WIDTH * SIDES

# So many pieces are held back before they are written: a key is known by its tone only after some of it was heard.
HELD_BACK = 5


def mixed(pieces: Iterable[bytes]) -> bytes:
    """What is heard of several who speak at once."""
    heard = list(pieces)
    if len(heard) == 1:
        return heard[0]
    total = sum((np.frombuffer(piece, "<i2").astype(np.int32) for piece in heard), np.zeros(1, np.int32))
    clipped = np.clip(total, -32768, 32767).astype("<i2")
    return clipped.tobytes() if heard else SILENCE


class Recording:
    """Two sides as they are heard, kept while they grow."""

    def __init__(self, growing: Growing) -> None:
        self.growing = growing
        self._held: deque[bytes] = deque()

    @property
    def length(self) -> int:
        """How many bytes of both there are."""
        return self.growing.length + sum(map(len, self._held))

    def blank(self) -> None:
        """What was heard just now, and is not yet written, is silence: it may hold some of a key."""
        self._held = deque(bytes(len(piece)) for piece in self._held)

    def keep(self, left: bytes, right: bytes) -> None:
        """The next piece of both."""
        if self.length < LONGEST:
            both = np.column_stack((np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")))
            self._held.append(both.tobytes())
        if len(self._held) > HELD_BACK:
            self.growing.write(self._held.popleft())

    def wav(self) -> Iterator[bytes]:
        """All of it as a file, piece by piece; nothing is kept any more."""
        while self._held:
            self.growing.write(self._held.popleft())
        self.growing.settle()
        yield head_of_wav(self.length, sides=SIDES)
        yield from self.growing.read()


class Ours(Protocol):
    """The sound of somebody of ours, in a browser or at a telephone. `port` is given back by who drops it (0: none)."""

    port: int

    def is_silent(self, now: float) -> bool:
        """Whether nothing was heard of them for so long (by `monotonic`) that they are gone."""

    def take(self) -> bytes:
        """The next 20 ms of what they say, or silence."""

    def send(self, piece: bytes) -> None:
        """Say 20 ms to them."""

    def close(self) -> None:
        """End it."""


class Talk:
    """The people of one call beside its caller; at `ringing` telephones they are not heard yet. What is recorded
    `grows` in a file that is begun then.
    """

    def __init__(self, grows: Callable[[], Growing]) -> None:
        self._grows = grows
        self.legs: dict[int, Ours] = {}
        self.ringing: dict[int, Ours] = {}
        self.recording: Recording | None = None
        self._hears: Mapping[int, tuple[int, ...]] = {}
        self._secret = False

    def bridge(self, hears: Iterable[tuple[int, tuple[int, ...]]]) -> None:
        """Who hears whom from now on."""
        self._hears = dict(hears)

    def record(self, *, on: bool) -> None:
        """Whether what is said is recorded from now on, or silence in its place."""
        self.recording = self.recording or Recording(self._grows())
        self._secret = not on

    def blank(self) -> None:
        """A key was pressed: it may have been heard before that was known."""
        if self.recording:
            self.recording.blank()

    def exchange(self, caller: Leg) -> bytes | None:
        """Pass on the next 20 ms; what the caller is to hear, or None where what is played to them goes on."""
        if not self.legs:
            return None
        said = {CALLER: caller.take(), **{person: leg.take() for person, leg in self.legs.items()}}
        for person, leg in self.legs.items():
            leg.send(self._heard_by(person, said) or SILENCE)
        heard = self._heard_by(CALLER, said)
        if heard is not None and self.recording:
            self.recording.keep(
                *((SILENCE, SILENCE) if self._secret or caller.hushes else (said[CALLER], heard))
            )
        return heard

    def _heard_by(self, listener: int, said: Mapping[int, bytes]) -> bytes | None:
        speakers = self._hears.get(listener)
        return None if speakers is None else mixed(said[one] for one in speakers if one in said)
