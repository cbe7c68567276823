"""A stand-in for Asterisk: it answers what is asked over the socket as Asterisk 22 does, and tells what happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

SOURCE = "127.0.0.1"
SOUND_PORT = 9
CHANNEL = "1796009638.0"


class StandIn:
    """What dials us. `refused` are beginnings of what it does not do; `silent` says that it answers nothing, and
    `sound_host` and `sound_port` where it wants sound.
    """

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.bridges: set[str] = set()
        self.asked: list[str] = []
        self.variables: dict[str, dict[str, str]] = {}
        self.refused: tuple[str, ...] = ()
        self.silent = False
        self.sound_host, self.sound_port = SOURCE, SOUND_PORT
        self.inbox: asyncio.Queue[str] = asyncio.Queue()

    # As a socket ---------------------------------------------------------------------------------------------------

    async def send(self, message: str) -> None:
        said = json.loads(message)
        assert said["type"] == "RESTRequest"
        query = {one["name"]: one["value"] for one in said["query_strings"]}
        path = [unquote(part) for part in said["uri"].split("/")]
        what = f"{said['method']} {'/'.join(path)}"
        self.asked.append(what)
        if self.silent:
            return
        status, body = (409, None) if what.startswith(self.refused or ("-",)) else self._do(what, path, query)
        told = {"request_id": said["request_id"], "status_code": status, "message_body": json.dumps(body)}
        if body is None:
            del told["message_body"]
        self.tell("RESTResponse", **told)

    async def close(self) -> None:
        self.inbox.put_nowait("")

    async def __aiter__(self) -> AsyncIterator[str]:
        yield '{"type": "ApplicationRegistered", "application": "madoguchi"}'
        while raw := await self.inbox.get():
            yield raw

    # What happens there --------------------------------------------------------------------------------------------

    def tell(self, what: str, **more: Any) -> None:
        self.inbox.put_nowait(json.dumps({"type": what, "application": "madoguchi", **more}))

    def of(self, name: str) -> dict[str, Any]:
        return {"channel": self.channels[name]}

    def rings(
        self,
        number: str = "05000000001",
        caller: str = "09012345678",
        shown: str = "allowed",
        name: str = CHANNEL,
    ) -> None:
        """Somebody calls, whom the dialplan leads to us."""
        self._there(name, number, caller, f"madoguchi,{shown}")
        self.tell("StasisStart", args=[shown], **self.of(name))

    def presses(self, key: str, name: str = CHANNEL) -> None:
        self.tell("ChannelDtmfReceived", digit=key, duration_ms=100, **self.of(name))

    def hangs_up(self, name: str = CHANNEL, cause: int = 16) -> None:
        gone = self.of(name)
        del self.channels[name]
        self.tell("StasisEnd", **gone)
        self.tell("ChannelDestroyed", cause=cause, **gone)

    def answers(self, name: str) -> None:
        """Who was called by us answers, and is led to us."""
        self.channels[name]["dialplan"] |= {"app_name": "Stasis", "app_data": "madoguchi"}
        self.tell("StasisStart", args=[], **self.of(name))

    @property
    def called(self) -> str:
        """The channel that we call somebody by."""
        [name] = [one for one in self.channels if one.startswith("madoguchi-") and not one.endswith("-sound")]
        return name

    def _there(self, name: str, exten: str, caller: str, data: str) -> None:
        app = "Stasis" if data.startswith("madoguchi") else "AppDial2"
        state = "Ring" if exten != "s" else "Up"
        plan = {"context": "from-carrier", "exten": exten, "app_name": app, "app_data": data}
        who = {"name": "", "number": caller}
        self.channels[name] = {"id": name, "state": state, "caller": who, "dialplan": plan}

    def _do(self, what: str, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        kind, name = path[0], path[1] if len(path) > 1 else ""
        match what.split("/")[0].split()[0], kind, path[2:]:
            case "GET", "channels", ["variable"]:
                ours = {"ADDRESS": self.sound_host, "PORT": str(self.sound_port)}
                return 200, {"value": ours[query["variable"].removeprefix("UNICASTRTP_LOCAL_")]}
            case "GET", "channels", []:
                return 200, list(self.channels.values())
            case "GET", "bridges", []:
                return 200, [{"id": one, "channels": []} for one in self.bridges]
            case "POST", "bridges", []:
                self.bridges.add(query["bridgeId"])
                return 200, {"id": query["bridgeId"]}
            case "POST", "channels", [] if name == "externalMedia":
                self._there(query["channelId"], "s", "", "madoguchi")
                self.tell("StasisStart", args=[], **self.of(query["channelId"]))
                return 200, self.channels[query["channelId"]]
            case "POST", "channels", [] if not name:
                self._there(query["channelId"], "s", query["callerId"], "(Outgoing Line)")
                return 200, self.channels[query["channelId"]]
            case "POST", "bridges", ["addChannel"]:
                return (204 if name in self.bridges and query["channel"] in self.channels else 404), None
            case "DELETE", "bridges", []:
                return self._gone(name in self.bridges, lambda: self.bridges.discard(name))
            case "DELETE", "channels", []:
                return self._gone(name in self.channels, lambda: self.hangs_up(name))
            case "POST", "channels", ["variable"] if name in self.channels:
                self.variables.setdefault(name, {})[query["variable"]] = query["value"]
                return 204, None
            case "POST", "channels", ["answer"] if name in self.channels:
                self.channels[name]["state"] = "Up"
                return 204, None
            case _, "channels", _:
                return (204 if name in self.channels else 404), None
        return 200, {}

    def _gone(self, there: bool, let_go: Any) -> tuple[int, Any]:
        if there:
            let_go()
        return (204, None) if there else (404, {"message": "not found"})


async def settled() -> None:
    """Until all that was said has been heard, and has led to what it leads to, but for what takes time."""
    for _turn in range(80):
        await asyncio.sleep(0)
