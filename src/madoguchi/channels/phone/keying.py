"""The keys of who is on a line: some come beside the sound, others are tones in it, and a few come both ways."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from madoguchi.kernel import clock
from madoguchi.voice import logic

if TYPE_CHECKING:
    from madoguchi.channels.phone.line import Line

# Where keys are kept nowhere, and what is said beside them is not recorded.
PRIVATE = (logic.Phase.TALKING, logic.Phase.RECORDING)
# A tone so soon after a key that was sent is of that key.
SAME_KEY = timedelta(seconds=1)


class Keying:
    """That of one line. `by_tones` is whether menus go by tones, for keys come by no other way."""

    by_tones = False
    _sent_at: datetime | None = None

    def __init__(self, line: "Line") -> None:
        self._line = line

    def sent(self, key: str) -> None:
        """A key was pressed. A little of its tone may have come before."""
        self._sent_at = clock.now()
        self._line.talk.blank()
        self._line.hear(logic.Key(self._sent_at, key))

    def toned(self, key: str) -> None:
        """The tone of a key is heard. Where keys come beside the sound, it is one only where it may be of a card."""
        self._line.talk.blank()
        now, sent = clock.now(), self._sent_at
        known = sent is not None and now - sent < SAME_KEY
        if not known and (self.by_tones or self._line.call.phase in PRIVATE):
            self._line.hear(logic.Key(now, key))
