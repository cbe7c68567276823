"""A system outside: a real HTTP server that keeps what it was told, and answers as a test wishes."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Heard:
    """One request."""

    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """Where it listens, what it heard; `answer` gives status and words, and may wait."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[], tuple[int, str]] = lambda: (204, "")


@contextmanager
def receiving(by: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on this machine for as long as the test needs it; encrypted where something to do it by is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.heard.append(Heard({k.lower(): v for k, v in self.headers.items()}, body))
            status, words = receiver.answer()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", receiver.url + "elsewhere")
            self.send_header("Content-Length", str(len(words.encode())))
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if by is not None:
        server.socket = by.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(f"http{'s' if by else ''}://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
