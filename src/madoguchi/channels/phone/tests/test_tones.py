"""Keys that are tones in the sound: each is heard, and nothing else is taken for one."""

import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone.sounds import FOLDER, FRAME, names
from madoguchi.channels.phone.tones import HIGH, KEYS, LOW, Tones


def tone(key: str, *, milliseconds: int, loud: float, louder: float = 1.0) -> np.ndarray:
    row = next(at for at, keys in enumerate(KEYS) if key in keys)
    n = 2 * np.pi * np.arange(milliseconds * 8) / 8000
    return loud * (np.sin(LOW[row] * n) + louder * np.sin(HIGH[KEYS[row].index(key)] * n))


def heard(sound: np.ndarray) -> str:
    tones, samples = Tones(), np.clip(sound, -32768, 32767).astype("<i2")
    return "".join(tones.heard(samples[at : at + FRAME].tobytes()) for at in range(0, len(samples), FRAME))


@given(
    key=st.sampled_from("".join(KEYS)),
    begins=st.integers(0, FRAME),
    milliseconds=st.integers(50, 500),
    loud=st.floats(400, 12000),
    louder=st.floats(0.5, 2),
)
def test_each_key_is_heard_once_however_it_begins(
    key: str, begins: int, milliseconds: int, loud: float, louder: float
) -> None:
    sound = np.random.default_rng(begins).normal(0, loud / 30, 8000)
    sound[320 + begins : 320 + begins + milliseconds * 8] += tone(
        key, milliseconds=milliseconds, loud=loud, louder=louder
    )

    assert heard(sound) == key


def test_the_same_key_twice_is_two_keys() -> None:
    pressed = np.concatenate((tone("5", milliseconds=70, loud=3000), np.zeros(70 * 8)))

    assert heard(np.tile(pressed, 3)) == "555"


@pytest.mark.parametrize("name", sorted(names()))
def test_what_is_spoken_or_played_is_no_key(name: str) -> None:
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        assert heard(np.frombuffer(file.readframes(file.getnframes()), "<i2")) == ""


@pytest.mark.parametrize(
    "frequencies",
    [(697,), (440, 480), (1209, 1336), (697, 1209, 1000)],
    ids=lambda each: "+".join(map(str, each)),
)
def test_other_tones_are_no_key(frequencies: tuple[int, ...]) -> None:
    n = 2 * np.pi * np.arange(8000) / 8000

    assert heard(sum(5000 * np.sin(one * n) for one in frequencies)) == ""  # type: ignore[arg-type]
