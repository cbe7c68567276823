"""Keys that are heard as tones in the sound itself (ITU-T Q.23), as of lines that have no other way to send them. Pure.

A window of 40 ms moves on by 20 ms. It holds a key where one tone of each group stands far above the others of its
group, both are about as loud, and hardly anything else is heard: speech and music have more beside them.
"""

from math import pi
from typing import Final

import numpy as np

from madoguchi.channels.phone.sounds import FRAME, RATE

KEYS: Final = ("123A", "456B", "789C", "*0#D")
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
# About -36 dBm0: what is softer is no key (Q.24).
SOFTEST = 300.0
# Of all that is heard, so much are the two tones; each is so many times as strong as the next of its group.
PURE, ALONE = 0.75, 4.0
# By so much one may be stronger than the other: 8 dB.
TWIST = 6.3
WINDOW = 2 * FRAME
_PHASES = 2 * pi * np.outer((*LOW, *HIGH), np.arange(WINDOW)) / RATE
# So much of a tone is found that two tones alone come to the energy of all.
_SHARE = np.hanning(WINDOW) * 2**0.5 / np.hanning(WINDOW).sum()
_WAVES = np.vstack((np.cos(_PHASES) * _SHARE, np.sin(_PHASES) * _SHARE)).astype(np.float32)


class Tones:
    """The keys of one line; `key` is the one that sounds just now."""

    def __init__(self) -> None:
        self._samples = np.zeros(FRAME, "<i2")
        self.key = ""

    def heard(self, sound: bytes) -> str:
        """The keys that begin to be heard with these samples, if any."""
        self._samples, begun = np.concatenate((self._samples, np.frombuffer(sound, "<i2"))), ""
        while len(self._samples) >= WINDOW:
            before, self.key = self.key, key_in(self._samples[:WINDOW])
            self._samples = self._samples[FRAME:]
            begun += self.key if self.key != before else ""
        return begun


def key_in(samples: np.ndarray) -> str:
    """The key of one window of samples; empty where it holds none."""
    sound = samples.astype(np.float32)
    energy = float(sound @ sound) / WINDOW
    if energy < SOFTEST**2 / 2:
        return ""
    parts = _WAVES @ sound
    found = (parts * parts).tolist()
    low, high = ([found[at] + found[at + 8] for at in group] for group in (range(4), range(4, 8)))
    strong, other = max(low), max(high)
    if not strong / TWIST < other < strong * TWIST or strong + other < PURE * energy:
        return ""
    if sorted(low)[-2] * ALONE > strong or sorted(high)[-2] * ALONE > other:
        return ""
    return KEYS[low.index(strong)][high.index(other)]
