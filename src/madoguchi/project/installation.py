"""`madoguchi up` from the first check to the last process stopped: one installation on one data folder."""

import asyncio
import errno
import fcntl
import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from madoguchi.infra import postgres
from madoguchi.project import bundled, migration
from madoguchi.project.cli import commands
from madoguchi.project.conf import Config
from madoguchi.project.nursery import Nursery
from madoguchi.project.supervisor import Supervisor, SupervisorError, ours

READY_SECONDS = 90
TRIES = 4
WATCH_SECONDS = 2
# How long the processes of a killed predecessor may take to notice and let go of their ports.
PATIENCE_SECONDS = 12

_COLOURS = {"up": "magenta", "web": "cyan", "worker": "green", "mail": "yellow", "phone": "blue"}


async def up(config: Config) -> None:
    """Runs the installation until it is stopped. Raises SupervisorError for what keeps it from starting."""
    with only_one(config.data) as unclean:
        environment = migration.environment_of_services()
        nursery = Nursery(environment)
        supervisor = Supervisor(say=say, environment=environment, nursery=nursery)
        supervisor.stop_on_signals()
        await ports_are_free(config, patience=PATIENCE_SECONDS if unclean else 0)
        async with nursery:
            with bundled.database(config):
                if config.embedded:
                    supervisor.watch("the database", _watch_database(supervisor, config))
                try:
                    await _prepare(supervisor, config)
                    await _serve(supervisor, config)
                finally:
                    await supervisor.stop()
    say("up", "Stopped.")


@contextmanager
def only_one(data: Path) -> Iterator[bool]:
    """Holds the data folder for this process; what comes out is whether the last one was killed.

    The lock is the kernel's and goes with the process. The number in the file is for people, and is wiped at
    a clean end. Raises SupervisorError while another holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.lock").open("a+") as lock:
        lock.seek(0)
        last = lock.read().strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            advice = "stop it first, or choose another MADOGUCHI_DATA"
            raise SupervisorError(f"Madoguchi already runs on {data} (process {last}); {advice}.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield bool(last)
        lock.truncate(0)


def is_up(data: Path) -> bool:
    """Whether `madoguchi up` runs on this data folder now."""
    try:
        with (data / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def doors(config: Config) -> list[tuple[str, str, int]]:
    """Where the installation listens: the setting, the address, the port."""
    return [
        ("MADOGUCHI_PORT", config.host, config.port),
        ("MADOGUCHI_SMTP_PORT", config.smtp_host, config.smtp_port),
    ]


async def ports_are_free(config: Config, *, patience: float = 0) -> None:
    """Raises SupervisorError for a port that somebody else listens on, before anything is started."""
    deadline = time.monotonic() + patience
    for name, host, port in doors(config):
        while problem := why_not(host, port):
            if time.monotonic() > deadline:
                raise SupervisorError(f"{name}={port}: {host}:{port} {problem}.")
            await asyncio.sleep(0.1)


def why_not(host: str, port: int, *, kind: socket.SocketKind = socket.SOCK_STREAM) -> str:
    """What keeps us from listening there, or nothing."""
    try:
        family, _kind, protocol, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind, protocol) as probe:
            if kind == socket.SOCK_STREAM:  # of UDP it would let two listen
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "is in use by another program; stop it or choose another port"
        if error.errno == errno.EACCES:
            return "is not for you to open; choose a port above 1023"
        return f"cannot be listened on ({error.strerror})"
    return ""


async def _prepare(supervisor: Supervisor, config: Config) -> None:
    code, lines = await supervisor.once(
        "migrate", migration.command(), environment=migration.environment(), quiet=True
    )
    if supervisor.stopping.is_set():
        return
    if code:
        for line in lines:
            say("migrate", line)
        raise SupervisorError("The database could not be brought to this version; the lines above say why.")
    applied = sum(line.strip().startswith("Applying") for line in lines)
    say("migrate", f"{applied} migrations applied." if applied else "The database is up to date.")
    if config.sample and commands.registered("seed"):
        wanted = ours("seed", "seed", "--if-empty", "--cases", str(config.sample_cases))
        code, _ = await supervisor.once("seed", wanted.command)
        if code and not supervisor.stopping.is_set():
            raise SupervisorError(
                "The sample data could not be made. MADOGUCHI_SAMPLE=false starts without it."
            )


async def _watch_database(supervisor: Supervisor, config: Config) -> None:
    while not await supervisor.stops_within(WATCH_SECONDS):
        try:
            if await asyncio.to_thread(postgres.ensure_running, config.data):
                supervisor.say("up", "The database had ended or was stuck; it takes connections again.")
        except (postgres.PostgresError, OSError) as error:  # a full disk and a lack of memory pass
            supervisor.say("up", f"The database: {error}\nTrying again in {WATCH_SECONDS} s.")


async def _serve(supervisor: Supervisor, config: Config) -> None:
    if supervisor.stopping.is_set():
        return
    supervisor.keep(ours("web", "web"))
    if commands.registered("worker"):
        supervisor.keep(ours("worker", "worker"))
    if commands.registered("mail"):
        supervisor.keep(ours("mail", "mail", "doors"))
    if problem := why_no_phone(config):
        say("up", f"No phone: {problem}.")
    else:
        supervisor.keep(ours("phone", "phone", "serve"))
    await _ready(supervisor, config)
    if not supervisor.stopping.is_set():
        await _greet(supervisor, config)
    await supervisor.wait()


def why_no_phone(config: Config) -> str:
    """What keeps the phone from being taken, or nothing. All else runs without it: its port is often in use already."""
    if not config.sip_port:
        return "" if config.ari_port else "MADOGUCHI_SIP_PORT is 0"
    problem = why_not(config.sip_host, config.sip_port, kind=socket.SOCK_DGRAM)
    return (
        f"MADOGUCHI_SIP_PORT={config.sip_port}: {config.sip_host}:{config.sip_port} {problem}"
        if problem
        else ""
    )


async def _ready(supervisor: Supervisor, config: Config) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not supervisor.stopping.is_set():
        absent = await asyncio.to_thread(missing, config)
        if not absent:
            return
        for name, times in supervisor.endings.items():
            if times >= TRIES:
                raise SupervisorError(f"{name} keeps ending; the lines above say why.")
        if time.monotonic() > deadline:
            raise SupervisorError(f"{absent} is not ready after {READY_SECONDS} s; the lines above say why.")
        await asyncio.sleep(0.1)


def missing(config: Config) -> str:
    """The door that does not answer, in words, or nothing."""
    if not _web_answers(config):
        return "The web server"
    if commands.registered("mail") and not _listens(_reachable(config.smtp_host), config.smtp_port):
        return "The mail door"
    return ""


def _web_answers(config: Config) -> bool:
    asked = http.client.HTTPConnection(_reachable(config.host), config.port, timeout=5)
    name = config.allowed_hosts[0].lstrip(".").replace("*", "127.0.0.1")
    try:
        asked.request("GET", "/healthz", headers={"Host": name})
        return asked.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5):
            return True
    except OSError:
        return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


async def _greet(supervisor: Supervisor, config: Config) -> None:
    inbox = f"{_reachable(config.smtp_host)}:{config.smtp_port}"
    kept = f"kept, to be read at {config.base_url}/outbox/ by supervisors and managers"
    outbox = kept if config.mail_transport == "outbox" else "sent by the mail server of each entry point"
    rows = [("Open", config.base_url), *await _sign_ins(supervisor, config)]
    rows += [
        ("Mail in", f"SMTP on {inbox}"),
        ("Mail out", outbox),
        *await _numbers(supervisor, config),
        ("Data", str(config.data)),
        ("Stop", "Ctrl-C"),
    ]
    click.echo()
    for label, text in rows:
        click.echo(f"  {click.style(f'{label:<10}', bold=True)}{text}")
    click.echo()


async def _sign_ins(supervisor: Supervisor, config: Config) -> list[tuple[str, str]]:
    if not (config.sample and commands.registered("user")):
        return []
    code, lines = await supervisor.once("user", ours("user", "user", "samples", "--json").command, quiet=True)
    if code:
        return []
    people = json.loads("\n".join(lines))
    return [
        ("Sign in" if not index else "", "  ".join(str(value) for value in person.values()))
        for index, person in enumerate(people)
    ]


async def _numbers(supervisor: Supervisor, config: Config) -> list[tuple[str, str]]:
    code, lines = await supervisor.once(
        "numbers", ours("numbers", "phone", "numbers", "--json").command, quiet=True
    )
    rows = json.loads("\n".join(lines)) if not code else []
    where = (
        f"SIP on {_reachable(config.sip_host)}:{config.sip_port} (UDP)" if config.sip_port else "by Asterisk"
    )
    told = [f"{row['number']}  {row['company']} {row['desk']}" for row in rows]
    return [("Phone", where), *(("", line) for line in told)] if rows else []


def say(name: str, line: str) -> None:
    """One line of one process, marked with whose it is."""
    click.echo(f"{click.style(f'{name:<7}', fg=_COLOURS.get(name, 'blue'))}| {line}")
    sys.stdout.flush()
