"""Keys that are tones in the sound: each is heard, and nothing else is taken for one."""

import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone.sounds import FOLDER, FRAME, names
from madoguchi.channels.phone.tones import HIGH, KEYS, LOW, Tones


def tone(key: str, *, milliseconds: int, loud: float, louder: float = 1.0, pitch: float = 1.0) -> np.ndarray:
    row = next(at for at, keys in enumerate(KEYS) if key in keys)
    n = 2 * np.pi * pitch * np.arange(milliseconds * 8) / 8000
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
    pitch=st.floats(0.985, 1.015),
)
def test_each_key_is_heard_once_however_it_begins(
    key: str, begins: int, milliseconds: int, loud: float, louder: float, pitch: float
) -> None:
    sound = np.random.default_rng(begins).normal(0, loud / 30, 8000)
    sound[320 + begins : 320 + begins + milliseconds * 8] += tone(
        key, milliseconds=milliseconds, loud=loud, louder=louder, pitch=pitch
    )

    assert heard(sound) == key


@given(
    key=st.sampled_from("".join(KEYS)),
    begins=st.integers(0, FRAME - 1),
    at=st.integers(0, 13),
    becomes=st.sampled_from(["lost", "twice", "silent"]),
)
def test_a_key_of_which_a_piece_is_lost_or_comes_twice_is_one(
    key: str, begins: int, at: int, becomes: str
) -> None:
    sound = np.zeros(20 * FRAME)
    sound[3 * FRAME + begins :][:1600] = tone(key, milliseconds=200, loud=3000)
    pieces = [*sound.reshape(-1, FRAME)]
    piece = pieces[2 + at]
    pieces[2 + at : 3 + at] = {"lost": [], "twice": [piece, piece], "silent": [piece * 0]}[becomes]

    assert heard(np.concatenate(pieces)) == key


@given(key=st.sampled_from("".join(KEYS)), begins=st.integers(0, FRAME - 1), pause=st.integers(40, 80))
def test_the_same_key_twice_is_two_keys_also_where_a_machine_dials(key: str, begins: int, pause: int) -> None:
    pressed = np.concatenate((tone(key, milliseconds=50, loud=3000), np.zeros(pause * 8)))

    assert heard(np.concatenate((np.zeros(begins), np.tile(pressed, 3)))) == 3 * key


@pytest.mark.parametrize("name", sorted(names()))
def test_what_is_spoken_or_played_is_no_key(name: str) -> None:
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        assert heard(np.frombuffer(file.readframes(file.getnframes()), "<i2")) == ""


@pytest.mark.parametrize(
    "frequencies",
    [(697,), (440, 480), (1209, 1336), (697, 1209, 1000), (770 * 1.035, 1336 * 1.035)],
    ids=lambda each: "+".join(map(str, each)),
)
def test_other_tones_are_no_key(frequencies: tuple[int, ...]) -> None:
    n = 2 * np.pi * np.arange(8000) / 8000

    assert heard(sum(5000 * np.sin(one * n) for one in frequencies)) == ""  # type: ignore[arg-type]
