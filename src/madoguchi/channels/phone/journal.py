"""What is known of a call while it goes on, kept so that it outlives the gateway: how it stands in the database, and
what was said in files that grow.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from madoguchi.channels.phone.broken import SAID, name_of, note_stands
from madoguchi.channels.phone.kept import as_json
from madoguchi.channels.phone.media import Leg
from madoguchi.infra.growing import Growing
from madoguchi.voice import logic
from madoguchi.voice.wording import without_numbers

if TYPE_CHECKING:
    from madoguchi.channels.phone.line import Line


class Journal:
    """That of one line. `gateway` is the name under which its process is seen to live."""

    def __init__(self, line: "Line", gateway: str) -> None:
        self._line, self._gateway = line, gateway
        self._stood: object = None
        self._is_told = False
        self._said: Growing | None = None
        self._growing: list[Growing] = []

    def note(self) -> None:
        """Have written down how the call stands, where that is otherwise than before: once, as it stands by then,
        however often it changes meanwhile.
        """
        call = self._line.call
        stands = (
            call.phase,
            call.spans,
            call.rings,
            call.pauses,
            call.turn,
            call.notified_at,
            call.call_back,
        )
        if stands == self._stood or call.phase in (logic.Phase.OFFERED, logic.Phase.ENDED):
            return
        self._stood = stands
        if not self._is_told:
            self._is_told = True
            self._line.write(self._write)

    def _write(self) -> None:
        self._is_told = False
        call = self._line.call
        if call.phase != logic.Phase.ENDED:
            stands = as_json(replace(call, keys=without_numbers(call.keys)))
            company = self._line.number.point.company_id
            note_stands(self._line.uid, stands, gateway=self._gateway, company=company)

    def grow(self, what: str) -> Growing:
        """A file that grows with the call."""
        made = Growing(name_of(self._line.uid, what), company=self._line.number.point.company_id)
        self._growing.append(made)
        return made

    def keep_said(self, leg: Leg, *, over: bool = False) -> None:
        """What the caller said since it was kept last, but for the last moment while it is not `over`."""
        if piece := leg.ripe(over=over):
            self._said = self._said or self.grow(SAID)
            self._said.write(piece)

    def over(self) -> Callable[[], None]:
        """What is to be done when the call is written down as it went."""
        return partial(_drop, tuple(self._growing))


def _drop(growing: tuple[Growing, ...]) -> None:
    for one in growing:
        one.drop()
