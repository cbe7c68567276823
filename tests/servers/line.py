"""LINE as far as we speak with it: a server that takes what LINE takes and refuses what LINE refuses.

What is sent is read by the models of LINE's own SDK (made from its OpenAPI description); what they do not say, the
documentation does: lengths, reply tokens that work once, retry keys that work once, addresses over TLS.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from linebot.v3.messaging.models import IssueLinkTokenResponse, PushMessageRequest, ReplyMessageRequest
from linebot.v3.webhooks import AccountLinkEvent

USER = "U" + "0123456789abcdef" * 2
OTHER = "U" + "fedcba9876543210" * 2
SECRET, TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "stand-in-access-token"
Json = dict[str, Any]
_OF_KIND: dict[str, Json] = {"sticker": {"packageId": "1", "stickerId": "1", "stickerResourceType": "STATIC"}}
_QUOTED = ("text", "sticker", "image", "video")
MOST_TEXT, MOST_ALT, MOST_LABEL = 5_000, 1_500, 20


class Wrong(Exception):
    """What LINE answers with 400."""


@dataclass
class Line:
    """One official account at LINE. `answers` are given in turn instead of taking a message: status and words.

    `pushed` and `replied` are what it took, `keys` the retry keys under which it was asked, `files` the content of
    messages by their id, `asked` every path, `issued` link tokens that count, by whom they are for,
    `untold` paths at which it is in trouble.
    """

    url: str = ""
    basic_id: str = "@asagiri"
    answers: list[tuple[int, str]] = field(default_factory=list)
    pushed: list[Json] = field(default_factory=list)
    replied: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    files: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    names: dict[str, Json] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    issued: list[tuple[str, str]] = field(default_factory=list)
    links: bool = True
    webhook: str = ""
    used: int = 0
    untold: set[str] = field(default_factory=set)
    ask: Callable[[str], tuple[int, str]] = field(init=False)
    _taken: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ask = self.in_turn

    def answer(self, method: str, path: str, token: str, key: str, body: bytes) -> tuple[int, Any, str]:
        """What LINE says: status, body (JSON unless bytes), content type."""
        self.asked.append(path)
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Authentication failed. Confirm that the access token is valid."}, ""
        if path.endswith("/content"):
            status, kind, content = self.files.get(path.split("/")[-2], (404, "", b"{}"))
            return status, content, kind
        if method == "GET":
            return self._told(path)
        if path.endswith("/linkToken"):
            return self._issue(path.split("/")[-2])
        if path.endswith("/webhook/test"):
            return 200, self._try_webhook(), ""
        try:
            return self._send(path, key, json.loads(body))
        except Wrong as wrong:
            return 400, {"message": str(wrong)}, ""

    def in_turn(self, key: str) -> tuple[int, str]:
        """What is said to a message, before it is looked at."""
        return self.answers.pop(0) if self.answers else (200, "")

    def _told(self, path: str) -> tuple[int, Json, str]:
        if path.startswith("/v2/bot/profile/"):
            profile = self.names.get(path.rpartition("/")[2])
            return (200, profile, "") if profile else (404, {"message": "Not found"}, "")
        told: dict[str, Json] = {
            "/v2/bot/info": {
                "userId": "U" + "b" * 32,
                "basicId": self.basic_id,
                "displayName": "あさぎり服飾店",
                "chatMode": "bot",
                "markAsReadMode": "auto",
            },
            "/v2/bot/message/quota": {"type": "limited", "value": 200},
            "/v2/bot/message/quota/consumption": {"totalUsage": self.used},
        }
        if path in self.untold:
            return 500, {"message": "Internal Server Error"}, ""
        return (200, told[path], "") if path in told else (404, {"message": "Not found"}, "")

    def _issue(self, user: str) -> tuple[int, Json, str]:
        """A link token, for a user whom it knows."""
        if user not in self.names or not self.links:
            return 400, {"message": "The user is no friend of the account"}, ""
        told = IssueLinkTokenResponse(linkToken=f"link-token-{len(self.issued)}")
        self.issued.append((user, told.link_token))
        return 200, told.to_dict(), ""

    def dialog(self, url: str, *, user: str, name: str, at: int) -> Json:
        """What LINE hands in once `user` confirmed in the dialog of this address. A link token counts once; whether it
        was issued for this user is what LINE looks at.
        """
        assert url.startswith("https://access.line.me/dialog/bot/accountLink?"), url
        said = dict(parse_qsl(urlsplit(url).query))
        assert 10 <= len(said["nonce"]) <= 255
        issued = next(one for one in self.issued if one[1] == said["linkToken"])
        self.issued.remove(issued)
        link = {"result": "ok" if issued[0] == user else "failed", "nonce": said["nonce"]}
        more = {"replyToken": f"linked-{name}"} if link["result"] == "ok" else {}
        self.tokens.update(more.values())
        made = event("accountLink", name=name, at=at, user=user, link=link, **more)
        assert not list(_lost(made, AccountLinkEvent.from_dict(made).to_dict()))
        return made

    def _send(self, path: str, key: str, said: Json) -> tuple[int, Json, str]:
        by_reply = path.endswith("/reply")
        if not by_reply:
            self.keys.append(key)
            if key in self._taken:
                return 409, {"message": "The retry key is already accepted"}, ""
        status, words = self.ask(key)
        if status != 200:
            return status, {"message": words}, ""
        _check(ReplyMessageRequest if by_reply else PushMessageRequest, said)
        if by_reply:
            if said["replyToken"] not in self.tokens:
                raise Wrong("Invalid reply token")
            self.tokens.discard(said["replyToken"])
            self.replied.append(said)
        else:
            self.pushed.append(said)
            self._taken[key] = said
            self.used += 1
        return 200, {"sentMessages": [{"id": str(n)} for n, _ in enumerate(said["messages"])]}, ""

    def _try_webhook(self) -> Json:
        status = self.hand_in([]) if self.webhook else 0
        good = status == 200
        return {
            "success": good,
            "statusCode": status,
            "reason": "OK" if good else "ERROR_STATUS_CODE",
            "detail": str(status),
        }

    def hand_in(self, events: list[Json]) -> int:
        """Post events to the webhook as LINE does; the status that came back."""
        body = webhook_body(events)
        headers = {"Content-Type": "application/json", "X-Line-Signature": signature(body)}
        try:
            with urlopen(Request(self.webhook, body, headers), timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    @property
    def texts(self) -> list[str]:
        """The words of all that was taken, in order of pushes and then replies."""
        every = [message for said in (*self.pushed, *self.replied) for message in said["messages"]]
        return [message["text"] for message in every if message["type"] == "text"]


def signature(body: bytes, secret: str = SECRET) -> str:
    """By what LINE shows that it wrote this."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def webhook_body(events: list[Json]) -> bytes:
    """The body of a webhook."""
    return json.dumps({"destination": "U" + "b" * 32, "events": events}, ensure_ascii=False).encode()


def event(kind: str = "message", *, name: str, at: int, user: str = USER, **more: Any) -> Json:
    """An event as LINE writes it; `name` is its ULID, `at` milliseconds. What can be quoted has a token for that."""
    message = more.get("message")
    if isinstance(message, dict) and message.get("type") in _QUOTED:
        more["message"] = {"quoteToken": f"quote-{name}", **_OF_KIND.get(message["type"], {}), **message}
    if kind == "follow":
        more = {"replyToken": f"reply-{name}", "follow": {"isUnblocked": False}, **more}
    return {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "source": {"type": "user", "userId": user},
        "webhookEventId": name,
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


@contextmanager
def line_server() -> Iterator[Line]:
    """LINE on a free port of this machine."""
    line = Line()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(line))
    line.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _check(model: Any, said: Json) -> None:
    """Nothing that the SDK's models do not know, and nothing too long."""
    try:
        kept = model.from_dict(said).to_dict()
    except ValueError as error:
        raise Wrong(str(error)[:300]) from error
    if unknown := list(_lost(said, kept)):
        raise Wrong(f"unknown property: {unknown}")
    if not 1 <= len(said["messages"]) <= 5:
        raise Wrong("Size must be between 1 and 5")
    for message in said["messages"]:
        _check_message(message)


def _check_message(message: Json) -> None:
    if message["type"] == "text" and not 1 <= _length(message["text"]) <= MOST_TEXT:
        raise Wrong("Length must be between 1 and 5000")
    if message["type"] == "image":
        for name in ("originalContentUrl", "previewImageUrl"):
            if not message[name].startswith("https://") or len(message[name]) > 2_000:
                raise Wrong(f"Must be a valid HTTPS URL: {name}")
    if message["type"] == "flex" and not 1 <= _length(message["altText"]) <= MOST_ALT:
        raise Wrong("Length must be between 1 and 1500: altText")
    items = message.get("quickReply", {}).get("items", [])
    if len(items) > 13:
        raise Wrong("Size must be between 1 and 13: quickReply")
    for item in items:
        if not 1 <= _length(item["action"]["label"]) <= MOST_LABEL:
            raise Wrong("Length must be between 1 and 20: label")


def _lost(said: Any, kept: Any, path: str = "") -> Iterator[str]:
    if isinstance(said, dict):
        for name, value in said.items():
            if not isinstance(kept, dict) or name not in kept:
                yield f"{path}/{name}"
            else:
                yield from _lost(value, kept[name], f"{path}/{name}")
    elif isinstance(said, list):
        for at, value in enumerate(said):
            yield from _lost(value, kept[at], f"{path}/{at}")


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _handler(line: Line) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.RLock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _answer(self, body: bytes) -> None:
            token, key = self.headers.get("Authorization", ""), self.headers.get("X-Line-Retry-Key", "")
            with one_at_a_time:
                status, said, kind = line.answer(self.command, self.path, token, key, body)
            raw = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind or "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
