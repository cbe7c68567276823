"""What a worker under test does: it writes lines into a file, which a test reads."""

import os
import signal
import time
from pathlib import Path

from procrastinate.contrib.django import app

from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.infra.stopping import is_stopping
from madoguchi.infra.tests.happenings import LampLit

DEADLY = 666


def write(path: str | Path, line: str) -> None:
    with Path(path).open("a") as file:
        file.write(line + "\n")


@app.task(name="test.note", queue="test")
def note(path: str, line: str) -> None:
    """A job that is done at once."""
    write(path, line)


@app.task(name="test.wait", queue="test")
def wait(path: str, until: str) -> None:
    """A job that takes until a file is there."""
    write(path, "began")
    while not Path(until).exists():
        time.sleep(0.02)
    write(path, "done")


@app.task(name="test.go_on", queue="test")
def go_on(path: str) -> None:
    """A job without an end of its own."""
    write(path, "began")
    while not is_stopping():
        time.sleep(0.02)
    write(path, "left")


@reacts_to(LampLit, name="test.lamplighter")
def lamplighter(event: Recorded) -> None:
    """A reaction that leaves the rest to a job; a lamp's place is the file to write into."""
    path = event.fact().data()["where"]
    note.defer(path=path, line=f"job {event.data_text.count('broken')}")
    if event.fact().data()["watts"] == DEADLY:
        write(path, "killed")
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, "reacted")
    if event.fact().data()["watts"] > 100:
        raise ValueError("too bright")
