"""Signatures after the Standard Webhooks specification, version 1: HMAC-SHA256 over id, time and body; and what the log
says of an address, which may hold a secret itself.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A fresh secret, as both sides keep it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signatures(*, id_: str, timestamp: int, body: str, by: Iterable[str]) -> str:
    """What stands in `webhook-signature`: one signature for each secret, with spaces between."""
    signed = f"{id_}.{timestamp}.{body}".encode()
    return " ".join(f"v1,{_signature(signed, secret)}" for secret in by)


def host_of(url: str) -> str:
    """Of an address what anybody may know: the host, with a port that is not the usual one."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{host}:{parts.port}" if parts.port else host


def fingerprint_of(url: str) -> str:
    """By what an address is known again in this installation; nobody guesses the address by trying."""
    return salted_hmac("madoguchi.webhooks.address", url, algorithm="sha256").hexdigest()[:12]


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
