"""Signatures after the Standard Webhooks specification, version 1: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A fresh secret, as both sides keep it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signatures(*, id_: str, timestamp: int, body: str, by: Iterable[str]) -> str:
    """What stands in `webhook-signature`: one signature for each secret, with spaces between."""
    signed = f"{id_}.{timestamp}.{body}".encode()
    return " ".join(f"v1,{_signature(signed, secret)}" for secret in by)


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
