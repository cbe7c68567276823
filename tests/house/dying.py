"""Processes that end by kill -9 in the middle of what they do."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import psycopg

_PATIENCE = 30

# What each of them begins with.
_START = """
import os, signal
import django
django.setup()
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery import channels as outbound
from madoguchi.delivery.actions import send
from madoguchi.infra import scope
from madoguchi.intake import actions
from madoguchi.intake.actions import handling, storing

def die(*args, **more):
    os.kill(os.getpid(), signal.SIGKILL)

def entry_point(pk):
    with scope.everywhere(reason="a test"):
        return EntryPoint.objects.get(pk=pk)
"""
# To load the product takes longer than what is killed then: it is loaded once, and each is a copy of who has loaded it,
# with connections and a folder of its own.
_COPIES = """
def _become(code, data):
    from pathlib import Path
    from django.conf import settings
    os.dup2(2, 1)
    before = settings.DATA
    for name in dir(settings):
        value = getattr(settings, name)
        if isinstance(value, Path) and value.is_relative_to(before):
            setattr(settings, name, data / value.relative_to(before))
    exec(code, globals())

def _serve():
    import json, sys, traceback
    from pathlib import Path
    for line in sys.stdin:
        code, data = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _become(code, Path(data))
            except BaseException:
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)

_serve()
"""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A process that has loaded the product, and makes copies of itself."""

    process: subprocess.Popen[str]
    errors: IO[str]

    def ends(self, code: str, data: Path) -> int:
        """How a copy that runs this ends."""
        self.errors.seek(0)
        self.errors.truncate()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([code, str(data)]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline() or self.process.wait())

    def said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()


def killed(code: str, *, url: str, data: Path) -> None:
    """Run this in a process of its own, which must end by kill -9."""
    loaded = _loaded(url)
    with psycopg.connect(url, autocommit=True) as server:
        before = _sessions(server)
        assert loaded.ends(code, data) == -signal.SIGKILL, loaded.said()
        _until_let_go(server, before)


def _until_let_go(server: psycopg.Connection, before: set[int]) -> None:  # type: ignore[type-arg]
    """The server sees only after a moment that a client is gone; until then it holds what that one had locked."""
    until = time.monotonic() + _PATIENCE
    while left := _sessions(server) - before:
        assert time.monotonic() < until, f"sessions {left} outlive their process"


def _sessions(server: psycopg.Connection) -> set[int]:  # type: ignore[type-arg]
    found = server.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return {pid for (pid,) in found}


@cache
def _loaded(url: str) -> _Loaded:
    """It ends with the tests, by the end of its input."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
        "MADOGUCHI_DATABASE_URL": url,
        "MADOGUCHI_DATA": "/dev/null/data",  # each has a folder of its own
        "MADOGUCHI_SECRET_KEY": "x" * 50,
        "MADOGUCHI_MAIL_TRANSPORT": "outbox",
        "DJANGO_SETTINGS_MODULE": "madoguchi.project.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
    process = subprocess.Popen(
        [sys.executable, "-c", _START + _COPIES],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    return _Loaded(process, errors)
