"""A small site that serves the real templates, styles and scripts, strict CSP and all, to a real browser."""

from __future__ import annotations

import itertools
import json
import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone, translation

from madoguchi.look.pages import guide_context

PAGES = Path(__file__).parent / "pages"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'"
)


@dataclass
class Site:
    """Where the pages are, what they were asked to do, and how they answer."""

    url: str = ""
    posts: list[tuple[str, str]] = field(default_factory=list)
    draft_status: int = 200
    upload_status: int = 200
    rows: list[str] = field(default_factory=lambda: ["一", "二"])
    stream: list[dict[str, Any]] = field(default_factory=list)
    asked_after: list[str] = field(default_factory=list)
    told: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, event: dict[str, Any]) -> None:
        """Send an event to every page that listens."""
        with self.told:
            self.stream.append(event)
            self.told.notify_all()

    def events(self) -> Iterator[dict[str, Any]]:
        """Every event from the first, as it comes, until one says to hang up."""
        for place in itertools.count():
            with self.told:
                while len(self.stream) <= place:
                    self.told.wait()
            if self.stream[place].get("kind") == "hang-up":
                return
            yield self.stream[place]

    def bodies(self, path: str) -> list[dict[str, list[str]]]:
        """The form fields of each POST to `path`, in order."""
        return [parse_qs(body) for where, body in self.posts if where == path]


def render_page(name: str, query: dict[str, list[str]]) -> str:
    """One of tests/pages/, inside the real base pages."""
    context = {
        "csrf_token": "a-token",
        "now": timezone.now(),
        "search_url": "/search/",
        "palette_url": "/palette/",
        "company_name": "はなもと電器",
        **guide_context(),
        **{key: values[0] for key, values in query.items()},
    }
    source = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    with translation.override("ja"):
        return engines["django"].from_string(source).render(context, RequestFactory().get(f"/{name}/"))


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *arguments: object) -> None:
        """Quiet: pytest shows what matters."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if address.path.startswith("/static/"):
            self.send_static(address.path.removeprefix("/static/"))
        elif address.path == "/palette/":
            found = [{"label": "K-10479 炊飯器", "detail": "用件", "url": f"/found/?q={query['q'][0]}"}]
            self.answer(json.dumps({"results": found}), kind="application/json")
        elif address.path == "/rows/":
            self.answer(
                "".join(f'<p id="row-{row}"><a href="#{row}">{row}</a></p>' for row in self.site.rows)
            )
        elif address.path == "/template/":
            self.answer("お問い合わせ番号は{{ 伝票番号 }}です。", kind="text/plain")
        elif address.path == "/live/":
            self.send_stream(query.get("after", [""])[0])
        elif (PAGES / f"{address.path.strip('/')}.html").is_file():
            self.answer(render_page(address.path.strip("/"), query))
        else:
            self.answer("<title>-</title>", status=404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode(errors="replace")
        with self.site.told:
            self.site.posts.append((self.path, body))
        if self.path == "/upload/":
            answer = {"id": "7", "name": "不具合写真.jpg", "error": "大きすぎます。"}
            self.answer(json.dumps(answer), status=self.site.upload_status, kind="application/json")
        elif self.path == "/draft/":
            self.answer("{}", status=self.site.draft_status, kind="application/json")
        else:
            self.answer("<title>sent</title><h1>送りました</h1>")

    def send_static(self, path: str) -> None:
        found = finders.find(path)
        kind = mimetypes.guess_type(path)[0] or "text/plain"
        self.answer(Path(found).read_bytes() if found else b"", status=200 if found else 404, kind=kind)

    def send_stream(self, after: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.site.asked_after.append(after)
        for event in self.site.events():
            if str(event.get("id", "")) > after:
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def answer(self, body: str | bytes, *, status: int = 200, kind: str = "text/html") -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    """A site of this test's own."""
    settings.ROOT_URLCONF = "madoguchi.look.tests.urls"
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site}))
    server.daemon_threads = True
    server.block_on_close = False
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield site
    site.tell({"kind": "hang-up"})
    server.shutdown()
    server.server_close()


@pytest.fixture
def quiet_page(page: Any) -> Iterator[Any]:
    """A page on which every script error and every breach of the CSP fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert problems == []
