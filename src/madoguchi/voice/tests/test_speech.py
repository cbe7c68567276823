"""Words that are spoken for callers, by a program that stands in for the voice."""

import stat
from pathlib import Path

import pytest
from django.test import override_settings

from madoguchi.channels.phone.sounds import as_wav
from madoguchi.kernel.errors import Refused
from madoguchi.voice.speech import MOST_WORDS, can_speak, spoken

SOUND = as_wav(b"\x00\x20" * 8000)


def voice(folder: Path, *lines: str) -> str:
    """A program that does this in place of speaking."""
    (folder / "sound.wav").write_bytes(SOUND)
    program = folder / "voice"
    program.write_text("\n".join(("#!/bin/sh", f"cd {folder}", *lines)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_the_words_go_in_and_sound_comes_out(tmp_path: Path) -> None:
    with override_settings(SPEECH=voice(tmp_path, 'echo "$@" > asked', "cat > words", "cat sound.wav")):
        assert can_speak()
        assert spoken(" お電話\x07ありがとうございます。\n") == SOUND
    assert (tmp_path / "words").read_text() == "お電話ありがとうございます。"
    assert (tmp_path / "asked").read_text().split()[0] == "-I"  # nothing of ours is in its way


@pytest.mark.parametrize("words", ["", " \n", "あ" * (MOST_WORDS + 1)])
def test_no_words_and_too_many_are_not_spoken(tmp_path: Path, words: str) -> None:
    with override_settings(SPEECH=voice(tmp_path, "touch asked")), pytest.raises(Refused) as refused:
        spoken(words)
    assert (refused.value.field, (tmp_path / "asked").exists()) == ("words", False)


@pytest.mark.parametrize("lines", [("exit 1",), ("kill -9 $$",)])
def test_a_voice_that_fails_is_told(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with override_settings(SPEECH=voice(tmp_path, *lines)), pytest.raises(Refused, match="MADOGUCHI_SPEECH"):
        spoken("はい")


@pytest.mark.parametrize("program", ["/nowhere/python"])
def test_a_voice_that_is_not_there_is_told(program: str) -> None:
    with override_settings(SPEECH=program), pytest.raises(Refused, match="MADOGUCHI_SPEECH"):
        spoken("はい")
