"""A provider of OAuth 2: gives tokens by refresh token, device code and browser code, and says whose a token is.

It takes a refresh token once. Whoever comes with a used one, as two who both refresh would, loses the consent.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CLIENT, SECRET = "client-of-tests", "secret-of-tests"

_DEVICE = {
    "device_code": "d",
    "user_code": "ABCD-EFGH",
    "verification_uri": "https://provider.example/device",
    "interval": 0,
}


@dataclass
class Provider:
    """What it knows; a test may change it while it runs."""

    port: int = 0
    user: str = "support"
    seconds: int = 3600
    refresh: set[str] = field(default_factory=set)
    access: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    consented: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    broken: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def endpoints(self, *names: str) -> dict[str, str]:
        """Its endpoints as the product is told them."""
        return {name: f"{self.base}/{name}" for name in ("token", *names)}

    def consent(self) -> str:
        """A refresh token, as somebody's consent brings it."""
        token = f"refresh-{next(self.numbers)}"
        self.refresh.add(token)
        return token

    def given(self, *, anew: bool) -> dict[str, Any]:
        """A new access token, with a new refresh token."""
        token = f"access-{next(self.numbers)}"
        self.access[token] = self.user
        return {
            "access_token": token,
            "expires_in": self.seconds,
            "refresh_token": self.consent() if anew else "",
        }

    def answer(self, path: str, asked: dict[str, str], bearer: str) -> tuple[int, Any]:
        """What it says to a question."""
        if path == "/introspect":
            user = self.access.get(bearer)
            return (200, {"active": "true", "username": user}) if user else (401, {"active": "false"})
        self.asked.append(asked)
        if self.broken:
            return 200, self.broken
        if asked.get("client_id") != CLIENT or asked.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client"}
        if path == "/device":
            return 200, _DEVICE
        return self._granted(asked)

    def _granted(self, asked: dict[str, str]) -> tuple[int, Any]:
        match asked["grant_type"]:
            case "refresh_token" if asked["refresh_token"] in self.refresh:
                self.refresh.remove(asked["refresh_token"])
                return 200, self.given(anew=True)
            case "refresh_token":
                self.refresh.clear()
            case "authorization_code" if self.codes.pop(asked["code"], "") == _challenge(
                asked["code_verifier"]
            ):
                return 200, self.given(anew=True)
            case "urn:ietf:params:oauth:grant-type:device_code":
                if self.consented:
                    return 200, self.given(anew=True)
                self.consented = True
                return 400, {"error": "authorization_pending"}
        return 400, {"error": "invalid_grant"}


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@contextmanager
def provider() -> Iterator[Provider]:
    """It answers on a port of this machine while inside."""
    state = Provider()

    class Door(BaseHTTPRequestHandler):
        """One question."""

        def do_GET(self) -> None:
            """Whose is this token?"""
            self._answer({})

        def do_POST(self) -> None:
            """A token, please."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(dict(parse_qsl(body)))

        def _answer(self, asked: dict[str, str]) -> None:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with state.lock:
                status, said = state.answer(urlsplit(self.path).path, asked, bearer)
            body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
