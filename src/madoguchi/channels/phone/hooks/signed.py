"""Whether a carrier signed a request: HMAC-SHA1 over its address and what was posted, in order. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"https": 443, "http": 80}


def is_signed(url: str, posted: Mapping[str, Sequence[str]], *, signature: str, token: str) -> bool:
    """Whether this was signed with the account's token. A carrier may or may not name the usual port in the address
    that it signs; either counts.
    """
    if not token or not signature.isascii():
        return False
    return any(hmac.compare_digest(signed(one, posted, token=token), signature) for one in _written(url))


def signed(url: str, posted: Mapping[str, Sequence[str]], *, token: str) -> str:
    """The signature of a request with these fields."""
    fields = "".join(f"{name}{value}" for name in sorted(posted) for value in sorted(set(posted[name])))
    digest = hmac.new(token.encode(), (url + fields).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _written(url: str) -> Iterator[str]:
    yield url
    parts = urlsplit(url)
    usual, host = _PORTS.get(parts.scheme), parts.netloc.rpartition("@")[2]
    if usual is None:
        return
    if parts.port is None:
        yield urlunsplit(parts._replace(netloc=f"{host}:{usual}"))
    elif parts.port == usual:
        yield urlunsplit(parts._replace(netloc=host.rpartition(":")[0]))
