"""What is wrong with this installation, and what to do about it. Looks at everything and changes nothing.

One thing apart: a bundled database that exists but does not run is started to be asked, and stopped again.
"""

import importlib.metadata
import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg

from madoguchi.channels.phone.trunks import trunks_of
from madoguchi.infra import clamd, outgoing, postgres, restored
from madoguchi.infra.database import APP_ROLE
from madoguchi.infra.postgres import PostgresError
from madoguchi.infra.secrets import is_readable
from madoguchi.infra.tries import MOST_TRIES
from madoguchi.project import bundled, conf, installation, migration
from madoguchi.project.conf import Config
from madoguchi.project.database import app_url, owner_url

LOCK = Path(__file__).parents[3] / "requirements" / "run.txt"
OLDEST_POSTGRES = 15
LEAST_FREE_BYTES = 1_000_000_000
MOST_CLOCK_SECONDS = 5

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+) *(?P<marker>;)?")

_FAILED = """
    SELECT f.reader, count(*), count(*) FILTER (WHERE f.tries >= %s), min(e.at) AT TIME ZONE 'UTC',
        left((array_agg(f.error ORDER BY f.event_id DESC))[1], 200)
    FROM infra_failedreaction AS f LEFT JOIN infra_event AS e ON e.id = f.event_id GROUP BY f.reader ORDER BY f.reader
"""

# When a job came to wait is written down when it was deferred alone.
_BOT_WAITS = """
    SELECT count(*), extract(epoch FROM now() - min(e.at)) FROM procrastinate_jobs AS j
    JOIN procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'
    WHERE j.task_name = 'bot.respond' AND j.status IN ('todo', 'doing')
"""
# After so long a person was given the talk.
_MOST_SECONDS_OF_BOT = 120

_MAIL_HOSTS = """
    SELECT host FROM (SELECT host FROM email_mailbox WHERE active UNION SELECT host FROM email_smtpserver WHERE active)
        AS used ORDER BY host LIMIT %s
"""
_MOST_HOSTS, _HOSTS_AT_ONCE = 500, 8

State = Literal["right", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `wrong` keeps the product from working, `note` may surprise somebody."""

    subject: str
    state: State
    text: str
    remedy: str = ""


def examine(config: Config) -> Iterator[Finding]:
    """Everything in the order in which one repairs it: the machine, the settings, the database, the doors."""
    yield _python()
    yield _packages()
    yield _folder(config.data)
    yield _disk(config.data)
    yield from _advice(config)
    yield from _scanner(config)
    yield from _database(config)
    yield from _ports(config)


def settings_in_force(config: Config) -> dict[str, str]:
    """Every setting as it is, secrets apart."""
    shown = {}
    for name, row in conf.settings():
        value = getattr(config, row.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        shown[name] = text if row.repr else "(set)" if text else ""
    return shown


def _python() -> Finding:
    return Finding("Python", "right", ".".join(map(str, sys.version_info[:3])))


def _packages() -> Finding:
    if not LOCK.exists():
        return Finding("Packages", "note", "no requirements/run.txt beside the source to compare with")
    # A package may be locked in several versions, each for some Pythons or systems.
    locked: dict[str, list[re.Match[str]]] = {}
    for found in filter(None, map(_PINNED.match, LOCK.read_text().splitlines())):
        locked.setdefault(found["name"], []).append(found)
    different = [text for name, pins in locked.items() if (text := _difference(name, pins))]
    if different:
        return Finding(
            "Packages", "wrong", "; ".join(different), "Run: make run (it installs what is locked)"
        )
    return Finding("Packages", "right", f"all {len(locked)} as locked")


def _difference(name: str, pins: Sequence[re.Match[str]]) -> str:
    versions = [pin["version"] for pin in pins]
    locked = " or ".join(versions)
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "" if all(pin["marker"] for pin in pins) else f"{name} {locked} is missing"
    return "" if installed in versions else f"{name} is {installed} and {locked} is locked"


def _folder(data: Path) -> Finding:
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        remedy = (
            f"Make it writable for this user, or set MADOGUCHI_DATA to a folder that is ({error.strerror})."
        )
        return Finding("Data folder", "wrong", f"{data} cannot be written", remedy)
    return Finding("Data folder", "right", str(data))


def _disk(data: Path) -> Finding:
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    if free < LEAST_FREE_BYTES:
        return Finding(
            "Disk", "wrong", f"{free / 1e6:,.0f} MB free", f"Make room where {data} lies: 1 GB at least."
        )
    return Finding("Disk", "right", f"{free / 1e9:,.0f} GB free")


def _advice(config: Config) -> Iterator[Finding]:
    local = urlsplit(config.base_url).hostname in ("127.0.0.1", "::1", "localhost")
    if config.mail_transport == "smtp" and local:
        remedy = "Set MADOGUCHI_BASE_URL to the address that customers reach."
        yield Finding("Links", "wrong", f"mails to customers would link to {config.base_url}", remedy)
    if not config.embedded and "MADOGUCHI_SECRET_KEY" not in os.environ:
        remedy = "With more than one machine, set MADOGUCHI_SECRET_KEY to the same secret on all of them."
        yield Finding("Secret key", "note", f"this machine's own, in {config.data}", remedy)
    if config.debug and not local:
        yield Finding("Debug", "wrong", "error details are shown to everybody", "Unset MADOGUCHI_DEBUG.")


def _scanner(config: Config) -> Iterator[Finding]:
    if not config.clamd:
        return
    try:
        clamd.hears(config.clamd)
    except clamd.NotChecked as problem:
        remedy = (
            "Is clamd running, is MADOGUCHI_CLAMD right, and may this user open its socket? Mail is taken in all the"
            " same; its files stay closed until they are checked."
        )
        yield Finding("ClamAV", "wrong", f"{config.clamd}: {problem}", remedy)
    else:
        yield Finding("ClamAV", "right", f"answers at {config.clamd}")


def _database(config: Config) -> Iterator[Finding]:
    if config.embedded and not (config.data / "postgres").exists():
        text = f"PostgreSQL {postgres.version()} is bundled; there is no database yet"
        yield Finding("Database", "note", text, "Run: madoguchi up (it makes one)")
        return
    try:
        with bundled.database(config):
            yield from _asked(config, owner_url(config))
    except PostgresError as error:
        yield Finding("Database", "wrong", str(error), "")
    except psycopg.OperationalError as error:
        remedy = "Is the server running, and is MADOGUCHI_DATABASE_URL right?"
        yield Finding("Database", "wrong", str(error).strip().splitlines()[0], remedy)


def _asked(config: Config, url: str) -> Iterator[Finding]:
    with psycopg.connect(url, connect_timeout=10) as connection:
        yield _version(connection)
        yield _clock(connection)
        role = _role(connection, as_itself=urlsplit(app_url(config)).username == APP_ROLE)
    yield role
    migrations = _migrations()
    yield migrations
    if migrations.state == "right":
        yield _log(url)
        yield from failed_reactions(url)
        yield bot_queue(url)
        yield search_index(url)
        yield files_given_up(url)
        yield from refusal_keys(url, _secret_in_force(config))
        yield from registrations(config, url)
        yield from mail_hosts(url, config.private_mail_networks)


def _version(connection: psycopg.Connection) -> Finding:
    number = connection.info.server_version
    text = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST_POSTGRES:
        return Finding(
            "Database", "wrong", f"{text} is too old", f"Use PostgreSQL {OLDEST_POSTGRES} or newer."
        )
    return Finding("Database", "right", text)


def _clock(connection: psycopg.Connection) -> Finding:
    asked = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    # A busy machine answers late: its clock is as wrong as it must be for this answer, and no more.
    apart = max(asked - row[0], row[0] - datetime.now(UTC)).total_seconds()
    if apart > MOST_CLOCK_SECONDS:
        remedy = "Set both machines' clocks by NTP: deadlines are counted by them."
        return Finding("Clock", "wrong", f"{apart:,.0f} s apart from the database's", remedy)
    return Finding("Clock", "right", "agrees with the database's")


def _role(connection: psycopg.Connection, *, as_itself: bool) -> Finding:
    row = connection.execute(
        "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = %s", [APP_ROLE]
    ).fetchone()
    if row is None:
        return Finding("Role", "wrong", f"{APP_ROLE} is missing", "Run: madoguchi migrate")
    if row[0]:
        remedy = f"Run as its owner: ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS"
        return Finding("Role", "wrong", f"{APP_ROLE} may see the data of every company", remedy)
    try:
        connection.execute(f"SET ROLE {APP_ROLE}")
    except psycopg.errors.InsufficientPrivilege:
        remedy = f"Run as a superuser: GRANT {APP_ROLE} TO the user of MADOGUCHI_DATABASE_URL"
        return Finding("Role", "wrong", f"{APP_ROLE} cannot be entered", remedy)
    if not as_itself:
        text = f"{APP_ROLE}, bound by row-level security, but signed in as the owner of the tables"
        return Finding(
            "Role", "note", text, f"Let the product sign in as {APP_ROLE}: docs/running/one-server.md"
        )
    return Finding("Role", "right", f"{APP_ROLE}, bound by row-level security")


def _migrations() -> Finding:
    checked = subprocess.run(
        migration.command(check=True),
        check=False,
        env=migration.environment(),
        capture_output=True,
        text=True,
    )
    if checked.returncode == 0:
        return Finding("Migrations", "right", "all applied")
    if checked.stderr.strip():
        return Finding(
            "Migrations", "wrong", checked.stderr.strip().splitlines()[-1], "Run: madoguchi migrate"
        )
    return Finding("Migrations", "wrong", "some are not applied", "Run: madoguchi migrate (or: madoguchi up)")


def _log(url: str) -> Finding:
    """Readers see nothing new in a log that came from a server whose transaction numbers were higher."""
    with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
        behind = restored.numbers_behind(lambda statement: connection.execute(statement).fetchall())
    if behind:
        text = f"was restored from another server, which is {behind:,} transactions ahead"
        return Finding("Event log", "wrong", text, "Run: madoguchi migrate")
    return Finding("Event log", "right", "follows this server's transactions")


def failed_reactions(url: str) -> Iterator[Finding]:
    """What readers of the log could not digest: of which, since when, and whether it is tried again by itself."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT set_config('app.companies', '*', true)")
        rows = connection.execute(_FAILED, [MOST_TRIES]).fetchall()
    for reader, failed, given_up, since, error in rows:
        when = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        text = f"{reader}: {failed:,} failed{when}, {given_up:,} of them given up; the last: {error}"
        if given_up:
            remedy = "Mend what the error says, then run: madoguchi events retry"
            yield Finding("Reactions", "wrong", text, remedy)
        else:
            yield Finding("Reactions", "note", text, "The worker tries them again by itself.")
    if not rows:
        yield Finding("Reactions", "right", "none has failed")


def bot_queue(url: str) -> Finding:
    """How long the oldest message waits that a bot is to answer."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(_BOT_WAITS).fetchone()
    waiting, seconds = row or (0, None)
    if seconds is None or seconds <= _MOST_SECONDS_OF_BOT:
        return Finding("Bot", "right", f"{waiting:,} messages wait to be answered")
    minutes = f"{seconds / 60:,.0f} minutes"
    text = f"{waiting:,} messages wait to be answered, the oldest for {minutes}; people are given them"
    remedy = "Is a worker running for the queue `bot`? Its log says what its jobs fail for."
    return Finding("Bot", "wrong", text, remedy)


def _secret_in_force(config: Config) -> str:
    """What the processes use, without making one where there is none yet."""
    kept = config.data / conf.SECRET_FILE
    return config.secret_key or (kept.read_text() if kept.exists() else "")


def refusal_keys(url: str, secret: str) -> Iterator[Finding]:
    """Whoever refused and was forgotten is known by a hash: under a key that cannot be read nobody is."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT set_config('app.companies', '*', true)")
        keys = connection.execute(
            "SELECT company_id, key, renewed_at AT TIME ZONE 'UTC' FROM customers_refusalkey ORDER BY company_id"
        ).fetchall()
    lost = [str(company) for company, key, _at in keys if not is_readable(key, under=secret)]
    if lost:
        text = f"earlier refusals of company {', '.join(lost)} cannot be matched: their key cannot be read"
        remedy = "Put the MADOGUCHI_SECRET_KEY of then back; the next refusal that is kept replaces the key for good."
        yield Finding("Refusals", "wrong", text, remedy)
    for company, _key, at in keys:
        if at is not None:
            text = f"what was kept for company {company} before {at:%Y-%m-%d %H:%M} UTC is matched no more"
            yield Finding("Refusals", "note", text, "Their key was unreadable then and was replaced.")
    if not lost:
        yield Finding("Refusals", "right", f"the keys of {len(keys)} companies can be read")


def search_index(url: str) -> Finding:
    """Cases that were there before the index are indexed in the background."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT set_config('app.companies', '*', true)")
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE c.id <= p.done OR c.id > p.last), count(*),"
            " count(*) FILTER (WHERE c.id <= greatest(p.done, p.known) OR c.id > p.last)"
            " FROM cases_case AS c, search_progress AS p WHERE NOT p.finished"
        ).fetchone()
    if row and row[1] > row[0]:
        how = "indexed anew, the others are found as before" if row[2] == row[1] else "indexed"
        share = f"{row[0]:,} of {row[1]:,} cases are {how} ({100 * row[0] // row[1]} %)"
        return Finding(
            "Search", "note", share, "A worker does the rest (madoguchi up); ask again to see how far it is."
        )
    return Finding("Search", "right", "all cases are indexed")


def files_given_up(url: str) -> Finding:
    """Files whose words are not found because reading them failed too often, through no fault of their own."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT set_config('app.companies', '*', true)")
        row = connection.execute("SELECT count(*) FROM search_filetext WHERE state = 'given_up'").fetchone()
    if row and row[0]:
        text = (
            f"{row[0]:,} files could not be read for their words, for want of memory, time or the file itself"
        )
        remedy = "The worker's log says why (file_not_read_now); then run: madoguchi search --retry-files"
        return Finding("Search", "note", text, remedy)
    return Finding("Search", "right", "no file was given up")


def registrations(config: Config, url: str) -> Iterator[Finding]:
    """Accounts at carriers that have to register: what a gateway last heard of each."""
    wanted = [one for one in trunks_of(config.sip_trunk) if one.number]
    if not wanted:
        return
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute("SELECT name, state, code, until > now() FROM phone_trunkregistration")
        stands = {name: (state, code, bool(holds)) for name, state, code, holds in found}
    for trunk in wanted:
        state, code, holds = stands.get(trunk.name, ("never asked", 0, False))
        if state == "registered" and holds:
            yield Finding("SIP trunk", "right", f"{trunk.name} is registered")
            continue
        text = f"{trunk.name} is not registered: {state}{f' ({code})' if code else ''}"
        remedy = "Are user, password and domain in MADOGUCHI_SIP_TRUNK right, and does the gateway run?"
        yield Finding("SIP trunk", "wrong", text, remedy)


def mail_hosts(url: str, networks: Sequence[str]) -> Iterator[Finding]:
    """Mail servers of companies that stand in a network which none of theirs may reach."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT set_config('app.companies', '*', true)")
        hosts = [host for (host,) in connection.execute(_MAIL_HOSTS, [_MOST_HOSTS]).fetchall()]
    allowed = outgoing.public_or_in(map(ipaddress.ip_network, networks))
    with ThreadPoolExecutor(_HOSTS_AT_ONCE) as asking:
        refused = list(asking.map(lambda host: _refused(host, allowed), hosts))
    for host, address in zip(hosts, refused, strict=True):
        if address and outgoing.not_hidden(address):
            remedy = f"If it may be reached, set MADOGUCHI_PRIVATE_MAIL_NETWORKS to a network with {address} in it."
            yield Finding("Mail servers", "wrong", f"{host} is at {address}, a private network", remedy)
        elif address:
            remedy = "Whoever set it up for the company puts the name right."
            yield Finding("Mail servers", "wrong", f"{host} is at {address}, where no server can be", remedy)
    if not any(refused):
        yield Finding("Mail servers", "right", "none of a company's is in a network that is kept from it")


def _refused(host: str, allowed: outgoing.Rule) -> outgoing.Address | None:
    try:
        return outgoing.refused_of(host, allowed=allowed)
    except (OSError, UnicodeError):  # a name that leads nowhere is told where it is used
        return None


def _ports(config: Config) -> Iterator[Finding]:
    if installation.is_up(config.data):
        missing = installation.missing(config)
        if missing:
            yield Finding(
                "Doors", "wrong", f"{missing} does not answer", "Look at what `madoguchi up` prints."
            )
        else:
            yield Finding("Doors", "right", f"{config.base_url} answers, mail is taken on {config.smtp_port}")
        return
    for name, host, port in installation.doors(config):
        problem = installation.why_not(host, port)
        if problem:
            yield Finding("Port", "wrong", f"{host}:{port} {problem}", f"Or set {name} to another.")
        else:
            yield Finding("Port", "right", f"{host}:{port} is free")
