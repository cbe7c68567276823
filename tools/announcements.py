"""Makes the announcements that come with the phone: `python tools/announcements.py`, rarely, by hand.

Speech is made by pyopenjtalk-plus (MIT; its voice “Mei” is CC BY 3.0, MMDAgent Project Team, Nagoya Institute of
Technology), which is not among our packages, being 140 MB: install it into an environment of its own. Tones and music
are our own. What comes out is kept in the repository, so nobody needs this to run or test.
"""

import tomllib
import wave
from pathlib import Path

import numpy as np
import pyopenjtalk

RATE = 8000
SOUNDS = Path(__file__).parents[1] / "src/madoguchi/channels/phone/sounds"
WORDS = tomllib.loads((SOUNDS / "words.toml").read_text())
MELODY = (523.25, 659.25, 783.99, 659.25, 587.33, 698.46, 880.0, 698.46)


def spoken(text: str) -> np.ndarray:
    """The words at 8 kHz, cut at 3.4 kHz as a line does, as loud as a voice on the phone."""
    sound, rate = pyopenjtalk.tts(text)
    spectrum = np.fft.rfft(sound)
    length = int(len(sound) * RATE / rate)
    kept = spectrum[: length // 2 + 1].copy()
    kept[np.fft.rfftfreq(length, 1 / RATE) > 3400] = 0
    narrow = np.fft.irfft(kept, length)
    return narrow / np.abs(narrow).max() * 0.6


def tone(frequency: float, seconds: float) -> np.ndarray:
    """A sine that begins and ends softly."""
    at = np.arange(int(RATE * seconds)) / RATE
    edge = np.minimum(1, np.minimum(at, seconds - at) / 0.02)
    return 0.3 * np.sin(2 * np.pi * frequency * at) * edge


def write(name: str, sound: np.ndarray) -> None:
    """One WAV file: 8 kHz, 16 bits, mono."""
    with wave.open(str(SOUNDS / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    for name, text in WORDS.items():
        write(name, spoken(text))
    write("beep", tone(1000, 0.4))
    write("music", np.concatenate([tone(f, 0.5) * 0.5 for f in MELODY * 2]))
