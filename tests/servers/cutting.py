"""A line that breaks: between a client and a server, cut after so many bytes."""

import selectors
import socket
import socketserver
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self


class Cutter(socketserver.ThreadingTCPServer):
    """Hands everything on to a port of this machine, or a socket in its files, until told to cut. Counts both
    directions, from then on.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, to: int | Path) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.to = to
        self.left: int | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self.port = int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._flowing.set()
        self.shutdown()
        self.server_close()

    def cut_after(self, size: int | None) -> None:
        """Let this many bytes pass, then nothing; None lets everything pass again."""
        self.left = size

    def stall(self) -> None:
        """Keep the line open and let nothing through."""
        self._flowing.clear()

    def passing(self, data: bytes) -> bytes:
        """What of this may pass, when anything may."""
        self._flowing.wait()
        if self.left is not None:
            data = data[: max(0, self.left)]
            self.left -= len(data)
        return data


class _Line(socketserver.BaseRequestHandler):
    server: Cutter

    def handle(self) -> None:
        with self._further() as further:
            ends = {self.request: further, further: self.request}
            with selectors.DefaultSelector() as ready:
                for end in ends:
                    ready.register(end, selectors.EVENT_READ)
                with suppress(ConnectionError):  # either may leave at any time
                    while all(self._hand_on(key.fileobj, ends) for key, _ in ready.select()):
                        pass

    def _further(self) -> socket.socket:
        if isinstance(self.server.to, int):
            return socket.create_connection(("127.0.0.1", self.server.to))
        further = socket.socket(socket.AF_UNIX)
        further.connect(str(self.server.to))
        return further

    def _hand_on(self, end: object, ends: dict[socket.socket, socket.socket]) -> bool:
        assert isinstance(end, socket.socket)
        data = end.recv(65536)
        passed = self.server.passing(data)
        if passed:
            ends[end].sendall(passed)
        return bool(passed) and len(passed) == len(data)
