"""Makes the announcements that come with the phone: `python tools/announcements.py`, rarely, by hand.

Speech is made by pyopenjtalk-plus (MIT; its voice “Mei” is CC BY 3.0, MMDAgent Project Team, Nagoya Institute of
Technology), which is not among our packages, being 140 MB: install it into an environment of its own. Tones and music
are our own. What comes out is kept in the repository, so nobody needs this to run or test.
"""

import wave
from pathlib import Path

import numpy as np
import pyopenjtalk

RATE = 8000
SOUNDS = Path(__file__).parents[1] / "src/madoguchi/channels/phone/sounds"
WORDS = {
    "greeting": "お電話ありがとうございます。",
    "menu": "折り返しのお電話をご希望の方は、いちを。ご伝言を残される方は、にを、押してください。",
    "menu-wait": "担当者とお話しになる方は、いちを。折り返しのお電話をご希望の方は、にを。"
    "ご伝言を残される方は、さんを、押してください。",
    "again": "恐れ入りますが、もう一度お願いいたします。",
    "closed": "ただいまの時間は、受付時間外です。",
    "leave": "発信音のあとに、お名前とご用件をお話しください。お話は録音いたします。"
    "終わりましたら、シャープを押すか、そのままお切りください。",
    "message-taken": "ご伝言をお預かりしました。お電話ありがとうございました。",
    "call-back-taken": "折り返しのお電話を承りました。担当者からおかけします。お電話ありがとうございました。",
    "withheld": "番号が通知されていないため、折り返しのお電話ができません。",
    "wait": "ただいま、担当者におつなぎしています。このままお待ちください。",
    "busy": "ただいま、大変混み合っております。",
    "many": "ただいま、多くのお客様にお待ちいただいております。",
    "goodbye": "お電話ありがとうございました。",
    **{f"position-{n}": f"ただいま、{n}番目にお待ちです。" for n in range(1, 6)},
}
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
