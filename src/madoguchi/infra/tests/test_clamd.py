"""Asking a scanner, and getting no sensible answer."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from madoguchi.infra.clamd import NotChecked, NoVerdict, harm_in
from madoguchi.infra.tests.scanner import EICAR, scanner


def test_the_verdict_is_the_scanners(settings: Any) -> None:
    with scanner() as settings.CLAMD:
        assert harm_in(b"") == ""
        assert harm_in(b"harmless" * 100_000) == ""
        assert harm_in(bytes(300_000) + EICAR) == "Eicar-Test-Signature"


def test_a_file_that_is_too_large_for_it_is_not_checked(settings: Any) -> None:
    with scanner() as settings.CLAMD, pytest.raises(NoVerdict, match=r"size limit exceeded|Error"):
        harm_in(bytes(3_000_000))


def test_nobody_there(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.CLAMD = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(NotChecked, match="ConnectionRefused") as raised:
        harm_in(b"x")
    assert not isinstance(raised.value, NoVerdict)


@pytest.mark.parametrize("answer", [b"", b"\0", b"stream: what?\0", b"UNKNOWN COMMAND\0"])
def test_an_answer_that_says_nothing_is_no_verdict(settings: Any, tmp_path: Path, answer: bytes) -> None:
    place = tmp_path / "clamd"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        settings.CLAMD = f"unix:{place}"

        def speak() -> None:
            line, _peer = server.accept()
            with line:
                line.recv(100)
                line.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(NoVerdict):
            harm_in(b"x")
        thread.join()
