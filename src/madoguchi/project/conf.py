"""Settings from the environment: one table, read once, checked as a whole.

The fields of `Config` are the table. The guide in docs/running/settings.md and `madoguchi doctor` are drawn
from it, so a setting cannot exist without a meaning or stay undocumented.
"""

# ruff: noqa: RUF009 - the rows of the table are calls, and each makes a field of its own.

import difflib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from madoguchi.project import written

PREFIX = "MADOGUCHI_"
SECRET_FILE = "secret-key"  # noqa: S105 - the name of a file, not a secret
EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to

Values = Mapping[str, Any]


class SettingsError(Exception):
    """The environment describes no runnable installation; `problems` says everything wrong at once."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(
            "\n".join(["The settings are not right:", *(f"  - {problem}" for problem in problems)])
        )


def _embedded(values: Values) -> bool:
    return not values["database_url"]


def _default_base_url(values: Values) -> str:
    # By its name: passkeys do not work at an address of numbers.
    host = "localhost" if values["host"] in (*EVERY_INTERFACE, "127.0.0.1") else values["host"]
    return f"http://{f'[{host}]' if ':' in host else host}:{values['port']}"


def _default_hosts(values: Values) -> tuple[str, ...]:
    named = [urlsplit(values[name]).hostname for name in ("base_url", "files_origin")]
    written = [f"[{host}]" if ":" in host else host for host in named if host]
    return tuple(dict.fromkeys([*written, "localhost", "127.0.0.1", "[::1]"]))


def setting(
    parse: Callable[[str], Any], default: Any, meaning: str, *, shown: str | None = None, secret: bool = False
) -> Any:
    """One row of the table. A callable default is worked out from the rows above; `shown` says it in words.

    A secret is never echoed, neither by an error nor by a traceback.
    """
    metadata = {"parse": parse, "default": default, "meaning": meaning, "shown": shown}
    return field(repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneConfig:
    """What this installation was told of its telephone."""

    sip_host: str = setting(
        written.text, "127.0.0.1", "The address the phone gateway listens on, for SIP and for sound."
    )
    sip_port: int = setting(
        written.number(0, 65535),
        5060,
        "The port, UDP and TCP, the phone gateway (SIP) listens on; 0 for none.",
    )
    sip_peers: tuple[str, ...] = setting(
        written.networks,
        ("127.0.0.0/8", "::1/128"),
        "Who may call in: addresses or networks of your carrier, PBX or proxy, with commas between. Others are not "
        "answered.",
        shown="this machine",
    )
    sip_phones: tuple[str, ...] = setting(
        written.networks,
        ("127.0.0.0/8", "::1/128"),
        "From where SIP telephones of your people may register: addresses or networks, with commas between. Each has a "
        "name and a secret of its own; no calls come in from there.",
        shown="this machine",
    )
    rtp_peers: tuple[str, ...] = setting(
        written.networks,
        (),
        "Where the sound of calls may go and come from besides the machine that calls: addresses or networks of the "
        "media servers of your carrier or PBX, with commas between.",
        shown="none: only the machine that calls",
    )
    sip_trunk: str = setting(
        written.trunk_addresses,
        "",
        "Where calls go out: your carrier, PBX or proxy, such as sip:203.0.113.5:5060 or, where it wants to know who "
        "calls, sip:user:password@203.0.113.5. It has to be among MADOGUCHI_SIP_PEERS. Several have spaces between, "
        "and ;shows=+8131,+8150 behind those that show some of your numbers alone. Where you have to register, "
        ";register=+81312345678 says for which number, and !sip.example.jp behind it at which domain.",
        shown="none: no calls go out",
        secret=True,
    )
    ari_port: int = setting(
        written.number(0, 65535),
        0,
        "The TCP port on which an Asterisk dials the phone gateway (ARI over an outbound WebSocket), at "
        "MADOGUCHI_SIP_HOST; 0 for none. It is one of MADOGUCHI_SIP_PEERS.",
    )
    ari_password: str = setting(
        written.long_password,
        "",
        "The password of that Asterisk, 16 characters or more; its user name is madoguchi.",
        shown="none: MADOGUCHI_ARI_PORT needs one",
        secret=True,
    )
    ari_endpoint: str = setting(
        written.endpoint,
        "",
        "By which endpoint of that Asterisk calls go out where MADOGUCHI_SIP_TRUNK is not set, such as "
        "PJSIP/{number}@carrier.",
        shown="none",
    )
    speech: str = setting(
        written.text,
        "",
        "A Python that has pyopenjtalk-plus, such as /opt/speech/bin/python: with it, words that are typed are spoken "
        "for callers.",
        shown="none: recordings are uploaded",
    )
    recogniser: str = setting(
        written.text,
        "",
        "A command that writes down what is said in recordings of calls (experimental), such as "
        "/opt/vosk/bin/python -I {vosk} /opt/vosk-model-small-ja-0.22.",
        shown="none: nothing is written down",
    )
    call_destinations: tuple[str, ...] = setting(
        written.destinations,
        ("+81", "!+81990", "!+81570"),
        "Which numbers may be called: beginnings of numbers with commas between, those with ! not. The longest that "
        "fits decides.",
        shown="`+81,!+81990,!+81570`: Japan, without what is charged specially",
    )
    call_sip_hosts: tuple[str, ...] = setting(
        written.hosts,
        (),
        "Hosts of SIP addresses at which people may be rung outside, with commas between. Nobody is at any other. "
        "A number of more than six digits before the @ must be one that may be called, too.",
        shown="none",
    )
    calls_out_a_day: int = setting(
        written.number(0, 1_000_000),
        500,
        "Calls that each company may make within 24 hours; each telephone outside that a carrier rings is one.",
    )
    minutes_out_a_day: int = setting(
        written.number(0, 1_000_000),
        2000,
        "Minutes that calls of each company may last within 24 hours, those it makes; "
        "calls that go on count with what they have lasted.",
    )
    sip_calls: int = setting(written.number(1, 500), 50, "Calls that one phone gateway carries at once.")
    rtp_ports: str = setting(
        written.port_range, "20000-20999", "The UDP ports for the sound of calls; each call takes two."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig(PhoneConfig):
    """And models elsewhere, for those who have them."""

    llm_url: str = setting(
        written.web_address,
        "",
        "Where a language model is asked as OpenAI's is, such as http://localhost:11434/v1: bots that may do so have "
        "it put questions in other words. It never says anything to a customer.",
        shown="none",
    )
    llm_model: str = setting(written.text, "", "Its name there.", shown="none: MADOGUCHI_LLM_URL needs one")
    llm_key: str = setting(written.text, "", "What it is to be asked with.", shown="none", secret=True)
    embeddings_url: str = setting(
        written.web_address,
        "",
        "Where a model that says what texts mean is asked as OpenAI's embeddings are, such as "
        "http://localhost:11434/v1: bots look articles up by it, and by the built-in one while it is away.",
        shown="none: the built-in one",
    )
    embeddings_model: str = setting(
        written.text, "", "Its name there.", shown="none: MADOGUCHI_EMBEDDINGS_URL needs one"
    )
    embeddings_key: str = setting(written.text, "", "What it is to be asked with.", shown="none", secret=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config(ModelConfig):
    """What this installation was told. Made by `read` alone, so every value in it has been checked."""

    database_url: str = setting(
        written.database_address,
        "",
        "A PostgreSQL (15 or newer) of your own. Without it the bundled one runs under MADOGUCHI_DATA.",
        shown="the bundled PostgreSQL",
        secret=True,
    )
    owner_database_url: str = setting(
        written.database_address,
        "",
        "The same database, as the owner of its tables: for `madoguchi migrate`, `backup` and `restore` alone.",
        shown="MADOGUCHI_DATABASE_URL",
        secret=True,
    )
    data: Path = setting(
        written.path,
        lambda _: written.path(".data"),
        "The folder that holds everything kept.",
        shown="`./.data`",
    )
    files: Path = setting(
        written.path,
        lambda values: values["data"] / "files",
        "The folder for attachments.",
        shown="`files` in MADOGUCHI_DATA",
    )
    host: str = setting(written.text, "127.0.0.1", "The address the web server listens on.")
    port: int = setting(written.number(1, 65535), 8000, "The port the web server listens on.")
    smtp_host: str = setting(written.text, "127.0.0.1", "The address the mail door (SMTP) listens on.")
    smtp_port: int = setting(written.number(1, 65535), 2525, "The port the mail door (SMTP) listens on.")
    mail_door: str = setting(
        written.one_of("smtp", "lmtp"),
        "smtp",
        "What the mail door speaks; LMTP when your own mail server delivers to it.",
    )
    base_url: str = setting(
        written.web_address,
        _default_base_url,
        "How the outside world reaches this installation; links in mails start with it.",
        shown="`http://localhost:PORT`, or the host of MADOGUCHI_HOST",
    )
    files_origin: str = setting(
        written.web_address,
        "",
        "Another address of this installation, such as https://files.example.jp, from which files are handed out "
        "without cookies.",
        shown="none: files come from MADOGUCHI_BASE_URL",
    )
    allowed_hosts: tuple[str, ...] = setting(
        written.words,
        _default_hosts,
        "Host names that requests may be for, with commas between.",
        shown="the hosts of MADOGUCHI_BASE_URL and MADOGUCHI_FILES_ORIGIN, and this machine",
    )
    trusted_proxy: tuple[str, ...] = setting(
        written.networks,
        (),
        "Reverse proxies whose X-Forwarded headers are believed: addresses or networks.",
        shown="none",
    )
    chat_connections: int = setting(
        written.number(1, 100_000),
        100,
        "How many open pages with a chat may be told at once of what is said, from one address and by one process. "
        "Others ask every few seconds.",
    )
    secret_key: str = setting(
        written.text,
        "",
        "Signs sessions and links. All machines of one installation need the same one.",
        shown="made once and kept in MADOGUCHI_DATA",
        secret=True,
    )
    debug: bool = setting(written.flag, False, "Show error details in the browser. Never in production.")
    web_workers: int = setting(written.number(1, 64), 2, "Processes that answer the browser.")
    web_threads: int = setting(
        written.number(1, 64), 4, "Pages that each of those processes works on at once."
    )
    session_hours: int = setting(
        written.number(1, 8760), 12, "Hours without use after which one is signed out."
    )
    log_level: str = setting(
        written.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "How much is logged."
    )
    log_format: str = setting(
        written.one_of("console", "json"), "console", "Log lines for people or for machines."
    )
    mail_transport: str = setting(
        written.one_of("outbox", "smtp"),
        lambda values: "outbox" if _embedded(values) else "smtp",
        "Where mail goes: kept in the built-in outbox, or sent through the entry point's mail server.",
        shown="`outbox` with the bundled PostgreSQL, else `smtp`",
    )
    staff_mail_url: str = setting(
        written.mail_server_address,
        "",
        "The server for mail to staff, such as a link for a new password: smtp://user:password@host:587.",
        shown="kept as files in `staff-mail` in MADOGUCHI_DATA",
        secret=True,
    )
    staff_mail_from: str = setting(written.text, "madoguchi@localhost", "The sender of mail to staff.")
    private_mail_networks: tuple[str, ...] = setting(
        written.networks,
        (),
        "Private networks, with commas between, in which mail servers of companies may stand; 127.0.0.0/8 for one on "
        "this machine.",
        shown="none: companies' mail servers are on the internet",
    )
    sending_at_once: int = setting(written.number(1, 64), 6, "Mails that one worker sends at the same time.")
    sending_per_server: int = setting(
        written.number(1, 64),
        2,
        "Of those, how many through one mail server of a company, by all workers together; fewer than "
        "MADOGUCHI_SENDING_AT_ONCE, so that one that does not answer holds up nobody else.",
    )
    trusted_mail_servers: tuple[str, ...] = setting(
        written.words,
        (),
        "Names (authserv-id) of your mail servers, whose Authentication-Results and spam marks are believed. All mail "
        "must pass one of them.",
        shown="none",
    )
    clamd: str = setting(
        written.scanner_address,
        "",
        "The ClamAV scanner (clamd) that looks through files that come in: unix:/run/clamav/clamd.ctl, or "
        "tcp://host:3310.",
        shown="none: files are not looked through",
    )
    max_mail_mb: int = setting(written.number(1, 1024), 25, "The largest mail that is taken, in megabytes.")
    max_import_mb: int = setting(
        written.number(1, 20_000), 500, "How much can be uploaded at once to be imported, in megabytes."
    )
    undo_seconds: int = setting(
        written.number(0, 300), 10, "Seconds during which a reply that was sent can be taken back."
    )
    reply_lock_seconds: int = setting(
        written.number(30, 3600),
        90,
        "Seconds after which who writes an answer, or looks at a case, counts as gone when nothing is heard of them.",
    )
    reopen_days: int = setting(
        written.number(1, 3650),
        30,
        "Days after which an answer to a solved case no longer opens it again, but begins a new one linked to it.",
    )
    access_days: int = setting(
        written.number(30, 3650),
        400,
        "Days after which it is forgotten who looked at which case and searched when.",
    )
    run_days: int = setting(
        written.number(31, 3650),
        180,
        "Days after which it is forgotten what rules and macros did, and what people were told by the bell; what they "
        "changed stays in the log.",
    )
    webhook_days: int = setting(
        written.number(4, 3650),
        30,
        "Days after which it is forgotten what was sent to webhooks, and what they answered.",
    )
    api_per_minute: int = setting(
        written.number(1, 100_000), 600, "Requests that one token of the API may make in a minute."
    )
    webhooks_private: bool = setting(
        written.flag,
        False,
        "Let webhooks reach private networks and plain http, as far as this machine itself does.",
    )
    line_api: str = setting(
        written.text, "", "A server that stands in for LINE's own, as for a trial.", shown="LINE's own"
    )
    sample: bool = setting(
        written.flag,
        _embedded,
        "Fill an empty database with sample data.",
        shown="`true` with the bundled PostgreSQL",
    )
    sample_cases: int = setting(written.number(1, 1_000_000), 6000, "How many cases the sample data has.")
    role: str = setting(
        written.one_of("app", "owner"),
        "app",
        "Who acts on the database. `madoguchi migrate` sets owner for itself; leave it.",
    )

    @property
    def embedded(self) -> bool:
        """Whether the bundled PostgreSQL is used, which `madoguchi up` starts and stops."""
        return not self.database_url


def settings() -> Iterator[tuple[str, Field[Any]]]:
    """The table: each environment variable with the field of `Config` it fills."""
    for row in fields(Config):
        yield PREFIX + row.name.upper(), row


def shown_default(row: Field[Any]) -> str:
    """The default of a setting as the guide and the doctor print it."""
    if row.metadata["shown"] is not None:
        return str(row.metadata["shown"])
    default = row.metadata["default"]
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def table() -> list[str]:
    """The lines of the guide's table (docs/running/settings.md), one for each setting."""
    return [f"| `{name}` | {shown_default(row)} | {row.metadata['meaning']} |" for name, row in settings()]


def read(environ: Mapping[str, str]) -> Config:
    """Checks the whole environment and returns the settings. An empty variable counts as not set.

    Raises SettingsError that names every problem at once, so that nobody repairs them one start at a time.
    """
    problems = [
        _unknown(name) for name in sorted(environ) if name.startswith(PREFIX) and name not in _names()
    ]
    values: dict[str, Any] = {}
    for name, row in settings():
        try:
            values[row.name] = _value(row, environ.get(name, "").strip(), values)
        except ValueError as error:
            problems.append(f"{name}={environ[name]} {error}." if row.repr else f"{name} {error}.")
            values[row.name] = _value(row, "", values)
    if not problems and values["port"] == values["smtp_port"]:
        problems.append(
            f"MADOGUCHI_PORT and MADOGUCHI_SMTP_PORT are both {values['port']}; they must differ."
        )
    if not problems and values["files_origin"] == values["base_url"]:
        problems.append("MADOGUCHI_FILES_ORIGIN is MADOGUCHI_BASE_URL; files need an address of their own.")
    if not problems and values["ari_port"] and not values["ari_password"]:
        problems.append("MADOGUCHI_ARI_PORT needs MADOGUCHI_ARI_PASSWORD: 16 characters or more.")
    if not problems and values["llm_url"] and not values["llm_model"]:
        problems.append("MADOGUCHI_LLM_URL needs MADOGUCHI_LLM_MODEL: the name of the model there.")
    if not problems and values["embeddings_url"] and not values["embeddings_model"]:
        problems.append(
            "MADOGUCHI_EMBEDDINGS_URL needs MADOGUCHI_EMBEDDINGS_MODEL: the name of the model there."
        )
    if problems:
        raise SettingsError(problems)
    return Config(**values)


def load(environ: Mapping[str, str]) -> Config:
    """Reads the settings for a process that will run: `read`, with the secret key found or made."""
    config = read(environ)
    if config.secret_key:
        return config
    try:
        return replace(config, secret_key=kept_secret(config.data))
    except OSError as error:
        problem = (
            f"MADOGUCHI_DATA={config.data} cannot be written ({error.strerror}); name a folder that can."
        )
        raise SettingsError([problem]) from error


def kept_secret(data: Path) -> str:
    """The secret of this data folder, made on first use. Of many that ask at once the first to link wins."""
    kept = data / SECRET_FILE
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = data / f".{SECRET_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        try:
            with open(draft, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(secrets.token_urlsafe(48))
            os.link(draft, kept)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return kept.read_text()


def _names() -> set[str]:
    return {name for name, _ in settings()}


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(
        name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in _names()]
    )
    hint = (
        f"did you mean {PREFIX}{near[0]}?" if near else "the settings are listed in docs/running/settings.md."
    )
    return f"{name} is not a setting; {hint}"


def _value(row: Field[Any], given: str, values: Values) -> Any:
    if given:
        return row.metadata["parse"](given)
    default = row.metadata["default"]
    return default(values) if callable(default) else default


@cache
def _current() -> Config:
    return load(os.environ)


if TYPE_CHECKING:
    config: Config


def __getattr__(name: str) -> Config:
    """`config` is read on first use, so that who asks reports a bad environment, never an import."""
    if name == "config":
        return _current()
    raise AttributeError(name)
