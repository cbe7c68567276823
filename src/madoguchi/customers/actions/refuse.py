"""Refusals outlive the record and the number (特定商取引法17条, 特定電子メール法3条3項): who comes back by a number or
address that once refused is known to have refused, though nothing else is known of them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from madoguchi.customers.consenting import last_of_each
from madoguchi.customers.events import ConsentSaid
from madoguchi.customers.models import Consent, Identity, Refusal, RefusalKey, Way
from madoguchi.infra.event_log import record
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import IdentityKind

# By which ways an address of a kind is reached.
_WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    IdentityKind.PHONE: (Way.PHONE.value, Way.SMS.value),
    IdentityKind.EMAIL: (Way.EMAIL.value,),
    IdentityKind.LINE: (Way.LINE.value,),
}
Address = tuple[str, str]
logger = structlog.get_logger()


@transaction.atomic
def keep_refusals(
    customers: Sequence[int], *, company: int, of: Iterable[Address] | None = None
) -> list[int]:
    """Keep what one person (one record, or several that were joined) refuses, by the hash of each of their numbers and
    addresses, or of these alone (kind and canonical value); the ids of what is kept. Twice it is kept once.
    """
    wanted = list(_refused(customers, list(of) if of is not None else _addresses(customers)))
    if not wanted:
        return []
    key = _key(company, made=True)
    for kind, value, purpose, way, at in wanted:
        digest = _digest(key, kind, value)
        Refusal.objects.update_or_create(
            company_id=company, digest=digest, purpose=purpose, channel=way, defaults={"at": at}
        )
    return refusals_of({(kind, value) for kind, value, *_rest in wanted}, company=company)


def count_to_keep(customers: Sequence[int]) -> int:
    """How many refusals `keep_refusals` would keep of a person; nothing changes. Two queries."""
    return len(list(_refused(customers, _addresses(customers))))


def refusals_of(addresses: Iterable[Address], *, company: int) -> list[int]:
    """The ids of what is kept of these numbers and addresses. Two queries, one where nothing is kept at all."""
    return list(_kept(addresses, company=company).order_by("pk").values_list("pk", flat=True))


def recall_refusals(customer: int, *, company: int, addresses: Iterable[Address], by: Actor) -> None:
    """Write down anew, with the day of then, what was refused by numbers and addresses that a record has come to have,
    unless it is said there already. Within the caller's transaction; two queries, one where nothing is kept at all.
    """
    found = list(_kept(addresses, company=company))
    last = last_of_each(Consent.objects.filter(customer=customer)) if found else {}
    for one in found:
        said = last.get((one.purpose, one.channel))
        if said is not None and (not said.given or said.at > one.at):
            continue
        made = Consent.objects.create(
            company_id=company,
            customer_id=customer,
            purpose=one.purpose,
            channel=one.channel,
            given=False,
            how=Consent.How.KEPT,
            at=one.at,
            written_at=clock.now(),
        )
        last[one.purpose, one.channel] = made
        told = {"company": company, "customer": customer, "consent": made.pk}
        record(ConsentSaid(**told, purpose=made.purpose, channel=made.channel, given=False), by=by)


def forget_refusals(customer: int, *, company: int, purpose: str, ways: Sequence[str]) -> None:
    """Let go what a customer refused who consents to it now."""
    rows = _kept(_addresses([customer]), company=company)
    rows.filter(purpose=purpose, channel__in=ways).delete()


def _refused(
    customers: Sequence[int], addresses: Sequence[Address]
) -> Iterator[tuple[str, str, str, str, datetime]]:
    said = last_of_each(Consent.objects.filter(customer__in=customers)) if addresses else {}
    for (purpose, way), one in said.items():
        for kind, value in addresses:
            if not one.given and way in _WAYS.get(kind, ()):
                yield kind, value, purpose, way, one.at


def _addresses(customers: Sequence[int]) -> list[Address]:
    rows = Identity.objects.filter(customer__in=customers, kind__in=list(_WAYS))
    return list(rows.values_list("kind", "value"))


def _kept(addresses: Iterable[Address], *, company: int) -> QuerySet[Refusal]:
    wanted = [(kind, value) for kind, value in addresses if kind in _WAYS]
    key = _key(company) if wanted else ""
    digests = [_digest(key, kind, value) for kind, value in wanted] if key else []
    return Refusal.objects.filter(company=company, digest__in=digests) if digests else Refusal.objects.none()


def _key(company: int, *, made: bool = False) -> str:
    """The key of a company; empty where there is none, or none that can be read any more: then a new one is `made`.

    Of two who make one at once, both have the first one's: what was hashed by another is never found again.
    """
    found = _stands(company)
    if found or not made:
        return found
    new = secrets.token_hex(32)
    raw = RefusalKey.objects.annotate(token=Cast("key", TextField())).filter(company=company)
    token = raw.values_list("token", flat=True).first()
    if token is None:
        RefusalKey.objects.bulk_create([RefusalKey(company_id=company, key=new)], ignore_conflicts=True)
    else:
        raw.filter(token=token).update(key=new, renewed_at=clock.now())
        logger.warning("refusals_not_matched_any_more", company=company)
    return _stands(company)


def _stands(company: int) -> str:
    try:
        return RefusalKey.objects.filter(company=company).values_list("key", flat=True).first() or ""
    except SecretUnreadable:
        logger.warning("refusal_key_unreadable", company=company)
        return ""


def _digest(key: str, kind: str, value: str) -> str:
    return hmac.new(bytes.fromhex(key), f"{kind} {value}".encode(), hashlib.sha256).hexdigest()
