"""What a carrier tells of a call, as the logic of calls hears it. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from madoguchi.channels.phone.kept import Standing
from madoguchi.companies.actions.entry_points import PHONE_NUMBER
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.voice import logic
from madoguchi.voice.logic import Event, Phase

# A call of which this is told goes on no more.
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
# What stands in place of a number that is not shown: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on its keys.
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"})
# Time that is up within so little is up: the carrier's clock is another.
_ALMOST = timedelta(milliseconds=500)
_SIP = re.compile(r"(?:sips?:)?(?P<user>[^@]*)@(?P<host>[^:;?>]*).*")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def name_of(said: Mapping[str, str], field: str = "CallSid") -> str:
    """What the carrier calls a call or a recording; empty for what can be no name."""
    name = said.get(field, "")
    return name if _NAME.fullmatch(name) else ""


def caller(said: Mapping[str, str], *, carrier: str = "") -> str:
    """The number that calls (E.164); empty where it is withheld or is none. What a SIP address says of itself counts
    only where it is of the carrier's own host, by the address of its API: anybody else may write any number there.
    """
    sip = _SIP.fullmatch(said.get("From", "")[:200])
    written = sip["user"] if sip else said.get("From", "")[:60]
    if written in WITHHELD or (sip and not _is_of(sip["host"], carrier)):
        return ""
    with suppress(Exception):
        number = canonical(IdentityKind.PHONE, written)
        return number if PHONE_NUMBER.fullmatch(number) else ""
    return ""


def _is_of(host: str, carrier: str) -> bool:
    own = (urlsplit(carrier).hostname or "").removeprefix("api.")
    return bool(own) and f".{host.lower()}".endswith(f".{own}")


def is_over(said: Mapping[str, str]) -> bool:
    """Whether the caller is there no more."""
    return said.get("CallStatus", "") in OVER or said.get("Digits") == "hangup"


def events_of(
    what: str, said: Mapping[str, str], call: logic.Call, standing: Standing, at: datetime
) -> list[Event]:
    """What happened on the line before the next document was asked for."""
    if is_over(said):
        return [logic.HungUp(at)]
    key = said.get("Digits", "")[:1]
    match what:
        case "played":
            return [logic.Played(at)]
        case "key" if key:
            return [logic.Key(at, key)]
        case "key" | "time":
            # The time for a key runs from the end of what was played.
            return [logic.Played(at), logic.TimeUp(at)] if standing.sounds else [logic.TimeUp(at)]
        case "recorded" if call.phase == Phase.RECORDING:
            return [logic.Key(at, key) if key else logic.TimeUp(at)]
        case "look" if standing.until and standing.until - _ALMOST <= at:
            return [logic.TimeUp(at)]
        case "dialled":
            return _of_who_was_dialled(said, call, at)
    return []


def _of_who_was_dialled(said: Mapping[str, str], call: logic.Call, at: datetime) -> list[Event]:
    if call.ringing:
        return [logic.NotAnswered(at, call.ringing)]
    return [logic.LeftUs(at, call.agent)] if call.agent else []
