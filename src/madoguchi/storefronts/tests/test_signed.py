"""Signatures and the forms of a bulk export, without a database: each by an example that was reckoned by hand."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.storefronts.bulk import plain
from madoguchi.storefronts.proving import SECONDS, is_signed

BODY = b'{"items": []}'
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOW = datetime(2026, 11, 20, 1, 0, 6, tzinfo=UTC)


def own_headers(body: bytes = BODY, *, at: datetime = NOW) -> dict[str, str]:
    """What docs/shop-api.md has a shop do, without any code of ours."""
    stamp = str(int(at.timestamp()))
    digest = hmac.digest(KEY, f"m1.{stamp}.".encode() + body, hashlib.sha256)
    by = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": by}


def holds(headers: dict[str, str], *, body: bytes = BODY, secret: str = SECRET, kind: str = "own") -> bool:
    return is_signed(body, headers, kind=kind, secret=secret, now=NOW)


def test_what_the_guide_says_is_taken() -> None:
    signed = own_headers()

    assert holds(signed)
    assert holds(signed | {"webhook-signature": "v1,other " + signed["webhook-signature"]})


@pytest.mark.parametrize("seconds", [SECONDS + 1, -SECONDS - 1])
def test_what_is_older_or_newer_than_clocks_differ_is_not(seconds: int) -> None:
    assert holds(own_headers(at=NOW + timedelta(seconds=seconds // abs(seconds) * SECONDS)))
    assert not holds(own_headers(at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(missing: str) -> None:
    signed = own_headers()
    del signed[missing]

    assert not holds(signed)


def test_nothing_is_signed_by_no_secret() -> None:
    assert not holds(own_headers(), secret="")
    assert not holds({"X-Shopify-Hmac-Sha256": ""}, secret="", kind="shopify")
    assert not holds(own_headers(b"\xff"), body=b"\xff")


def test_shopify_signs_the_bytes_alone() -> None:
    digest = base64.b64encode(hmac.digest(b"hush", BODY, hashlib.sha256)).decode()

    assert holds({"X-Shopify-Hmac-Sha256": digest}, secret="hush", kind="shopify")
    assert not holds({"X-Shopify-Hmac-Sha256": digest}, secret="other", kind="shopify")
    assert not holds({"X-Shopify-Hmac-Sha256": digest}, body=BODY + b" ", secret="hush", kind="shopify")
    assert not holds(own_headers(), kind="shopify")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"updatedAt": "x"}, {"updated_at": "x"}),
        ({"id": "gid://shopify/Order/12?a=b"}, {"id": "12"}),
        ({"note": "gid: no"}, {"note": "gid: no"}),
        ({"displayFinancialStatus": "PAID"}, {"financial_status": "paid"}),
        ({"variant": {"id": "gid://shopify/ProductVariant/7"}}, {"variant": {"id": "7"}, "variant_id": "7"}),
        (
            {"fulfillments": {"nodes": [{"id": "gid://shopify/Fulfillment/3"}]}},
            {"fulfillments": [{"id": "3"}]},
        ),
        (
            {"amountSet": {"shopMoney": {"amount": "5.0", "currencyCode": "JPY"}}},
            {"amount": "5.0", "currency": "JPY"},
        ),
        (
            {"trackingInfo": [{"company": "Yamato (JA)", "number": "1"}]},
            {
                "tracking_info": [{"company": "Yamato (JA)", "number": "1"}],
                "tracking_company": "Yamato (JA)",
                "tracking_number": "1",
            },
        ),
    ],
)
def test_what_graphql_says_is_brought_into_the_words_of_webhooks(said: Any, told: Any) -> None:
    assert plain(said) == told
