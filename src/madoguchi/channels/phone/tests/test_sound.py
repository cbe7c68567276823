"""RTP as it comes from a caller: whose it is, which keys it bears, and what of it is kept (RFC 3550, RFC 4733)."""

import random
import struct
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiortp.codecs import get_codec

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.media import IN_ORDER, LONGEST_GAP, Address, Leg, Session
from madoguchi.channels.phone.sounds import as_wav, frames, is_there, length_of, silence

CALLER = ("192.0.2.7", 4000)
SOUND, KEYS = 0, 96
TONE = get_codec(SOUND).encode(b"\x00\x20" * 160)
HEARD = get_codec(SOUND).decode(TONE)
QUIET = bytes(320)


class Heard:
    """The sound of one call that is sent nowhere, and the keys that were heard on it."""

    def __init__(self, *, keys: int = KEYS) -> None:
        session = Session(SOUND, get_codec(SOUND), dtmf_payload_type=keys, **IN_ORDER)
        session.update_remote(CALLER)
        self.leg = Leg(session, payload_type=SOUND)
        self.keys: list[str] = []
        self.leg.on_key = self.keys.append
        self.number = 0

    def come(
        self,
        payload: bytes,
        *,
        kind: int = SOUND,
        stamp: int,
        ssrc: int = 77,
        source: tuple[str, int] = CALLER,
    ) -> None:
        """A packet comes in, the next in number."""
        self.number += 1
        head = struct.pack("!BBHII", 128, kind, self.number & 0xFFFF, stamp & 0xFFFFFFFF, ssrc)
        self.leg.session._handle_rtp(head + payload, source)

    def key(self, event: int, *, end: bool, length: int, stamp: int = 0, kind: int = KEYS) -> None:
        self.come(struct.pack("!BBH", event, (128 if end else 0) | 10, length), kind=kind, stamp=stamp)

    def say(self, *stamps: int, **more: object) -> None:
        for stamp in stamps:
            self.come(TONE, stamp=stamp, **more)  # type: ignore[arg-type]


def test_of_companies_recordings_those_are_at_hand_that_were_wanted_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sounds, "MOST_LEARNED", 1000)
    monkeypatch.setattr(sounds, "_learned", OrderedDict())
    for digest in ("one", "two", "three"):
        sounds.learn(digest, bytes(400), company=1)
        assert sounds.is_known("one")

    assert [sounds.is_known(digest) for digest in ("one", "two", "three")] == [True, False, True]
    assert len(sounds.frames("one", SOUND)) == 2
    assert sounds.frames("two", SOUND) == (silence(SOUND),)
    sounds.learn("two", bytes(640), company=1)
    assert len(sounds.frames("two", SOUND)) == 2


def test_a_company_with_many_recordings_takes_no_room_from_one_with_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sounds, "MOST_LEARNED", 1000)
    monkeypatch.setattr(sounds, "_learned", OrderedDict())
    sounds.learn("theirs", bytes(400), company=1)

    for number in range(5):
        sounds.learn(f"ours {number}", bytes(300), company=2)

    assert list(sounds._learned) == ["theirs", "ours 3", "ours 4"]


def test_what_was_just_learned_is_at_hand_even_where_it_is_the_largest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sounds, "MOST_LEARNED", 100)
    monkeypatch.setattr(sounds, "_learned", OrderedDict())
    for company in range(10):
        sounds.learn(f"of {company}", bytes(10), company=company)

    sounds.learn("large", bytes(11), company=99)

    assert list(sounds._learned) == [*(f"of {company}" for company in range(2, 10)), "large"]


def test_threads_learn_while_calls_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "MOST_LEARNED", 4_000)
    monkeypatch.setattr(sounds, "_learned", OrderedDict())
    names = [f"one {number}" for number in range(20)]

    def learn(company: int) -> None:
        for _time in range(20):
            for name in names:
                sounds.learn(f"{company} {name}", bytes(320), company=company)

    with ThreadPoolExecutor(3) as pool:
        learning = [pool.submit(learn, company) for company in (1, 2)]
        while not all(one.done() for one in learning):
            assert {len(sounds.frames(f"1 {name}", SOUND)) for name in names} == {1}
        assert [one.result() for one in learning] == [None, None]


def test_there_is_an_end_to_what_is_kept_as_it_is_sent() -> None:
    assert sounds._as_sent.cache_info().maxsize == sounds.MOST_SENT == 128


@pytest.mark.parametrize(
    ("event", "key"),
    [(0, "0"), (1, "1"), (9, "9"), (10, "*"), (11, "#"), (12, "A"), (15, "D")],
)
def test_each_key_has_its_number(event: int, key: str) -> None:
    heard = Heard()

    heard.key(event, end=True, length=800)

    assert heard.keys == [key]


@pytest.mark.parametrize("event", [16, 32, 99, 255])
def test_what_is_no_key_is_not_heard_as_one(event: int) -> None:
    heard = Heard()

    heard.key(event, end=True, length=800)

    assert heard.keys == []


@pytest.mark.parametrize(
    ("packets", "keys"),
    [
        # (event, whether it ends, its length in eighths of a millisecond, when it began)
        ([(1, False, 160, 0), (1, False, 320, 0)], []),  # it is still pressed
        ([(1, False, 160, 0), (1, True, 800, 0), (1, True, 800, 0), (1, True, 800, 0)], ["1"]),
        ([(1, True, 800, 0)], ["1"]),  # all but the last were lost
        ([(1, True, 1, 0)], ["1"]),  # however short
        ([(1, True, 65535, 0)], ["1"]),  # 8.2 seconds, the longest that there is
        ([(1, True, 800, 0), (1, True, 800, 960)], ["1", "1"]),  # pressed twice
        ([(1, True, 800, 0), (2, True, 800, 960)], ["1", "2"]),
        ([(1, False, 800, 0), (2, True, 800, 960)], ["2"]),  # the end of the first never came
        ([(1, True, 800, 0), (1, False, 400, 0)], ["1"]),  # late, and overtaken
        ([(1, False, 65535, 0), (1, False, 400, 65535), (1, True, 800, 65535)], ["1"]),  # held for long
    ],
)
def test_a_key_is_heard_once_when_it_is_let_go(
    packets: list[tuple[int, bool, int, int]], keys: list[str]
) -> None:
    heard = Heard()

    for event, end, length, stamp in packets:
        heard.key(event, end=end, length=length, stamp=stamp)

    assert heard.keys == keys


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01\x8a\x03"])
def test_a_key_that_is_cut_off_is_passed_over(payload: bytes) -> None:
    heard = Heard()

    heard.come(payload, kind=KEYS, stamp=0)
    heard.key(5, end=True, length=800, stamp=960)

    assert heard.keys == ["5"]


@pytest.mark.parametrize(("agreed", "comes"), [(96, 101), (101, 96)])
def test_keys_come_under_the_number_that_was_agreed(agreed: int, comes: int) -> None:
    heard = Heard(keys=agreed)

    heard.key(1, end=True, length=800, kind=comes)
    assert heard.keys == []

    heard.key(2, end=True, length=800, stamp=960, kind=agreed)
    assert heard.keys == ["2"]


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        (("192.0.2.7", 4000), True),
        (("192.0.2.7", 9999), True),  # behind a router that changes ports
        (("192.0.2.8", 4000), False),
        (("127.0.0.1", 4000), False),
    ],
)
def test_only_the_callers_address_is_heard(source: Address, counts: bool) -> None:
    heard = Heard()
    heard.leg.heard_at = 0.0
    heard.leg.record(most_seconds=1)

    heard.say(0, 160, source=source)
    heard.come(struct.pack("!BBH", 1, 138, 800), kind=KEYS, stamp=320, source=source)

    assert heard.keys == (["1"] if counts else [])
    assert (heard.leg.heard_at > 0) is counts
    assert heard.leg.recorded().startswith(HEARD) is counts


def test_nobody_is_heard_while_it_is_not_known_who_calls() -> None:
    heard = Heard()
    heard.leg.session._remote_addr = None

    heard.key(1, end=True, length=800)

    assert heard.keys == []


def test_sound_that_changes_its_source_goes_on_without_a_gap() -> None:
    heard = Heard()
    heard.leg.record(most_seconds=1)

    heard.say(0, 160, 320, 480)
    heard.say(2_000_000_000, 2_000_000_160, 2_000_000_320, ssrc=78)

    # Of either source the last two pieces still wait for what may come late.
    assert heard.leg.recorded() == HEARD * 3


def test_sound_of_an_unknown_kind_is_not_kept_as_noise() -> None:
    heard = Heard()
    heard.leg.record(most_seconds=1)

    heard.come(bytes(1), kind=13, stamp=0)  # comfort noise (RFC 3389)

    assert heard.leg.recorded() == b""


def test_nothing_that_comes_as_sound_raises() -> None:
    chance, heard = random.Random(20261129), Heard()
    heard.leg.record(most_seconds=1)
    for _time in range(500):
        heard.leg.session._handle_rtp(chance.randbytes(chance.randint(0, 40)), CALLER)
        heard.leg.session._handle_rtp(b"\x80" + chance.randbytes(chance.randint(0, 40)), CALLER)
        heard.leg.session._handle_rtp(b"\x90\x60" + chance.randbytes(chance.randint(0, 40)), CALLER)

    heard.keys.clear()
    heard.number = 60_000
    heard.key(7, end=True, length=800, stamp=123_456)

    assert heard.keys == ["7"]


@pytest.mark.parametrize(
    ("first", "second", "pieces"),
    [
        (0, 160, 0),
        (0, 320, 1),
        (0, 800, 4),
        (0xFFFFFFFF - 159, 0, 0),  # the stamp begins anew
        (0xFFFFFFFF - 159, 160, 1),
        (0, LONGEST_GAP, LONGEST_GAP // 160 - 1),
        (0, LONGEST_GAP + 160, 0),  # so long that it is rather another clock
        (800, 0, 0),  # and one that goes back is, too
    ],
)
def test_a_gap_is_kept_as_silence_of_its_length(first: int, second: int, pieces: int) -> None:
    leg = Heard().leg
    leg.record(most_seconds=20)

    leg._heard(HEARD, first)
    leg._heard(HEARD, second)

    assert leg.recorded() == HEARD + QUIET * pieces + HEARD


def test_a_second_recording_knows_nothing_of_the_first() -> None:
    leg = Heard().leg
    leg.record(most_seconds=1)
    leg._heard(HEARD, 0)
    assert leg.recorded() == HEARD

    leg.record(most_seconds=1)
    leg._heard(HEARD, 16_000)

    assert leg.recorded() == HEARD


@pytest.mark.parametrize(
    ("before", "seconds", "after", "kept"),
    [
        (0, 0.02, 1, QUIET),
        (1, 0.02, 1, QUIET + QUIET),
        (2, 0.02, 2, HEARD + QUIET + QUIET + HEARD),
        (1, 0.4, 1, QUIET + QUIET),  # more than there is
    ],
)
def test_a_key_blots_out_what_is_heard_around_it(
    before: int, seconds: float, after: int, kept: bytes
) -> None:
    leg = Heard().leg
    leg.record(most_seconds=1)
    for number in range(before):
        leg._heard(HEARD, number * 160)

    leg.mute(seconds)
    for number in range(before, before + after):
        leg._heard(HEARD, number * 160)

    assert leg.recorded() == kept


@pytest.mark.parametrize("payload_type", [0, 8], ids=["µ-law", "A-law"])
def test_silence_is_twenty_milliseconds_of_next_to_nothing(payload_type: int) -> None:
    samples = struct.unpack("<160h", get_codec(payload_type).decode(silence(payload_type)))

    assert max(map(abs, samples)) <= 8


@pytest.mark.parametrize(("samples", "seconds"), [(0, 0.0), (1, 1 / 8000), (160, 0.02), (8000, 1.0)])
def test_samples_last_as_long_as_they_are_many(samples: int, seconds: float) -> None:
    assert length_of(bytes(samples * 2)).total_seconds() == pytest.approx(seconds, abs=1e-6)


def test_a_file_says_what_is_in_it() -> None:
    file = as_wav(HEARD)

    assert (file[:4], file[8:12], file[44:]) == (b"RIFF", b"WAVE", HEARD)
    channels, rate, _bytes, _block, bits = struct.unpack("<HIIHH", file[22:36])
    assert (channels, rate, bits) == (1, 8000, 16)


@pytest.mark.parametrize("name", ["", "Greeting", "greeting.wav", "../sounds/greeting", "none"])
def test_a_recording_has_one_name(name: str) -> None:
    assert not is_there(name)


def test_a_recording_comes_in_pieces_of_20_ms() -> None:
    assert {len(piece) for piece in frames("beep", 0)} == {160}
    assert frames("beep", 0) != frames("beep", 8)


def test_what_each_recording_says_that_comes_along_is_known() -> None:
    assert set(sounds.words()) == sounds.names() - {"beep", "music"}
