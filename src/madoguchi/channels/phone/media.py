"""The sound of one call: what is played to the caller, the keys they press, and what is recorded of them."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from aiortp import RTPSession
from aiortp.codecs import get_codec
from aiortp.dtmf import DTMF_EVENTS, DtmfEvent

from madoguchi.channels.phone.sounds import FRAME, RATE, WIDTH, frames, silence
from madoguchi.channels.phone.tones import Tones

Address = tuple[str, int]
LONGEST_GAP = 10 * RATE
# Where nothing comes for so long, nothing was sent: a pause between keys. What is shorter may have been lost.
PAUSE = 3 * FRAME
PIECE = FRAME * WIDTH
# So much waits before it is passed on in a talk, and at most: what was said longer ago is too late.
FIRST_HEARD, MOST_HEARD = 3 * PIECE, 10 * PIECE
HEADER, VERSION = 12, 2
LAST_STAMP = 0xFFFFFFFF
# So much may yet be blanked by a key: twice as much as one that is pressed blanks.
BLANKED = RATE * WIDTH
# Around a key that is heard as a tone so many seconds of a message are blanked, and so many pieces of a talk after it:
# all that may wait to be passed on.
TONE_BLANKS, HUSHED = 0.2, MOST_HEARD // PIECE
# What comes out of order is put right where it is no later than two pieces. A piece that is lost is waited for no
# longer, and what was said before it is said on for that long.
IN_ORDER: Final[dict[str, Any]] = {"jitter_prefetch": 2, "skip_audio_gaps": True}
# A key that we send lasts so many times 20 ms, and as long nothing comes after it; so loud it is, in -dBm0.
KEY_TICKS, PAUSE_TICKS, KEY_VOLUME = 6, 6, 10


class Session(RTPSession):
    """RTP with one caller: what comes from elsewhere, or is no RTP, is passed over.

    `on_packet` is told each packet, of sound, of a key, or comfort noise, which says that all is silent.
    """

    on_packet: Callable[[], None] = staticmethod(lambda: None)
    _key_began = 0

    def send_key(self, code: int, tick: int) -> None:
        """The so manieth 20 ms of a key: its packets have the moment at which it began, and the last comes three times
        (RFC 4733 2.5.1). The pause after it is nothing but time that goes by.
        """
        sender = self._sender
        if sender is None or self._closed:
            return
        if tick == 0:
            self._key_began = sender.current_timestamp
        sender.advance_timestamp()
        if tick >= KEY_TICKS:
            return
        end = tick == KEY_TICKS - 1
        event = DtmfEvent(event=code, end=end, volume=KEY_VOLUME, duration=(tick + 1) * FRAME).serialize()
        for nth in range(3 if end else 1):
            first = tick == 0 and nth == 0
            sender.send_raw(
                self._dtmf_payload_type, event, self._key_began, marker=int(first), addr=self._remote_addr
            )

    def _handle_rtp(self, data: bytes, addr: Address) -> None:
        if self._remote_addr is None or addr[0] != self._remote_addr[0]:
            return
        if len(data) >= HEADER and data[0] >> 6 == VERSION:
            self.on_packet()
        try:
            super()._handle_rtp(data, addr)
        except ValueError:  # a key without its four bytes
            return


class Leg:
    """Sound in both directions. Whoever owns it calls `tick` every 20 ms.

    `on_key` is told keys (RFC 4733), `on_tone` those that are heard in the sound; what was taken last may hold some of
    one where it `hushes`. `on_played` is told that the last thing to be played is at its end. `heard_at` is when the
    last packet came (by `monotonic`). While `held`, the caller hears nothing; what is played goes on meanwhile.
    """

    def __init__(self, session: Session, *, payload_type: int) -> None:
        self.session, self.payload_type = session, payload_type
        self.on_key: Callable[[str], None] = lambda _key: None
        self.on_tone: Callable[[str], None] | None = None
        self.on_played: Callable[[], None] = lambda: None
        self.hushes, self._hush, self._tones = False, 0, Tones()
        self.held = False
        self.heard_at = monotonic()
        self._silence = silence(payload_type)
        self._codec = get_codec(payload_type)
        self._playing: list[bytes] = []
        self._place, self._loop = 0, False
        self._recorded: bytearray | None = None
        self._most, self._muted, self._ripe = 0, 0, 0
        self._next: int | None = None
        self._due: int | None = None
        self._ears, self._flows = bytearray(), False
        self._keys: list[int] = []
        self._keyed = 0
        session.on_packet = self._alive
        session.on_audio = self._heard
        session.on_dtmf = self._pressed

    @classmethod
    async def open(cls, here: Address, there: Address, *, payload_type: int, keys: int) -> "Leg":
        """Sound between two addresses, by G.711 of this payload type; `keys` is that of keys. Raises OSError."""
        session = await Session.create(here, there, payload_type, dtmf_payload_type=keys, **IN_ORDER)
        return cls(session, payload_type=payload_type)  # type: ignore[arg-type]

    def play(self, sounds: tuple[str, ...], *, loop: bool) -> None:
        """Play these from now on, and nothing else."""
        self._playing = [frame for name in sounds for frame in frames(name, self.payload_type)]
        self._place, self._loop = 0, loop

    def press(self, keys: str) -> None:
        """Send keys (RFC 4733), one after the other, in place of sound."""
        self._keys += [code for key in keys if (code := DTMF_EVENTS.get(key)) is not None]

    def be_quiet(self) -> None:
        """Play nothing any more."""
        self._playing, self._place, self._loop = [], 0, False

    def take(self) -> bytes:
        """The next 20 ms of what the caller says, or silence. What nobody takes is forgotten."""
        self.hushes, self._hush = self._hush > 0, max(0, self._hush - 1)
        self._flows = len(self._ears) >= (PIECE if self._flows else FIRST_HEARD)
        if not self._flows:
            return bytes(PIECE)
        piece = bytes(self._ears[:PIECE])
        del self._ears[:PIECE]
        return piece

    def tick(self, said: bytes | None = None) -> None:
        """Send the next 20 ms: of a key, of what somebody says, or else of what is played."""
        if self._keys and not self.held:
            self._tick_of_key()
            return
        if said is not None:
            if not self.held:
                self.session.send_audio_auto(self._codec.encode(said))
            return
        if self._place < len(self._playing):
            frame = self._playing[self._place]
            self._place += 1
        else:
            frame = self._silence
        if not self.held:
            self.session.send_audio_auto(frame)
        if self._playing and self._place >= len(self._playing):
            if self._loop:
                self._place = 0
            else:
                self.be_quiet()
                self.on_played()

    def _tick_of_key(self) -> None:
        self.session.send_key(self._keys[0], self._keyed)
        self._keyed += 1
        if self._keyed == KEY_TICKS + PAUSE_TICKS:
            self._keys, self._keyed = self._keys[1:], 0

    def record(self, *, most_seconds: int) -> None:
        """Keep what the caller says from now on."""
        self._recorded, self._most, self._next = bytearray(), most_seconds * RATE * WIDTH, None
        self._ripe = 0

    def hold(self, held: bool) -> None:
        """Whether the caller holds the call from now on; the silence after that counts anew."""
        self.held = held
        self._alive()

    def mute(self, seconds: float) -> None:
        """Keep silence in place of what was heard in the last seconds and is heard in the next ones."""
        self._muted = round(seconds * RATE) * WIDTH
        if self._recorded:
            blank = min(self._muted, len(self._recorded))
            self._recorded[-blank:] = bytes(blank)

    def ripe(self, *, over: bool = False) -> bytes:
        """What was kept since this was asked last and is blanked by no key any more, or all of it where it is over."""
        end = len(self._recorded or b"") - (0 if over else BLANKED)
        if self._recorded is None or end <= self._ripe:
            return b""
        before, self._ripe = self._ripe, end
        return bytes(self._recorded[before:end])

    def recorded(self) -> bytes:
        """What was kept since `record`, as samples of 16 bits; nothing is kept any more."""
        kept, self._recorded = bytes(self._recorded or b""), None
        return kept

    async def close(self) -> None:
        """End it."""
        await self.session.close()

    def _alive(self) -> None:
        self.heard_at = monotonic()

    def _pressed(self, key: str, _duration: int) -> None:
        if key != "?":
            self.on_key(key)

    def _listen_for_keys(self, samples: bytes, timestamp: int) -> None:
        if self.on_tone is None:
            return
        gap = 0 if self._due is None else (timestamp - self._due) & LAST_STAMP
        self._due = timestamp + len(samples) // WIDTH
        begun = self._tones.heard(bytes(PAUSE * WIDTH) if PAUSE <= gap < LONGEST_GAP else b"")
        sounds = self._tones.sounds
        begun += self._tones.heard(samples)
        if begun or sounds or self._tones.sounds:
            self._hush = HUSHED
            if self._recorded is not None:
                self.mute(TONE_BLANKS)
        for key in begun:
            self.on_tone(key)

    def _heard(self, samples: bytes, timestamp: int) -> None:
        self._listen_for_keys(samples, timestamp)
        self._ears += samples
        if len(self._ears) > MOST_HEARD:
            del self._ears[: len(self._ears) - MOST_HEARD]
        if self._recorded is None or len(self._recorded) >= self._most:
            return
        # Who is silent may send nothing, and nothing comes while a key is pressed.
        gap = 0 if self._next is None else (timestamp - self._next) & LAST_STAMP
        self._next = timestamp + len(samples) // WIDTH
        if 0 < gap < LONGEST_GAP:
            self._recorded += bytes(gap * WIDTH)
        muted = min(self._muted, len(samples))
        self._muted -= muted
        self._recorded += bytes(muted) + samples[muted:]
