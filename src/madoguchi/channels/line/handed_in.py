"""What LINE hands in by a webhook: proven by its signature, and each event told apart. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from madoguchi.kernel.text import blot_card_numbers, clean

MOST_BYTES, MOST_EVENTS = 1_000_000, 200
_MOST_NAME = 40


class Garbled(ValueError):
    """What was posted is nothing that LINE writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: LINE's own name for it (`id`), from whom, the message it is `about`, and all that it says."""

    id: str
    kind: str
    source: str
    user: str
    about: str
    at: datetime
    said: dict[str, Any]

    @property
    def is_from_a_person(self) -> bool:
        """Whether somebody turned to the account alone, and we are the ones to answer (no other system is)."""
        return self.source == "user" and bool(self.user) and self.said.get("mode") != "standby"


def is_signed(body: bytes, *, signature: str, secret: str) -> bool:
    """Whether the raw body was signed by the channel's secret. Takes as long for any wrong signature;
    without a secret nothing is.
    """
    right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return bool(secret) and hmac.compare_digest(right, signature.encode())


def events_in(body: bytes) -> list[Event]:
    """The events of a webhook's body; none where LINE only tries whether we are there. Raises Garbled."""
    try:
        told = json.loads(body)
        events = told["events"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise Garbled("no webhook of LINE") from error
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise Garbled("no list of events, or a very long one")
    return list(_events(events))


def _events(events: list[Any]) -> Iterator[Event]:
    """What has no name of its own is left out: it could not be told apart from a repeat."""
    for said in events:
        if not isinstance(said, dict) or not (name := _word(said, "webhookEventId")):
            continue
        source, message = _object(said, "source"), _object(said, "message") or _object(said, "unsend")
        yield Event(
            id=name,
            kind=_word(said, "type", 30),
            source=_word(source, "type", 10),
            user=_word(source, "userId"),
            about=_word(message, "id") or _word(message, "messageId"),
            at=_moment(said.get("timestamp")),
            said=_without_cards(said),
        )


def _without_cards(said: dict[str, Any]) -> dict[str, Any]:
    message = _object(said, "message")
    if isinstance(message.get("text"), str):
        message["text"] = blot_card_numbers(clean(message["text"]))
    return said


def _object(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _word(said: dict[str, Any], name: str, most: int = _MOST_NAME) -> str:
    value = said.get(name)
    return value if isinstance(value, str) and len(value) <= most and value.isascii() else ""


def _moment(milliseconds: Any) -> datetime:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Garbled("an event without its time") from error
