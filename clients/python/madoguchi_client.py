"""A client of Madoguchi's API in one typed file. It needs httpx and Python 3.11.

Errors are `Problem`. What makes something takes a `key`: give one of your own (an order's number, say) to be safe
across restarts; without it a random one guards the tries of a single call. Connections that break, 429 and 503 are
tried again.
"""

import base64
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

TRIES = 4
Kind = TypeVar("Kind")


class Problem(Exception):
    """What the server said went wrong (RFC 9457)."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(f"{status} {told.get('title', '')}: {told.get('detail', '')}")
        self.status = status
        self.errors: dict[str, str] = {e["field"]: e["detail"] for e in told.get("errors", ())}
        self.questions: dict[str, str] = {q["key"]: q["words"] for q in told.get("questions", ())}


@dataclass(frozen=True, slots=True)
class File:
    """A file to go along."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"

    def _written(self) -> dict[str, str]:
        content = base64.b64encode(self.content).decode()
        return {"name": self.name, "content_type": self.content_type, "content": content}


@dataclass(frozen=True, slots=True)
class Line:
    """A case as lists show it; `all` is everything that was said of it."""

    number: str
    desk: int
    subject: str
    status: str
    priority: int
    tags: list[str]
    customer: str | None
    assignee: str | None
    all: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `etag` is for `if_match`."""

    number: str
    status: str
    version: int
    messages: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    etag: str
    all: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """One touch on one channel; `messages` are the ids of what was said."""

    id: int
    at: datetime
    channel: str
    inbound: bool
    entry_point: str
    messages: list[int]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an answer: it leaves (`message`), or waits (`pending`)."""

    state: str
    message: int | None
    pending: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened; `cursor` is the page's end, from which to go on after a restart."""

    id: int
    type: str
    at: datetime
    company: str
    desk: int | None
    case: str | None
    data: dict[str, Any]
    cursor: str


class Madoguchi:
    """The API of one installation, as the person sees it whom the token acts for."""

    def __init__(self, address: str, *, token: str, language: str = "en", timeout: float = 30) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        base = address.rstrip("/") + "/api/v1/"
        self._http = httpx.Client(base_url=base, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def me(self) -> dict[str, Any]:
        """Whom the token acts for, and what it may."""
        return self._call("GET", "me").json()

    def desks(self) -> list[dict[str, Any]]:
        """The desks at which the token reads cases."""
        return self._call("GET", "desks").json()

    def cases(self, *, view: str = "all", desk: int | None = None, limit: int = 100) -> Iterator[Line]:
        """Every case of a list, the one touched last first."""
        asked: dict[str, Any] = {"view": view, "limit": limit} | ({"desk": desk} if desk is not None else {})
        while True:
            page = self._call("GET", "cases", params=asked).json()
            yield from (_of(Line, item) for item in page["items"])
            if not page["next"]:
                return
            asked["cursor"] = page["next"]

    def case(self, number: str) -> Case:
        """One case with what was said last."""
        return _case(self._call("GET", f"cases/{number}"))

    def contacts(self, number: str, *, limit: int = 100) -> Iterator[Contact]:
        """Every touch of a case, in order: what figures and bills count."""
        asked = {"limit": limit}
        while True:
            page = self._call("GET", f"cases/{number}/contacts", params=asked).json()
            for item in page["items"]:
                yield _of(Contact, item | {"at": datetime.fromisoformat(item["at"])})
            if page["next"] is None:
                return
            asked["after"] = page["next"]

    def change_case(self, number: str, *, if_match: str = "", **fields: Any) -> Case:
        """Set status, priority, tags (and summary); with `if_match` only if it is still as it was read."""
        return _case(self._call("PATCH", f"cases/{number}", json=fields, headers=_matching(if_match)))

    def open_case(
        self,
        *,
        desk: int,
        email: str,
        text: str,
        subject: str = "",
        name: str = "",
        phone: str = "",
        language: str = "ja",
        files: Sequence[File] = (),
        key: str = "",
    ) -> str:
        """Hand in what a customer wants; returns the number of the case."""
        body = {
            "desk": desk,
            "customer": {"email": email, "name": name, "phone": phone},
            "subject": subject,
            "text": text,
            "language": language,
            "files": [file._written() for file in files],
        }
        return str(self._make("cases", body, key)["number"])

    def note(self, number: str, text: str, *, key: str = "") -> int:
        """Add what only staff see; returns the note's id."""
        return int(self._make(f"cases/{number}/notes", {"text": text}, key)["id"])

    def reply(
        self,
        number: str,
        text: str,
        *,
        status: str = "waiting_customer",
        at: datetime | None = None,
        confirmed: Sequence[str] = (),
        files: Sequence[File] = (),
        if_match: str = "",
        key: str = "",
    ) -> Sent:
        """Answer the customer. A `Problem` with `questions` wants them `confirmed` first, by their keys."""
        body = {
            "text": text,
            "status": status,
            "at": at.isoformat() if at else None,
            "confirmed": list(confirmed),
            "files": [file._written() for file in files],
        }
        return _of(Sent, self._make(f"cases/{number}/replies", body, key, _matching(if_match)))

    def customers(self, *, email: str = "", phone: str = "") -> list[dict[str, Any]]:
        """The customers whom an address reaches."""
        return self._call("GET", "customers", params={"email": email} if email else {"phone": phone}).json()

    def add_customer(self, company: str, *, key: str = "", **fields: Any) -> int:
        """Enter a customer (name, kana, address, memo, emails, phones); returns the id."""
        return int(self._make("customers", {"company": company, **fields}, key)["id"])

    def change_customer(self, id_: int, **fields: str) -> dict[str, Any]:
        """Set name, kana, address or memo."""
        return self._call("PATCH", f"customers/{id_}", json=fields).json()

    def now(self) -> str:
        """The place in the events from which what comes next is told."""
        return str(self._call("GET", "events").json()["next"])

    def events(self, *, after: str = "start", types: Sequence[str] = ()) -> Iterator[Event]:
        """What happened after a place, until there is no more for now."""
        more = True
        while more:
            asked = {"after": after, "types": ",".join(types), "limit": 100}
            page = self._call("GET", "events", params=asked).json()
            after, more = page["next"], page["more"]
            for item in page["items"]:
                yield _of(Event, item | {"at": datetime.fromisoformat(item["at"]), "cursor": after})

    def _make(
        self, path: str, body: dict[str, Any], key: str, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        named = {"Idempotency-Key": key or uuid.uuid4().hex}
        made: dict[str, Any] = self._call("POST", path, json=body, headers=named | (headers or {})).json()
        return made

    def _call(self, method: str, path: str, **given: Any) -> httpx.Response:
        for left in reversed(range(TRIES)):
            try:
                answer = self._http.request(method, path, **given)
            except httpx.TransportError:
                if not left:
                    raise
                time.sleep(1)
                continue
            if answer.is_success:
                return answer
            if not left or answer.status_code not in (429, 503):
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        raise Problem(answer.status_code, _told(answer))


def _told(answer: httpx.Response) -> dict[str, Any]:
    is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    return answer.json() if is_problem else {"title": answer.reason_phrase, "detail": answer.text[:200]}


def _matching(mark: str) -> dict[str, str]:
    return {"If-Match": mark} if mark else {}


def _case(answer: httpx.Response) -> Case:
    return _of(Case, answer.json() | {"etag": answer.headers["ETag"]})


def _of(kind: type[Kind], told: dict[str, Any]) -> Kind:
    wanted = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(
        **{name: told[name] for name in wanted if name in told} | ({"all": told} if "all" in wanted else {})
    )
