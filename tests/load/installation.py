"""A whole installation in a folder of its own, whose processes can be killed one by one."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg

from madoguchi.infra import postgres
from tests.servers.ground import answers, free_ports, until

CLI = [sys.executable, "-P", "-m", "madoguchi.project.cli"]
# The address whose case the customers write to, and who answers there.
ADDRESS, AGENT = "support@hanamoto.example", "sasaki@hanamoto.example"
_SEND_THROUGH = """
import django
django.setup()
from madoguchi.channels.email.models import SmtpServer
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
with scope.everywhere(reason="a rehearsal"):
    for point in EntryPoint.objects.filter(kind="email"):
        SmtpServer.objects.create(
            company_id=point.company_id, entry_point=point, host="127.0.0.1", port=%d, security="none"
        )
"""


class Installation:
    """Runs while inside. `parts` are what can be killed."""

    def __init__(self, smtp_out: int) -> None:
        self._smtp_out = smtp_out
        self.web, self.mail, self.live = free_ports(3)
        self.killed: Counter[str] = Counter()
        self._stack = ExitStack()
        self._ends = threading.Event()

    def __enter__(self) -> Self:
        self.data = Path(self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self.data.chmod(0o755)
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
            "MADOGUCHI_DATA": str(self.data),
            "MADOGUCHI_PORT": str(self.web),
            "MADOGUCHI_SMTP_PORT": str(self.mail),
            "MADOGUCHI_SAMPLE_CASES": "200",
            "MADOGUCHI_UNDO_SECONDS": "0",
            "MADOGUCHI_MAIL_TRANSPORT": "smtp",
            "MADOGUCHI_PRIVATE_MAIL_NETWORKS": "127.0.0.0/8",
            "MADOGUCHI_API_PER_MINUTE": "6000",
            "DJANGO_SETTINGS_MODULE": "madoguchi.project.settings",
        }
        self._stack.enter_context(self._up())
        self.shell([sys.executable, "-c", _SEND_THROUGH % self._smtp_out])
        self.began = datetime.now(UTC)
        rights = ["case.read", "case.reply"]
        made = self.cli(
            "token", "add", AGENT, "--name", "rehearsal", "--json", *(f"--may={r}" for r in rights)
        )
        self.token = str(json.loads(made)["token"])
        people = json.loads(self.cli("user", "samples", "--json"))
        self.password = next(str(p["password"]) for p in people if p["email"] == AGENT)
        keeper = threading.Thread(target=self._keep_live, daemon=True)
        keeper.start()
        self._stack.callback(keeper.join, 20)
        self._stack.callback(self._ends.set)
        until(lambda: answers(self.live), what="the live process")
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    @contextmanager
    def _up(self) -> Iterator[None]:
        log = self._stack.enter_context((self.data / "up.log").open("wb"))
        self.top = subprocess.Popen([*CLI, "up"], env=self.environ, stdout=log, stderr=log)
        try:
            until(lambda: b"Ctrl-C" in (self.data / "up.log").read_bytes(), what="madoguchi up", seconds=300)
            yield
        finally:
            self.top.send_signal(signal.SIGINT)
            self.top.wait(60)

    def _keep_live(self) -> None:
        """A process that pushes alone, as many machines have it, begun again whenever it ends."""
        command = [*CLI, "--supervised", "live", "--port", str(self.live)]
        with (self.data / "live.log").open("wb") as log:
            while not self._ends.is_set():
                with subprocess.Popen(
                    command,
                    env=self.environ,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                ) as process:
                    self._live = process.pid
                    while process.poll() is None and not self._ends.wait(0.2):
                        pass
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    def shell(self, command: list[str]) -> str:
        """What a command prints that is run here. Raises CalledProcessError."""
        return subprocess.run(command, env=self.environ, check=True, stdout=subprocess.PIPE, text=True).stdout

    def cli(self, *arguments: str) -> str:
        """What a command of `madoguchi` prints."""
        return self.shell([*CLI, *arguments])

    def parts(self) -> list[str]:
        """What is killed in turn."""
        return ["web", "worker", "database", "mail", "live"]

    def kill(self, part: str, dice: random.Random) -> None:
        """One of its processes, with -9; nothing if it is just not there."""
        if there := self._processes(part):
            dice.choice(there).kill()
            self.killed[part] += 1

    def _processes(self, part: str) -> list[psutil.Process]:
        try:
            if part == "database":
                noted = self.data / "postgres" / "postmaster.pid"
                first = psutil.Process(int(noted.read_text().split()[0]))
            elif part == "live":
                first = psutil.Process(self._live)
            else:
                children = psutil.Process(self.top.pid).children(recursive=True)
                first = next(p for p in children if f"--supervised {part}" in " ".join(p.cmdline()))
            return [first, *first.children(recursive=True)]
        except (psutil.NoSuchProcess, FileNotFoundError, StopIteration):
            return []

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A session that sees the rows of all companies."""
        with psycopg.connect(postgres.database_url(self.data), autocommit=True) as session:
            session.execute("SELECT set_config('app.companies', '*', false)")
            yield session
