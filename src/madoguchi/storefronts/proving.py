"""Whether a shop itself posted something: by a signature over the very bytes, compared in constant time. Pure.

A shop of one's own signs as we sign to others (Standard Webhooks: id, time and body); Shopify signs the body alone
(https://shopify.dev/docs/apps/build/webhooks/subscribe/https).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from madoguchi.storefronts.models import Storefront
from madoguchi.webhooks.signing import signatures

# How far the clocks of both sides may differ: what was caught on the way cannot be sent in again later.
SECONDS = 300


def is_signed(body: bytes, headers: Mapping[str, str], *, kind: str, secret: str, now: datetime) -> bool:
    """Whether the secret signed these bytes, and (a shop of one's own) not long ago."""
    if not secret:
        return False
    return (_is_shopify if kind == Storefront.Kind.SHOPIFY else _is_own)(body, headers, secret, now)


def _is_shopify(body: bytes, headers: Mapping[str, str], secret: str, _now: datetime) -> bool:
    right = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    return hmac.compare_digest(right, headers.get("X-Shopify-Hmac-Sha256", "").encode())


def is_from(headers: Mapping[str, str], *, kind: str, domain: str) -> bool:
    """Whether a shop of Shopify says that it is the one that was connected: the secret of an app signs for all shops in
    which it is installed. One whose domain is not known (empty) is taken for none.

    The signature covers the body and no header: this keeps shops from being mixed up, and proves nothing by itself.
    """
    if kind != Storefront.Kind.SHOPIFY:
        return True
    return bool(domain) and headers.get("X-Shopify-Shop-Domain", "").strip().lower() == domain


def _is_own(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> bool:
    name, written = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not written.isascii() or not written.isdecimal() or len(written) > 12:
        return False
    if abs(now.timestamp() - int(written)) > SECONDS:
        return False
    try:
        right = signatures(id_=name, timestamp=int(written), body=body.decode(), by=[secret]).encode()
    except UnicodeDecodeError:
        return False
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(right, one) for one in given[:10])
