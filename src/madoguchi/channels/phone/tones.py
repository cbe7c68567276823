"""Keys that are heard as tones in the sound itself (ITU-T Q.23), as of lines that have no other way to send them. Pure.

A window of 40 ms moves on by 10 ms. It holds a key where one tone of each group stands far above the others of its
group, both are about as loud, and hardly anything else is heard: speech and music have more beside them.
"""

from math import pi
from typing import Final

import numpy as np

from madoguchi.channels.phone.sounds import FRAME, RATE

KEYS: Final = ("123A", "456B", "789C", "*0#D")
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
# About -37 dBm0: what is softer is no key (Q.24).
SOFTEST = 300.0
# Of all that is heard, so much are the two tones; each is so many times as strong as the next of its group.
PURE, ALONE = 0.75, 4.0
# By so much one may be stronger than the other: 8 dB.
TWIST = 6.3
WINDOW, STEP = 2 * FRAME, FRAME // 2
# A key is heard in so many windows in a row, and ends after so many without it: 20 ms that are lost, or come twice, are
# bridged, and a pause of 40 ms is one none the less (Q.24).
SURE, ENDS = 2, 4
# A tone may be off by 1.5 % (Q.24): each is looked for beside its place, too.
_BESIDE = np.outer((1.0, 0.985, 0.9925, 1.0075, 1.015), (*LOW, *HIGH))
_PHASES = 2 * pi * np.outer(_BESIDE, np.arange(WINDOW)) / RATE
# So much of a tone is found that two tones alone come to the energy of all.
_SHARE = np.hanning(WINDOW) * 2**0.5 / np.hanning(WINDOW).sum()
_WAVES = np.vstack((np.cos(_PHASES) * _SHARE, np.sin(_PHASES) * _SHARE)).astype(np.float32)


class Tones:
    """The keys of one line; `sounds` where what was heard last may be of one."""

    def __init__(self) -> None:
        self._samples = np.zeros(WINDOW - STEP, "<i2")
        self._key = self._found = ""
        self._in_a_row = self._without = 0
        self.sounds = False

    def heard(self, sound: bytes) -> str:
        """The keys that begin to be heard with these samples, if any."""
        self._samples, begun = np.concatenate((self._samples, np.frombuffer(sound, "<i2"))), ""
        self.sounds = False
        while len(self._samples) >= WINDOW:
            begun += self._begins(key_in(self._samples[:WINDOW]))
            self._samples = self._samples[STEP:]
            self.sounds = self.sounds or bool(self._key or self._found)
        return begun

    def _begins(self, found: str) -> str:
        self._in_a_row = self._in_a_row + 1 if found == self._found else 1
        self._found = found
        self._without = 0 if found == self._key else self._without + 1
        if found and found != self._key and self._in_a_row == SURE:
            self._key, self._without = found, 0
            return found
        if self._without >= ENDS:
            self._key = ""
        return ""


def key_in(samples: np.ndarray) -> str:
    """The key of one window of samples; empty where it holds none."""
    sound = samples.astype(np.float32)
    energy = float(sound @ sound) / WINDOW
    if energy < SOFTEST**2 / 2:
        return ""
    parts = _WAVES @ sound
    found = (parts[: _BESIDE.size] ** 2 + parts[_BESIDE.size :] ** 2).reshape(_BESIDE.shape[0], 8)
    best = found.max(axis=0).tolist()
    low, high = best[:4], best[4:]
    strong, other = max(low), max(high)
    if not strong / TWIST < other < strong * TWIST or strong + other < PURE * energy:
        return ""
    if sorted(low)[-2] * ALONE > strong or sorted(high)[-2] * ALONE > other:
        return ""
    return KEYS[low.index(strong)][high.index(other)]
