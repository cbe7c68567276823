"""A call as JSON: between two webhooks of a carrier, so that any web process goes on with it, and while our own gateway
holds it, so that it can be ended as it stood when that is killed. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from madoguchi.voice import logic
from madoguchi.voice.flow import Flow
from madoguchi.voice.logic import Verb


@dataclass(frozen=True, slots=True)
class Standing:
    """How the line stands: what is played (again and again, if `loop`), until when, and what else was begun.

    `records` says that the caller's words are kept, `seeks` for how many seconds the phone of somebody free is to ring,
    `ended` how the call is to be ended: reject or hang_up. Of what is played, so many turns (`turn`) are over.
    """

    sounds: tuple[str, ...] = ()
    loop: bool = False
    until: datetime | None = None
    records: bool = False
    seeks: int = 0
    desk: int = 0
    ended: str = ""
    turn: int = 0

    def carry_out(self, verb: Verb, at: datetime) -> "Standing":
        """How it stands when this is done. As on any line, one thing plays at most and one time runs."""
        match verb:
            case logic.Reject():
                return Standing(ended="reject")
            case logic.HangUp():
                return Standing(ended="hang_up")
            case logic.Play(sounds=sounds, loop=loop):
                return replace(self, sounds=sounds, loop=loop, until=None, turn=0)
            case logic.Gather(seconds=seconds):
                return replace(self, sounds=(), loop=False, until=at + timedelta(seconds=seconds))
            case logic.Park(seconds=seconds) | logic.Wait(seconds=seconds):
                return replace(self, until=at + timedelta(seconds=seconds) if seconds else None)
            case logic.Unpark():
                return replace(self, until=None, seeks=0, desk=0)
            case logic.Dial(seconds=seconds, desk=desk):
                return replace(self, seeks=seconds, desk=desk)
            case logic.Record(seconds=seconds):
                return replace(
                    self, sounds=(), loop=False, records=True, until=at + timedelta(seconds=seconds)
                )
            case logic.StopRecording():
                return replace(self, records=False, until=None)
        return self


def as_json(one: logic.Call | Standing) -> dict[str, Any]:
    """What is kept of it. The flow of a call is known by its version, and left out."""
    return {f.name: _plain(getattr(one, f.name)) for f in fields(one) if f.name != "flow"}


def call_of(row: Mapping[str, Any], flow: Flow) -> logic.Call:
    """The call that was kept so."""
    return logic.Call(flow=flow, **_read(logic.Call, row))


def standing_of(row: Mapping[str, Any]) -> Standing:
    """How its line stood."""
    return Standing(**_read(Standing, row))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    hints = _hints(kind)
    return {name: _typed(hints[name], value) for name, value in row.items() if name in hints}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    kinds = [one for one in get_args(hint) if one not in (NoneType, Ellipsis)]
    if get_origin(hint) is tuple:
        return tuple(_typed(kinds[0], one) for one in value)
    kind: Any = kinds[0] if kinds else hint
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(**_read(kind, value)) if isinstance(value, dict) else kind(value)
