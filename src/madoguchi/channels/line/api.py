"""Asking LINE, at its own addresses and no other, and what its answers mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from madoguchi.channels.line.models import Account
from madoguchi.infra import outgoing, web
from madoguchi.infra.web import Bounds, NoAnswer
from madoguchi.kernel.text import one_line

MOST_CONTENT = 20_000_000
SECONDS, CONTENT_SECONDS = 10, 60
_API, _CONTENT = "https://api.line.me", "https://api-data.line.me"
_TAKEN_BEFORE = 409


@dataclass(frozen=True, slots=True)
class Answered:
    """What LINE said. Without a status it said nothing; the words then say why."""

    status: int | None
    body: bytes = b""
    content_type: str = ""

    @property
    def ok(self) -> bool:
        """Whether LINE did it, now or at an earlier try under the same key."""
        return self.status is not None and (200 <= self.status < 300 or self.status == _TAKEN_BEFORE)

    @property
    def for_now(self) -> bool:
        """Whether a later try may help: nobody answered, LINE is in trouble or too busy, or our token is not right."""
        return self.status is None or self.status >= 500 or self.status in (401, 408, 429)

    @property
    def told(self) -> dict[str, Any]:
        """What it said as JSON; empty for anything else."""
        try:
            told = json.loads(self.body)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def words(self) -> str:
        """Status and message, as people read them."""
        if self.status is None:
            return one_line(self.body.decode(errors="replace"), most=500)
        details = self.told.get("details")
        rows = [row for row in details if isinstance(row, dict)] if isinstance(details, list) else []
        parts = [str(self.told.get("message", "")), *(str(row.get("message", "")) for row in rows)]
        return one_line(f"{self.status} {' / '.join(filter(None, parts))}", most=500)


def get(account: Account, path: str) -> Answered:
    """What LINE tells of something."""
    return _asked(lambda: web.get(_at(_API, path), headers=_headers(account), bounds=_bounds()))


def post(account: Account, path: str, said: Mapping[str, Any], *, retry_key: str = "") -> Answered:
    """Have LINE do something; under one retry key it does it once, however often it is asked in a day."""
    headers = {**_headers(account), "Content-Type": "application/json"}
    if retry_key:
        headers["X-Line-Retry-Key"] = retry_key
    body = json.dumps(said, ensure_ascii=False).encode()
    return _asked(lambda: web.post(_at(_API, path), body=body, headers=headers, bounds=_bounds()))


def content(account: Account, message: str) -> Answered:
    """The file of a message (by LINE's id). LINE answers 202 while it prepares it, and 404 or 410 once it is gone."""
    path = f"/v2/bot/message/{message}/content"
    bounds = _bounds(most=MOST_CONTENT, seconds=CONTENT_SECONDS)
    return _asked(lambda: web.get(_at(_CONTENT, path), headers=_headers(account), bounds=bounds))


def _asked(ask: Any) -> Answered:
    try:
        answer = ask()
    except NoAnswer as error:
        return Answered(None, str(error).encode())
    return Answered(answer.status, answer.body, answer.content_type)


def _at(host: str, path: str) -> str:
    return (settings.LINE_API or host) + path


def _headers(account: Account) -> dict[str, str]:
    # What was pasted with a line break would end the header.
    return {"Authorization": f"Bearer {one_line(account.token)}", "User-Agent": "Madoguchi"}


def _bounds(*, most: int = 1_000_000, seconds: float = SECONDS) -> Bounds:
    """Redirects are not followed: the token is for LINE alone. Another server stands in only where the installation
    itself says so.
    """
    if settings.LINE_API:
        return Bounds(most=most, seconds=seconds, redirects=0, allowed=outgoing.not_hidden)
    return Bounds(most=most, seconds=seconds, redirects=0, schemes=frozenset({"https"}))
