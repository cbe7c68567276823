"""What is said on calls, written down by a program that stands in for a recogniser: it knows tones."""

import contextlib
import sys
import textwrap
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from madoguchi.cases.models import Attachment
from madoguchi.channels.phone.sounds import head_of_wav
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.tests.test_text import luhn_digit
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice import transcripts
from madoguchi.voice.keeping import let_recordings_go, set_recording_days
from madoguchi.voice.models import Recording, RecordingTerm
from madoguchi.voice.tests.test_keeping import recorded, with_sound
from madoguchi.voice.transcripts import (
    NotRecognised,
    Piece,
    recognised,
    transcribe_recordings,
    without_cards,
    written,
)

# It hears, second by second and side by side, the words that a tone stands for.
HEARS = """
    import io, json, sys, wave
    WORDS = {440: "届きません", 1000: "お調べします", 1800: "番号は 4111 1111 1111 1111 です"}
    with wave.open(io.BytesIO(sys.stdin.buffer.read())) as file:
        sides, rate, data = file.getnchannels(), file.getframerate(), file.readframes(file.getnframes())
    samples = memoryview(data).cast("h")
    for side in range(sides):
        one = samples[side::sides].tolist() if sides == 1 else list(samples)[side::sides]
        for second in range(len(one) // rate):
            piece = one[second * rate : (second + 1) * rate]
            crossings = sum(a < 0 <= b for a, b in zip(piece, piece[1:]))
            for tone, words in WORDS.items():
                if abs(crossings - tone) < 20:
                    print(json.dumps({"begin": second, "end": second + 1, "side": side, "text": words}))
"""


def program(folder: Path, lines: str) -> str:
    path = folder / "recogniser.py"
    path.write_text(textwrap.dedent(lines))
    return f"{sys.executable} -I {path}"


def sound(*both: tuple[int, int]) -> bytes:
    """A talk: each second a tone on each side (0: silence)."""
    at = np.arange(8000) / 8000
    seconds = [
        np.column_stack([np.sin(2 * np.pi * tone * at + 0.1) * 9000 for tone in pair]) for pair in both
    ]
    samples = np.concatenate(seconds).astype("<i2").tobytes()
    return head_of_wav(len(samples), sides=2) + samples


def test_who_says_what_when_is_written_down_in_order(tmp_path: Path, settings: Any) -> None:
    settings.RECOGNISER = program(tmp_path, HEARS)
    pieces = recognised(sound((440, 0), (0, 1000), (1800, 0)))
    assert pieces == [
        Piece(0.0, 0, "届きません"),
        Piece(1.0, 1, "お調べします"),
        Piece(2.0, 0, "番号は ■■■■ ■■■■ ■■■■ 1111 です"),
    ]
    assert written(pieces[:2], sides=True).splitlines()[2:] == [
        "0:00 お客様: 届きません",
        "0:01 オペレーター: お調べします",
    ]


SCRIPTS = ("0123456789", "０１２３４５６７８９", "〇一二三四五六七八九")


@example("97000000000001", "3", [3], "0123456789", "", "")
@given(
    st.text("0123456789", min_size=14, max_size=14),
    st.sampled_from("3456"),
    st.lists(st.integers(0, 16), max_size=5),
    st.sampled_from(SCRIPTS),
    st.sampled_from(["", " "]),
    st.text("0123456789", max_size=11),
)
def test_no_card_number_is_kept_however_it_is_said_and_wherever_somebody_pauses(
    middle: str, first: str, pauses: list[int], script: str, between: str, other: str
) -> None:
    card = first + middle + luhn_digit(first + middle)
    ends = sorted({0, 16, *pauses})
    said = [between.join(script[int(one)] for one in card[a:b]) for a, b in pairwise(ends)]
    asked = [f"{n} {other}" for n in range(len(said))]
    both = zip(said, asked, strict=True)
    pieces = [Piece(float(n), side, text) for n, pair in enumerate(both) for side, text in enumerate(pair)]

    kept = without_cards(pieces)

    assert [(one.begin, one.side, len(one.text)) for one in kept] == [
        (one.begin, one.side, len(one.text)) for one in pieces
    ]
    theirs = "".join(one.text for one in kept if one.side == 0).replace(" ", "")
    assert theirs == "■" * 12 + "".join(script[int(one)] for one in card[-4:])


@pytest.mark.parametrize(
    "lines",
    [
        "raise SystemExit(3)",
        "print('nonsense')",
        "print('[]')",
        "print('{\"begin\": 1}')",
        "print('\\udcff')",
    ],
)
def test_what_fails_or_is_no_transcript_is_none(tmp_path: Path, settings: Any, lines: str) -> None:
    settings.RECOGNISER = program(tmp_path, lines)
    with pytest.raises(NotRecognised):
        recognised(sound((440, 0)))
    settings.RECOGNISER = str(tmp_path / "nothing")
    with pytest.raises(NotRecognised):
        recognised(sound((440, 0)))


@pytest.mark.django_db(transaction=True)
def test_the_words_stand_beside_the_recording_and_go_with_it(
    world: World, tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.RECOGNISER = ""
    case, kept = with_sound(world.ours, sound((440, 0), (0, 1000)))
    # Somebody has put the same recording elsewhere since: its words do not go there.
    other, _same = with_sound(world.ours, sound((440, 0), (0, 1000)))
    one = recorded(world.ours, kept.sha256, case=case)
    with world.ours.scope():
        one.call.talk_seconds = 2
        one.call.save()
    assert transcribe_recordings() == 0
    settings.RECOGNISER = program(tmp_path, HEARS)
    assert [transcribe_recordings() for _time in range(2)] == [1, 0]

    with world.ours.scope():
        names = list(
            Attachment.objects.filter(message__case=case).order_by("pk").values_list("filename", flat=True)
        )
        assert names == ["talk.wav", "talk.txt"]
        assert [one.filename for one in Attachment.objects.filter(message__case=other)] == ["talk.wav"]
        held = Recording.objects.get()
        text = files.read(held.transcript, company=world.ours.company.pk).decode()
        assert "0:00 お客様: 届きません\n0:01 オペレーター: お調べします\n" in text
        assert Event.objects.filter(kind="call.transcribed").count() == 1
        set_recording_days(world.ours.company, days=30, by=actor_of(world.ours.company_manager))
        Recording.objects.update(at=clock.now() - timedelta(days=40))
        RecordingTerm.objects.update(begins_at=None, days_before=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert let_recordings_go(spared=lambda _cases: set()) == 1
    with world.ours.scope():
        assert not Attachment.objects.filter(message__case=case).exists()
    for digest in (kept.sha256, held.transcript):
        with pytest.raises(FileNotFoundError):
            files.read(digest, company=world.ours.company.pk)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_recognised_is_not_tried_again(world: World, tmp_path: Path, settings: Any) -> None:
    settings.RECOGNISER = program(tmp_path, "raise SystemExit(3)")
    case, kept = with_sound(world.ours, b"no sound")
    recorded(world.ours, kept.sha256, case=case)
    assert [transcribe_recordings() for _time in range(2)] == [0, 0]
    with world.ours.scope():
        assert Recording.objects.get().transcribed_at is not None
        assert Attachment.objects.filter(message__case=case).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_ends_in_the_middle_is_begun_three_times_and_with_nothing_held(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECOGNISER = "unused"
    held = []

    def dies(_sound: bytes) -> list[Piece]:
        held.append((scope.known(), connection.in_atomic_block))
        raise KeyboardInterrupt

    monkeypatch.setattr(transcripts, "recognised", dies)
    case, kept = with_sound(world.ours, sound((440, 0)))
    first = recorded(world.ours, kept.sha256, case=case)
    for _time in range(4):
        with contextlib.suppress(KeyboardInterrupt):
            transcribe_recordings()

    with world.ours.scope():
        first.refresh_from_db()
    assert (held, first.transcript_tries, first.transcribed_at) == ([(None, False)] * 3, 3, None)
