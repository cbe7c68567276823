"""The ways in which a call can be carried, as whoever calls knows them: they listen, press keys, speak and hang up."""

import asyncio
import io
import math
import wave
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

from madoguchi.channels.phone.flows import flow_in_force, learn_sounds
from madoguchi.channels.phone.hooks import ending
from madoguchi.channels.phone.hooks.ending import fetch_and_write_down
from madoguchi.channels.phone.line import Line, Number
from madoguchi.channels.phone.models import CarriedCall, CarrierAccount
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.channels.phone.tests import test_lines as embedded
from madoguchi.channels.phone.tests.asterisk import SOURCE, StandIn, settled
from madoguchi.channels.phone.tests.wire import pass_time, request
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope, web
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.phones import take_outside, take_phone
from madoguchi.voice.queries import is_at_work

NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
ACCOUNT, TOKEN = "AC0123456789", "a token of the carrier"
SAID_A_SECOND = 8000 * 2
Deed = tuple[str, Any]
# Deeds of our own people, each with who does it.
OF_PEOPLE = frozenset({"answers", "holds", "resumes", "hands_on", "leaves"})


class Way(Protocol):
    """A way of carrying a call: what a caller and people of ours do in order; what was played to them, by its first
    recording. `records` is whether talks are recorded by us, `cannot` what people cannot do on it: who is rung outside
    by a carrier does that by telephone.
    """

    records: bool
    cannot: frozenset[str]

    def call(self, point: EntryPoint, caller: str, deeds: Sequence[Deed]) -> list[str]: ...


@dataclass
class Hands:
    """A clock that goes on when told to."""

    passed: Callable[[], float] = lambda: 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed())


class Embedded:
    """Our own gateway, on a wire that is none."""

    records, cannot = True, frozenset[str]()

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch, self.heard = patch, list[str]()

    def call(self, point: EntryPoint, caller: str, deeds: Sequence[Deed]) -> list[str]:
        with scope.acting_for([point.company_id]):
            flow, version = flow_in_force(point)
            own = learn_sounds(point.company_id)
            number = Number(point, flow, version, is_at_work(point.desk, NOON), own)
        made = list[embedded.Desk]()
        self._let_pass(self._all_of_it(number, caller, deeds, made))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: NOON)
            for entry in made[0].notes.entries:
                entry()
        return self.heard

    async def _all_of_it(
        self, number: Number, caller: str, deeds: Sequence[Deed], made: list[embedded.Desk]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.patch.setattr(clock, "now", Hands(loop.time).now)
        desk = self._desk()
        made.append(desk)
        desk.gateway._directory._known = {embedded.NUMBER: (math.inf, number)}
        line = await self._begin(desk, caller)
        self._listen_to(line)
        for what, given in deeds:
            await self._do(desk, line, what, given)
        embedded.Desk.made.remove(desk)
        await self._end()
        await desk.close()

    def _let_pass(self, work: Coroutine[Any, Any, None]) -> None:
        pass_time(work)

    def _desk(self) -> embedded.Desk:
        return embedded.Desk(silent_seconds=1e9)

    async def _begin(self, desk: embedded.Desk, caller: str) -> Line:
        who = f"From: <sip:{caller or 'anonymous'}@192.0.2.7>;tag=theirs"
        return await desk.call(sender=who)

    async def _hang_up(self, desk: embedded.Desk, line: Line) -> None:
        await desk.hear(request("BYE", branch="bye", count=2, to_tag=line.sip.dialog.local_tag))

    async def _press(self, line: Line, key: str) -> None:
        assert line.leg is not None
        line.leg.on_key(key)

    async def _end(self) -> None:
        """Nothing is left to be ended."""

    def _listen_to(self, line: Line) -> None:
        leg = line.leg
        assert leg is not None
        play = leg.play

        def played(names: tuple[str, ...], *, loop: bool) -> None:
            self.heard.append(names[0])
            play(names, loop=loop)

        self.heard.append("greeting" if "greeting" in line.call.flow.steps else "wait")
        leg.play = played  # type: ignore[method-assign]

    async def _do(self, desk: embedded.Desk, line: Line, what: str, given: Any) -> None:
        if what in ("listen", "wait", "stay", "speak"):
            await asyncio.sleep(given)
        leg = line.leg
        if what in OF_PEOPLE:
            self._ours(desk, line, what, given)
        elif what == "hang_up":
            await self._hang_up(desk, line)
        elif leg and what == "listen":
            leg.be_quiet()
            leg.on_played()
        elif leg and what == "press":
            await self._press(line, given)
        elif leg and what == "speak":
            leg._heard(b"\1\0" * (SAID_A_SECOND // 2) * given, 0)
        await asyncio.sleep(0)

    def _ours(self, desk: embedded.Desk, line: Line, what: str, person: Any) -> None:
        """Something that one of ours does, as the switchboard hears it."""
        now, board, point = clock.now(), desk.gateway.board, line.number.point
        match what:
            case "answers":
                take = partial(take_phone, desk=point.desk_id, company=point.company_id, call=line.uid)
                line.write(partial(take, person=person))
                line.hear(logic.Ringing(now, person))
                board._tell(line, person)
                line.write(partial(take_outside, line.uid, person))
                line.hear(logic.Connected(now, person))
            case "holds" | "resumes":
                line.hear(logic.Hold(now, person, on=what == "holds"))
            case "hands_on":
                line.hear(logic.Transfer(now, person))
            case "leaves":
                line.hear(logic.LeftUs(now, person))


class Asterisk(Embedded):
    """The same gateway with calls that Asterisk holds, for which somebody stands in."""

    async def _begin(self, desk: embedded.Desk, caller: str) -> Line:
        self.asterisk = StandIn()
        self.attending = asyncio.create_task(desk.gateway.link.attend(self.asterisk, SOURCE))
        await settled()
        self.asterisk.rings(
            caller=caller or "anonymous", shown="allowed_not_screened" if caller else "prohib_not_screened"
        )
        await settled()
        [line] = desk.gateway.lines
        return line

    async def _hang_up(self, desk: embedded.Desk, line: Line) -> None:
        self.asterisk.hangs_up()
        await settled()

    async def _press(self, line: Line, key: str) -> None:
        self.asterisk.presses(key)
        await settled()

    async def _end(self) -> None:
        await settled()
        assert (self.asterisk.channels, self.asterisk.bridges) == ({}, set())
        await self.asterisk.close()
        await self.attending


@dataclass
class Webhooks:
    """A carrier that asks for documents, and does what they say."""

    records: ClassVar[bool] = False
    cannot: ClassVar[frozenset[str]] = frozenset({"holds", "resumes", "hands_on"})
    patch: pytest.MonkeyPatch
    client: Client = field(default_factory=Client)
    heard: list[str] = field(default_factory=list)
    seconds: float = 0
    said: float = 0

    def call(self, point: EntryPoint, caller: str, deeds: Sequence[Deed]) -> list[str]:
        self.point, self.caller = point, caller
        self.patch.setattr(clock, "now", Hands(lambda: self.seconds).now)
        self.patch.setattr(ending.web, "get", self._recording)
        with scope.acting_for([point.company_id]):
            CarrierAccount.objects.get_or_create(
                company_id=point.company_id,
                entry_point=point,
                defaults={"account": ACCOUNT, "token": TOKEN, "api": "https://carrier.example"},
            )
        self.document = self.ask(f"/calls/{point.address[1:]}/")
        for what, given in deeds:
            self._do(what, given)
        self._write_down()
        return self.heard

    def ask(self, path: str, **said: str) -> Element:
        """Post what a carrier posts, signed; the document that came back."""
        answer = self.post(path, said)
        assert answer.status_code == 200, answer.content
        root = fromstring(answer.content)
        names = [urlsplit(one.text or "").path for one in root.iter("Play")]
        if names:
            self.heard.append(names[0].rpartition("/")[2].removesuffix(".wav"))
        return root

    def post(self, path: str, said: Mapping[str, str], *, token: str = TOKEN) -> Any:
        usual = {"AccountSid": ACCOUNT, "CallSid": "CA1", "From": self.caller or "anonymous"}
        posted = {**usual, "To": self.point.address, "CallStatus": "in-progress", **said}
        url = settings.BASE_URL + path
        signature = RequestValidator(token).compute_signature(url, posted)
        return self.client.post(path, posted, headers={"X-Twilio-Signature": signature})

    def _do(self, what: str, given: Any) -> None:
        self.seconds += given if what in ("listen", "wait", "stay", "speak") else 0
        record = self.document.find("Record")
        if what == "stay":
            return
        if what in OF_PEOPLE:
            self._ours(what)
            return
        if what == "hang_up":
            if record is not None:
                self._go_on(record, "hangup")
            self.ask(f"/calls/{self.point.address[1:]}/", CallStatus="completed")
        elif what == "speak":
            self.said = given
        elif record is not None:
            self._go_on(record, given)
        elif what == "press":
            gather = self.document.find("Gather")
            self._go_to(gather.get("action", "") if gather is not None else "", Digits=given)
        else:
            redirect = self.document.find("Redirect")
            url = (redirect.text or "") if redirect is not None else ""
            # A key counts after what is played, too: until time is up.
            self._go_to("" if what == "listen" and "/time/" in url else url)

    def _ours(self, what: str) -> None:
        """Something that one of ours does at the telephone that the carrier rings."""
        dial = next(self.document.iter("Dial"))
        if what == "answers":
            number = next(dial.iter("Number"))
            there = {"ParentCallSid": "CA1", "CallSid": "CA2"}
            assert self.post(urlsplit(number.get("url", "")).path, there).status_code == 200
        else:
            self._go_to(dial.get("action", ""), DialCallStatus="completed")

    def _go_on(self, record: Element, key: str) -> None:
        """The caller's words are complete, or a piece of them."""
        url = f"https://carrier.example/{self.said:g}"
        self._go_to(record.get("action", ""), Digits=key, RecordingSid="RE1", RecordingUrl=url)

    def _go_to(self, url: str, **said: str) -> None:
        if url:
            self.document = self.ask(urlsplit(url).path, **said)

    def _recording(self, address: str, *, headers: Mapping[str, str], bounds: web.Bounds) -> web.Answer:
        """What the carrier kept of the caller's words, which are as many seconds as the address says."""
        seconds = int(urlsplit(address).path.strip("/").removesuffix(".wav"))
        assert (bounds.redirects, bounds.schemes, bounds.allowed.__name__) == (0, {"https"}, "public")
        assert headers["Authorization"].startswith("Basic ")
        return web.Answer(200, as_wav(b"\1\0" * (SAID_A_SECOND // 2) * seconds), "audio/wav")

    def _write_down(self) -> None:
        company = self.point.company_id
        with scope.acting_for([company]):
            [row] = CarriedCall.objects.filter(done=False) or [None]
        if row:
            assert fetch_and_write_down(row.pk, company=company)


def blank(sound: bytes) -> int:
    """How many milliseconds of a recording are silence."""
    with wave.open(io.BytesIO(sound)) as file:
        samples = file.readframes(file.getnframes())
    return sum(samples[i : i + 2] == b"\0\0" for i in range(0, len(samples), 2)) // 8


def phases(call: logic.Call) -> list[str]:
    return [span.spent.value for span in call.spans]
