"""Recordings that people upload, as telephones have them: 8 kHz, 16 bits, one side."""

import io
import wave
from typing import Any

import numpy as np

from madoguchi.voice.mp3 import is_mp3, wav_of
from madoguchi.voice.telephone import LEAST_SECONDS, MOST_SECONDS, RATE, NoRecording, Wrong

_MOST_RATE, _MOST_SIDES = 48_000, 2
# What a telephone carries of a voice ends there (Hz).
_HIGHEST = 3_600
_TAPS = 101


def as_telephone(content: bytes) -> bytes:
    """The samples of a WAV or MP3 file as a telephone carries them. Raises NoRecording."""
    sound, rate = _read(wav_of(content) if is_mp3(content) else content)
    if len(sound) < LEAST_SECONDS * rate:
        raise NoRecording(Wrong.SHORT)
    count = int(len(sound) * RATE / rate)
    made = np.empty(count, "<i2")
    for first in range(0, count, RATE):
        last = min(first + RATE, count)
        piece = sound[first:last] if rate == RATE else _at_rate(sound, rate, first, last)
        made[first:last] = np.clip(np.round(piece * 32767), -32768, 32767)
    return bytes(made.tobytes())


def _read(content: bytes) -> tuple[Any, int]:
    """What is in the file between -1 and 1, its sides taken together. What its head rules out is not read, and the rest
    second by second: numbers take many times the room of the file.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            sides, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if not (1 <= sides <= _MOST_SIDES and width in (1, 2, 3, 4) and RATE <= rate <= _MOST_RATE):
                raise NoRecording(Wrong.KIND)
            # A head may say more than there is, as that of a file that was written while it was recorded.
            there = min(file.getnframes(), len(content) // (width * sides))
            if there > MOST_SECONDS * rate:
                raise NoRecording(Wrong.LONG)
            pieces = [_one_side(file.readframes(rate), width, sides) for _second in range(0, there, rate)]
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        if isinstance(error, NoRecording):
            raise
        raise NoRecording(Wrong.NOT_WAV) from error
    return np.concatenate(pieces or [np.empty(0, np.float32)]), rate


def _one_side(raw: bytes, width: int, sides: int) -> Any:
    flat = _numbers(raw[: len(raw) - len(raw) % (width * sides)], width)
    return flat.reshape(-1, sides).mean(axis=1).astype(np.float32)


def _numbers(raw: bytes, width: int) -> Any:
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(parts), 4), np.uint8)
        wide[:, 1:] = parts
        return wide.view("<i4").ravel().astype(np.float64) / 2**31
    return np.frombuffer(raw, f"<i{width}").astype(np.float64) / 2 ** (8 * width - 1)


def _at_rate(sound: Any, rate: int, first: int, last: int) -> Any:
    """Some samples at the rate of telephones; what lies above what they carry is taken out first, or it would come back
    as noise.
    """
    middle = np.arange(_TAPS) - (_TAPS - 1) / 2
    low = np.sinc(2 * _HIGHEST / rate * middle) * np.hamming(_TAPS)
    places = np.arange(first, last) * (rate / RATE)
    begin, end = int(places[0]), min(int(places[-1]) + 2, len(sound))
    around = _TAPS // 2
    before, after = max(0, around - begin), max(0, end + around - len(sound))
    piece = np.pad(sound[max(0, begin - around) : end + around].astype(np.float64), (before, after))
    smooth = np.convolve(piece, low / low.sum(), mode="valid")
    return np.interp(places - begin, np.arange(len(smooth)), smooth)
