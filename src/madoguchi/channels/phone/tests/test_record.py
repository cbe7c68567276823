"""A call that is over, as bytes and as an arrival."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from madoguchi.channels.phone.channel import PhoneChannel
from madoguchi.channels.phone.record import CallRecord, decode, encode, without_sound
from madoguchi.infra.files import Kept
from madoguchi.kernel.channel import Channel, Clue, File, Party, Unreadable

WAV = File("message.wav", "audio/wav", b"", kept="ab" * 32, kept_size=1234)
CALL = CallRecord(
    uid="0a1b",
    caller="+819012345678",
    subject="電話の伝言",
    text="お客様から伝言(0:12)がありました。",
    language="ja",
    files=(WAV,),
)


@pytest.mark.parametrize(
    "call",
    [
        CALL,
        replace(CALL, files=()),
        replace(CALL, files=(WAV, File("空.wav", "audio/wav", b"", kept="0" * 64, kept_size=0))),
        replace(CALL, caller="", name="山田", token="abc123def456", follows="0a1a"),
        replace(CALL, text='"引用"\n\\バックスラッシュ\u2028', language="en"),
    ],
    ids=["message", "no sound", "two sounds", "all that may be known", "awkward words"],
)
def test_what_is_written_is_read_back_and_is_the_same_bytes_each_time(call: CallRecord) -> None:
    raw = encode(call)

    assert decode(raw) == call
    assert encode(decode(raw)) == raw


def test_the_bytes_hold_words_as_they_are_and_keys_in_one_order() -> None:
    raw = encode(CALL).decode()

    assert '"caller":"+819012345678","files":[],"follows":"","language":"ja","name":"","recordings":[{' in raw
    assert f'"sha256":"{WAV.kept}","size":"1234"' in raw
    assert '"subject":"電話の伝言"' in raw
    assert raw.endswith('"uid":"0a1b","version":2}')


FILE = {"filename": "a", "content_type": "b"}


def changed(**parts: Any) -> bytes:
    return json.dumps(json.loads(encode(CALL)) | parts).encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no call: "),
        (b"{", "no call: "),
        (b"\xff\xfe", "no call: "),
        (b"[" * 100_000, "no call: "),
        (b"[]", "no call in version 2"),
        (b'"call"', "no call in version 2"),
        (b"{}", "no call in version 2"),
        (changed(version=3), "no call in version 2"),
        (changed(version="2"), "no call in version 2"),
        (changed(uid=None), "'uid' is missing or of the wrong kind in a call"),
        (changed(caller=819012345678), "'caller' is missing or of the wrong kind in a call"),
        (changed(recordings=None), "'recordings' is missing or of the wrong kind in a call"),
        (changed(recordings={}), "'recordings' is missing or of the wrong kind in a call"),
        (changed(recordings=["message.wav"]), "'sha256' is missing or of the wrong kind in a call"),
        (changed(recordings=[FILE]), "'sha256' is missing or of the wrong kind in a call"),
        (changed(recordings=[FILE | {"sha256": "ab" * 32}]), "'size' is missing or of the wrong kind"),
        (changed(recordings=[FILE | {"sha256": "../x", "size": "1"}]), "a recording of a call is not named"),
        (changed(recordings=[FILE | {"sha256": "ab" * 32, "size": "-1"}]), "a recording of a call is not"),
    ],
)
def test_bytes_that_are_no_call_say_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as error:
        decode(raw)

    assert str(error.value).startswith(reason)


def test_a_call_of_an_earlier_version_bears_its_sound() -> None:
    """Such may still wait for what is to be made of them, when the product becomes newer."""
    sound = FILE | {"content": "UklGRgD/"}

    read = decode(changed(version=1, files=[sound], recordings=None))

    assert read == replace(CALL, files=(File("a", "b", b"RIFF\x00\xff"),))
    for damaged in ("*", "UklGR", 7):
        with pytest.raises(Unreadable):
            decode(changed(version=1, files=[FILE | {"content": damaged}]))


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert decode(changed(mood="cheerful")) == CALL


def test_a_call_arrives_from_a_number_and_from_no_address() -> None:
    raw = encode(CALL)

    arrived = PhoneChannel().read(raw, own_addresses=[])

    assert (arrived.channel, arrived.external_id) == (Channel.PHONE, "call.0a1b@madoguchi.invalid")
    assert (arrived.sender, arrived.phone) == (Party("", ""), "+819012345678")
    assert (arrived.subject, arrived.text, arrived.new_text) == (CALL.subject, CALL.text, CALL.text)
    assert (arrived.files, arrived.language) == ((WAV,), "ja")
    assert arrived.fingerprint == hashlib.sha256(raw).digest()


@pytest.mark.parametrize(
    ("known", "clues"),
    [
        ({}, [("message_id", "call.0a1b@madoguchi.invalid")]),
        (
            {"follows": "0a1a"},
            [
                ("message_id", "call.0a1b@madoguchi.invalid"),
                ("message_id", "call.0a1a@madoguchi.invalid"),
            ],
        ),
        (
            {"token": "abc123def456", "follows": "0a1a"},
            [
                ("token", "abc123def456"),
                ("message_id", "call.0a1b@madoguchi.invalid"),
                ("message_id", "call.0a1a@madoguchi.invalid"),
            ],
        ),
    ],
)
def test_a_case_is_looked_for_by_what_is_surest(known: dict[str, str], clues: list[tuple[str, str]]) -> None:
    arrived = PhoneChannel().read(encode(replace(CALL, **known)), own_addresses=[])  # type: ignore[arg-type]

    assert list(arrived.clues) == [Clue(kind, value) for kind, value in clues]


@pytest.mark.parametrize(
    ("part", "written", "arrives"),
    [
        ("text", "  行が\r\n二つ\x00  ", "行が\n二つ"),
        ("subject", "一行に\nする", "一行に する"),
        ("name", "か\u3099く\n太郎", "がく 太郎"),
        ("name", "名" * 300, "名" * 200),
    ],
)
def test_words_are_cleaned_on_their_way_in(part: str, written: str, arrives: str) -> None:
    arrived = PhoneChannel().read(encode(replace(CALL, **{part: written})), own_addresses=[])  # type: ignore[arg-type]

    assert (arrived.sender.name if part == "name" else getattr(arrived, part)) == arrives


def test_a_call_from_before_is_kept_without_its_sound() -> None:
    kept: list[bytes] = []

    def keep(sound: bytes) -> Kept:
        kept.append(sound)
        return Kept(WAV.kept, len(sound))

    old = changed(version=1, files=[FILE | {"content": "UklGRgD/"}], recordings=None)
    light = without_sound(old, keep=keep)

    assert (kept, len(light) < len(encode(CALL)) + 1) == ([b"RIFF\x00\xff"], True)
    assert decode(light) == replace(CALL, files=(File("a", "b", b"", kept=WAV.kept, kept_size=6),))
    for same in (light, encode(CALL), b"no call"):
        assert without_sound(same, keep=keep) == same
    assert len(kept) == 1
