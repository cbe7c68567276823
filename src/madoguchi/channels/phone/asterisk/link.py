"""One Asterisk, over the socket by which it dialled us: what happens there comes in, what is to be done goes out.

The socket may break and come back while calls go on, for their sound does not go by it. What happened meanwhile is then
asked for, and calls that nobody here knows are ended.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote

import structlog

from madoguchi.channels.phone import numbers
from madoguchi.channels.phone.asterisk.calls import APP, OURS, AsteriskCall, Refusal
from madoguchi.channels.phone.pace import Pace

logger = structlog.get_logger()
# What Asterisk does not answer within so many seconds, it does not do.
ANSWER_SECONDS = 5.0
# A call of which the list told before its beginning was announced gets so many seconds for that.
KNOWN_WITHIN = 2.0
# Asterisk says first that it is there. What is said to it before may lie unread in its buffer until more comes.
FIRST_WORD_SECONDS = 1.0
MOST_WAITING = 10_000
FLUSH_SECONDS = 2.0
LONGEST_NAME = 200
WANTED = (
    "StasisStart",
    "StasisEnd",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelHold",
    "ChannelUnhold",
)
ALLOWED = [{"type": name} for name in (*WANTED, "RESTResponse")]


class Socket(Protocol):
    """What text comes in and goes out by."""

    async def send(self, message: str) -> None: ...

    async def close(self) -> None: ...

    def __aiter__(self) -> AsyncIterator[str | bytes]: ...


class Link:
    """What is known of one Asterisk and its calls. `on_call` is told each call that comes in; `spawn` does something
    beside the calls.
    """

    def __init__(
        self,
        *,
        on_call: Callable[[AsteriskCall], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        pace: Pace,
    ) -> None:
        self.on_call, self.spawn, self.pace = on_call, spawn, pace
        self.source = ""
        self.calls: dict[str, AsteriskCall] = {}
        self.strange = 0
        self._socket: Socket | None = None
        self._spoke = asyncio.Event()
        self._outbox: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._expected: dict[str, asyncio.Future[None]] = {}

    @property
    def there(self) -> bool:
        """Whether it is connected just now."""
        return self._socket is not None

    async def attend(self, socket: Socket, source: str) -> None:
        """Hear what comes in by this socket until it closes. One that was there before gives way: it is a dead one."""
        before, self._socket, self.source = self._socket, socket, source
        if before:
            logger.warning("phone_asterisk_came_again", source=source)
            self.spawn(before.close())  # it may take its time
        self._let_go()
        self._spoke.clear()
        outbox: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._outbox = outbox
        beside = [asyncio.create_task(work) for work in (_write(outbox, socket), self._look_around())]
        logger.info("phone_asterisk_connected", source=source)
        try:
            async for raw in socket:
                self._spoke.set()
                self.hear(raw)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if self._socket is socket:
                self._socket = None
                self._let_go()
                logger.warning("phone_asterisk_gone", source=source, calls=len(self.calls))

    async def flush(self) -> None:
        """Until all that was said has left, for a moment at most."""
        if self.there:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outbox.join(), FLUSH_SECONDS)

    async def ask(self, method: str, *path: str, body: object = None, **query: str) -> Any:
        """Have something done or told. Raises Refusal where it is not, or the socket is away."""
        name, answer = uuid.uuid4().hex, asyncio.get_running_loop().create_future()
        self._asked[name] = answer
        try:
            self._say(name, method, path, query, body)
            told = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            raise Refusal(f"{method} {'/'.join(path)}: no answer") from None
        finally:
            self._asked.pop(name, None)
        if told.get("status_code") not in range(200, 300):
            raise Refusal(f"{method} {'/'.join(path)}: {told.get('status_code')}")
        return json.loads(told.get("message_body") or "null")

    def tell(self, method: str, *path: str, **query: str) -> None:
        """Have something done, whatever comes of it. While the socket is away, what is told is found out later."""
        with suppress(Refusal):
            self._say(uuid.uuid4().hex, method, path, query, None)

    def expect(self, channel: str) -> asyncio.Future[None]:
        """Done as soon as a channel of ours is there."""
        return self._expected.setdefault(channel, asyncio.get_running_loop().create_future())

    def forget(self, call: AsteriskCall) -> None:
        """A call is over."""
        self.calls.pop(call.channel, None)
        self._expected.pop(call.media, None)

    def hear(self, raw: str | bytes) -> None:
        """Something came in. Whatever it is, it raises nothing."""
        try:
            said = json.loads(raw)
            if said["type"] == "RESTResponse":
                answer = self._asked.get(said["request_id"])
                if answer and not answer.done():
                    answer.set_result(said)
            elif said["type"] in WANTED:
                self._hear(said["type"], said, said["channel"])
        except Exception as error:  # noqa: BLE001  whatever somebody sends
            self.strange += 1
            if self.strange & (self.strange - 1) == 0:  # the first, the second, the fourth, …
                logger.warning("ari_not_understood", so_many=self.strange, error=repr(error)[:200])

    def _hear(self, what: str, said: Mapping[str, Any], channel: Mapping[str, Any]) -> None:
        name = _name(channel)
        call = self.calls.get(name)
        match what:
            case "StasisStart" if call:
                call.begun()
            case "StasisStart" if expected := self._expected.pop(name, None):
                if not expected.done():
                    expected.set_result(None)
            case "StasisStart" if not name.startswith(OURS):
                self._begin(name, said["args"], channel)
            case "StasisEnd" | "ChannelDestroyed" if call:
                call.ended(said.get("cause"))
            case "StasisEnd" | "ChannelDestroyed":
                for one in [one for one in self.calls.values() if one.media == name]:
                    one.broken()
            case "ChannelDtmfReceived" if call:
                call.pressed(said["digit"])
            case "ChannelHold" | "ChannelUnhold" if call:
                call.on_hold(what == "ChannelHold")

    def _begin(self, name: str, args: Sequence[str], channel: Mapping[str, Any]) -> None:
        may_be_shown = bool(args) and args[0].startswith("allowed")
        call = AsteriskCall(
            self,
            name,
            called=numbers.read(str(channel["dialplan"]["exten"])),
            caller=numbers.read(str(channel["caller"]["number"])) if may_be_shown else "",
        )
        self.calls[name] = call
        if self.pace.allows(self.source, call=True):
            self.on_call(call)
        else:
            call.refuse(503)

    async def _look_around(self) -> None:
        """What became of our calls while the socket was away, and what is there that is nobody's; again until it is
        told, for one that starts may take its time.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._spoke.wait(), FIRST_WORD_SECONDS)
        while True:
            try:
                await self._clean_up(list(self.calls.values()))
            except Refusal as error:
                logger.warning("phone_asterisk_does_not_tell", error=str(error))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                logger.warning("phone_asterisk_not_understood", error=repr(error)[:200])
            else:
                return
            await asyncio.sleep(ANSWER_SECONDS)

    async def _clean_up(self, before: Sequence[AsteriskCall]) -> None:
        await self.ask("PUT", "applications", APP, "eventFilter", body={"allowed": ALLOWED})
        there = {_name(one): one for one in await self.ask("GET", "channels")}
        for call in before:
            if call.channel not in there:
                call.ended(None)
        ours = {name: channel for name, channel in there.items() if _is_ours(name, channel)}
        if ours.keys() - self._known():
            await asyncio.sleep(KNOWN_WITHIN)
        for name in ours.keys() - self._known():
            if ours[name]["state"] == "Ring" and not name.startswith(OURS):  # nobody has taken it yet
                args = ours[name]["dialplan"]["app_data"].split(",")[1:]
                self._begin(name, args, ours[name])
            else:
                self.tell("DELETE", "channels", name)
        for name in map(_name, await self.ask("GET", "bridges")):
            if name.startswith(OURS) and name not in self._known():
                self.tell("DELETE", "bridges", name)

    def _known(self) -> set[str]:
        return {name for call in self.calls.values() for name in (call.channel, call.media, call.bridge)}

    def _say(
        self, name: str, method: str, path: tuple[str, ...], query: Mapping[str, str], body: object
    ) -> None:
        if not self.there:
            raise Refusal("Asterisk is not connected")
        said = _request(name, method, path, query, body)
        try:
            self._outbox.put_nowait(json.dumps(said))
        except asyncio.QueueFull:
            raise Refusal("Asterisk does not listen") from None

    def _let_go(self) -> None:
        waiting: list[asyncio.Future[Any]] = [*self._asked.values(), *self._expected.values()]
        for answer in waiting:
            if not answer.done():
                answer.set_exception(Refusal("the socket broke"))
                answer.exception()  # perhaps nobody waits for it
        self._expected.clear()


def _request(
    name: str, method: str, path: tuple[str, ...], query: Mapping[str, str], body: object
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": "RESTRequest",
        "request_id": name,
        "method": method,
        "uri": "/".join(quote(part, safe="") for part in path),
        "query_strings": [{"name": key, "value": value} for key, value in query.items()],
    }
    if body is not None:
        said |= {"content_type": "application/json", "message_body": json.dumps(body)}
    return said


async def _write(outbox: asyncio.Queue[str], socket: Socket) -> None:
    while True:
        message = await outbox.get()
        try:
            await socket.send(message)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, who reads of it sees it close
            logger.warning("phone_asterisk_not_told", error=repr(error)[:200])
        finally:
            outbox.task_done()


def _is_ours(name: str, channel: Mapping[str, Any]) -> bool:
    """Whether a channel was made for us, or is led by us."""
    where = channel["dialplan"]
    led = where.get("app_name") == "Stasis" and str(where.get("app_data")).split(",")[0] == APP
    return name.startswith(OURS) or led


def _name(thing: Mapping[str, Any]) -> str:
    name = thing["id"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("without a name")
    return name
