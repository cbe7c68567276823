"""Recordings that people upload, as telephones have them: 8 kHz, 16 bits, one side. Pure."""

import io
import wave
from enum import StrEnum
from typing import Any

import numpy as np

RATE, WIDTH = 8000, 2
MOST_SECONDS, LEAST_SECONDS = 120.0, 0.2
_MOST_RATE, _MOST_SIDES = 192_000, 2
# What a telephone carries of a voice ends there (Hz).
_HIGHEST = 3_600
_TAPS = 101


class Wrong(StrEnum):
    """What is wrong with a file."""

    NOT_WAV = "not wav"
    KIND = "kind"
    LONG = "long"
    SHORT = "short"


class NoRecording(ValueError):
    """A file cannot be used as a recording."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def as_telephone(content: bytes) -> bytes:
    """The samples of a WAV file as a telephone carries them. Raises NoRecording."""
    sound, rate = _read(content)
    if len(sound) > MOST_SECONDS * rate:
        raise NoRecording(Wrong.LONG)
    if len(sound) < LEAST_SECONDS * rate:
        raise NoRecording(Wrong.SHORT)
    if rate != RATE:
        sound = _at_rate(sound, rate)
    return bytes(np.clip(np.round(sound * 32767), -32768, 32767).astype("<i2").tobytes())


def _read(content: bytes) -> tuple[Any, int]:
    """What is in the file between -1 and 1, its sides taken together."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            sides, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            most = int(rate * (MOST_SECONDS + 1))
            raw = file.readframes(min(file.getnframes(), most))
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        raise NoRecording(Wrong.NOT_WAV) from error
    usual = 1 <= sides <= _MOST_SIDES and width in (1, 2, 3, 4) and RATE <= rate <= _MOST_RATE
    if not usual:
        raise NoRecording(Wrong.KIND)
    flat = _numbers(raw[: len(raw) - len(raw) % (width * sides)], width)
    return flat.reshape(-1, sides).mean(axis=1), rate


def _numbers(raw: bytes, width: int) -> Any:
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(parts), 4), np.uint8)
        wide[:, 1:] = parts
        return wide.view("<i4").ravel().astype(np.float64) / 2**31
    return np.frombuffer(raw, f"<i{width}").astype(np.float64) / 2 ** (8 * width - 1)


def _at_rate(sound: Any, rate: int) -> Any:
    """At the rate of telephones; what lies above what they carry is taken out first, or it would come back as noise."""
    taps = _TAPS * max(1, round(rate / 48_000))
    middle = np.arange(taps) - (taps - 1) / 2
    low = np.sinc(2 * _HIGHEST / rate * middle) * np.hamming(taps)
    smooth = np.convolve(sound, low / low.sum(), mode="same")
    count = int(len(sound) * RATE / rate)
    return np.interp(np.arange(count) * (rate / RATE), np.arange(len(smooth)), smooth)
