"""What stands in a variable of the environment, read as what it means: each raises ValueError in words that end the
sentence “NAME=VALUE …”.
"""

import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit


def text(value: str) -> str:
    """Any words."""
    return value


def path(value: str) -> Path:
    """A file or folder, from where the process began."""
    return Path(os.path.abspath(Path(value).expanduser()))  # noqa: PTH100 - resolve() would follow links


def flag(value: str) -> bool:
    """Yes or no."""
    answers = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    try:
        return answers[value.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number between two."""

    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(value: str) -> str:
        for choice in choices:
            if value.lower() == choice.lower():
                return choice
        raise ValueError(f"must be one of {', '.join(choices)}")

    return parse


def words(value: str) -> tuple[str, ...]:
    """Words with commas between."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def networks(value: str) -> tuple[str, ...]:
    """Addresses or networks with commas between."""
    try:
        return tuple(str(ipaddress.ip_network(part)) for part in words(value))
    except ValueError:
        raise ValueError(
            "must be addresses or networks with commas between, such as 10.0.0.5,192.168.0.0/24"
        ) from None


def trunk_address(value: str) -> str:
    """Where calls go out."""
    parts = urlsplit(value.replace("sip:", "sip://", 1) if "://" not in value else value)
    try:
        if parts.scheme != "sip" or not ipaddress.ip_address(parts.hostname or "") or parts.path:
            raise ValueError
        parts.port  # noqa: B018  raises where it is none
    except ValueError:
        raise ValueError("must look like sip:203.0.113.5:5060 or sip:user:password@203.0.113.5") from None
    return parts.geturl()


_OF_TRUNK = re.compile(
    r"(;register=\+[0-9]{6,15}(![A-Za-z0-9.-]{1,100})?)?(;shows=\+[0-9]{0,15}(,\+[0-9]{0,15})*)?"
)


def trunk_addresses(value: str) -> str:
    """Where calls go out, with spaces between. Behind the first ; of a place stands for which number it registers, and
    the beginnings of the numbers that are shown there.
    """
    read, shown = [], []
    if ",sip:" in value:
        raise ValueError("must have spaces between trunks")
    for one in value.split():
        who, at, place = one.rpartition("@")
        place, semicolon, more = place.partition(";")
        if not _OF_TRUNK.fullmatch(semicolon + more):
            told = (
                "must say beginnings of numbers that a trunk shows as ;shows=+8131,+8150, and before that for which"
                " number it registers as ;register=+81312345678"
            )
            raise ValueError(told)
        if ";register=" in semicolon + more and ":" not in who.removeprefix("sip:"):
            raise ValueError("must have user and password where it is to register")
        read.append(trunk_address(who + at + place) + semicolon + more)
        shown.append(more.rpartition("shows=")[2].split(",") if "shows=" in more else [""])
    if read and not any(one in beginnings for beginnings in shown for one in ("", "+")):
        raise ValueError("must have one trunk without ;shows=, or with + in it, for all other numbers")
    return " ".join(read)


def long_password(value: str) -> str:
    """A password of 16 letters and more."""
    if not 16 <= len(value) <= 200 or not value.isascii() or not value.isprintable():
        raise ValueError("must be 16 characters or more, of ASCII")
    return value


def endpoint(value: str) -> str:
    """How an Asterisk dials."""
    if not re.fullmatch(r"[A-Za-z0-9]+/[^{}\s]*\{number\}[^{}\s]*", value):
        raise ValueError("must be an endpoint with {number} in it, such as PJSIP/{number}@carrier")
    return value


def destinations(value: str) -> tuple[str, ...]:
    """Beginnings of phone numbers, those that are refused with ! before them."""
    parts = words(value)
    if not all(re.fullmatch(r"!?\+[0-9]{1,15}", part) for part in parts):
        raise ValueError("must be beginnings of numbers with commas between, such as +81,!+81990")
    return parts


def hosts(value: str) -> tuple[str, ...]:
    """Host names with commas between."""
    parts = tuple(part.casefold() for part in words(value))
    if not all(re.fullmatch(r"[a-z0-9.-]{1,60}", part) for part in parts):
        raise ValueError("must be names of hosts with commas between, such as pbx.example.jp")
    return parts


def port_range(value: str) -> str:
    """Two ports with a hyphen between."""
    first, _dash, last = value.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) <= 65535):
        raise ValueError("must be two ports from 1024 on with a hyphen between, such as 20000-20999")
    return value


def web_address(value: str) -> str:
    """The beginning of addresses of the web, without a slash at its end."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://help.example.jp")
    return value.rstrip("/")


def database_address(value: str) -> str:
    """A PostgreSQL and a database there."""
    parts = urlsplit(value)
    if parts.scheme not in ("postgres", "postgresql") or len(parts.path) < 2:
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    return value


def mail_server_address(value: str) -> str:
    """A mail server that takes mail."""
    parts = urlsplit(value)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587, or smtps:// for TLS from the start")
    return value


def scanner_address(value: str) -> str:
    """Where clamd listens."""
    parts = urlsplit(value)
    if (parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path.startswith("/")):
        return value
    raise ValueError("must look like unix:/run/clamav/clamd.ctl or tcp://host:3310")
