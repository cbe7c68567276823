"""What people upload becomes what a telephone carries, or is told apart with a reason."""

import io
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.voice.samples import as_telephone
from madoguchi.voice.telephone import RATE, WIDTH, NoRecording, Wrong


def wav(samples: bytes, *, rate: int = RATE, width: int = 2, sides: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(sides)
        written.setsampwidth(width)
        written.setframerate(rate)
        written.writeframes(samples)
    return file.getvalue()


def tone(hertz: float, *, rate: int, seconds: float = 1.0, width: int = 2, sides: int = 1) -> bytes:
    """A tone at half of what is possible, on each side."""
    wave_form = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    both = np.repeat(wave_form, sides)
    if width == 1:
        return wav((both * 127 + 128).astype(np.uint8).tobytes(), rate=rate, width=1, sides=sides)
    whole = (both * (2 ** (8 * width - 1) - 1)).astype("<i4")
    parts = whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    return wav(parts, rate=rate, width=width, sides=sides)


def heard(samples: bytes) -> tuple[int, float]:
    """The strongest frequency (to 10 Hz), and how loud it all is."""
    sound = np.frombuffer(samples, "<i2").astype(float) / 32768
    spectrum = np.abs(np.fft.rfft(sound))
    strongest = np.fft.rfftfreq(len(sound), 1 / RATE)[spectrum.argmax()]
    return int(round(float(strongest), -1)), round(float(np.sqrt((sound**2).mean())), 2)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize(("width", "sides"), [(2, 1), (2, 2)])
def test_a_tone_stays_the_tone_it_was(rate: int, width: int, sides: int) -> None:
    samples = as_telephone(tone(1000, rate=rate, width=width, sides=sides))
    assert len(samples) == RATE * 2
    tone_heard, loud = heard(samples)
    assert (tone_heard, loud >= 0.33) == (1000, True)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_any_width_is_read(width: int) -> None:
    assert heard(as_telephone(tone(700, rate=16000, width=width))) == (700, 0.35)


def test_an_mp3_file_is_read_as_a_wav_file_is() -> None:
    content = (Path(__file__).parent / "tone.mp3").read_bytes()

    for tags in (b"", b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)):
        sound = as_telephone(tags + content)
        assert (heard(sound)[0], RATE <= len(sound) // WIDTH <= RATE * 1.2) == (440, True)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"ID3" + bytes(50), Wrong.NOT_WAV),
        (b"\xff\xfb\x90\x64" + bytes(4000), Wrong.NOT_WAV),
        ("long", Wrong.LONG),
    ],
)
def test_what_only_says_that_it_is_mp3_or_is_too_long_is_told(content: bytes | str, wrong: Wrong) -> None:
    if isinstance(content, str):
        content = (Path(__file__).parent / "tone.mp3").read_bytes() * 125

    with pytest.raises(NoRecording) as error:
        as_telephone(content)

    assert error.value.wrong == wrong


def test_what_no_telephone_carries_does_not_come_back_as_noise() -> None:
    assert heard(as_telephone(tone(7000, rate=48000)))[1] == 0.0


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", Wrong.NOT_WAV),
        (b"ID3\x04" + bytes(2000), Wrong.NOT_WAV),  # MP3
        (wav(bytes(32000))[:30], Wrong.NOT_WAV),
        (tone(500, rate=8000, seconds=0.1), Wrong.SHORT),
        (wav(bytes(8000 * 2 * 121)), Wrong.LONG),
        (wav(bytes(4000 * 2), rate=4000), Wrong.KIND),
        (wav(bytes(8000 * 2 * 4), sides=4), Wrong.KIND),
        (wav(bytes(96000 * 2), rate=96000), Wrong.KIND),
        (wav(bytes(170_000 * 117), rate=170_000, width=1), Wrong.KIND),
    ],
)
def test_what_cannot_be_used_is_told(content: bytes, wrong: Wrong) -> None:
    with pytest.raises(NoRecording) as error:
        as_telephone(content)
    assert error.value.wrong == wrong


@pytest.mark.parametrize("file", [wav(bytes(8000 * 2 * 121)), wav(bytes(170_000), rate=170_000, width=1)])
def test_what_the_head_rules_out_is_never_read(file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(wave.Wave_read, "readframes")
    with pytest.raises(NoRecording):
        as_telephone(file)


def test_a_long_file_is_read_in_pieces_and_nothing_is_heard_where_they_meet() -> None:
    """As a stereo file of 44.1 kHz has it: the pieces of a second do not meet at a whole sample of 8 kHz."""
    samples = np.frombuffer(as_telephone(tone(1000, rate=44_100, seconds=3.3, sides=2)), "<i2") / 32768
    pure = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(samples)) / RATE)
    assert len(samples) == 26_400
    assert float(np.abs(samples - pure)[50:-50].max()) < 0.01


def test_as_much_as_may_be_uploaded_takes_little_room() -> None:
    file = wav(bytes(48_000 * 2 * 2 * 100), rate=48_000, sides=2)
    tracemalloc.start()
    samples = as_telephone(file)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(samples), most < 40_000_000) == (RATE * WIDTH * 100, True)


@given(st.binary(max_size=300), st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_any_bytes_are_sound_or_told(noise: bytes, place: int) -> None:
    content = wav(bytes(6400))
    try:
        samples = as_telephone(content[:place] + noise + content[place:])
    except NoRecording:
        return
    assert len(samples) % 2 == 0
