"""Whoever looks for a customer by an address or number that is kept from them finds nobody, and the attempt is told."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q

from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.unmasking import scopes_for
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import IdentityKind, canonical, dialled
from madoguchi.kernel.text import fold

_LOOKED_FOR = (IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.MEMBER)
_NUMBER = re.compile(r"[+\d(][\d\s()\-−ー‐–]{8,20}\d")
_AFTER_FILTER = re.compile(r"^[^\s:]{1,60}:(?=\S)")
_MOST = 8


def note_lookups(values: Mapping[IdentityKind, Sequence[str]], *, actor: Actor) -> None:
    """Remember that the actor asked for customers by these addresses (in canonical form, by kind), of kinds that are
    kept from them. No query where none is; else one, and one more where they are somebody's.
    """
    wanted = [
        Q(company=company, kind=kind.value, value__in=[one for one in asked if one])
        for company in sorted(actor.companies)
        for kind, asked in values.items()
        if kind in kept_from(actor, company)
    ]
    found = list(Identity.objects.filter(_any(wanted)).select_related("customer")) if wanted else []
    note_found([(one.customer, one.kind) for one in found], actor=actor)


def note_found(found: Sequence[tuple[Customer, str]], *, actor: Actor) -> None:
    """Remember that the actor asked for these customers by these of their fields, where they are kept from them now.
    At most one query.
    """
    scopes = scopes_for({customer for customer, _field in found}, actor=actor) if found else {}
    for customer, field in found:
        if field in scopes[customer.pk].masked | scopes[customer.pk].hidden:
            whom = {"company": customer.company_id, "customer": customer.pk}
            note_attempt(**whom, field=field, way=Way.LOOKUP, by=actor)


def note_searched(text: str, *, actor: Actor) -> None:
    """The same of what somebody typed into a search, its filters apart. No query where nothing is kept from them."""
    kept = {kind for company in actor.companies for kind in _LOOKED_FOR if kind in kept_from(actor, company)}
    if not kept:
        return
    words = words_typed(fold(text))[:_MOST]
    asked: dict[IdentityKind, list[str]] = {
        IdentityKind.EMAIL: [canonical(IdentityKind.EMAIL, word)[:254] for word in words if "@" in word],
        IdentityKind.MEMBER: [canonical(IdentityKind.MEMBER, word)[:254] for word in words],
    }
    if IdentityKind.PHONE in kept:
        asked[IdentityKind.PHONE] = [dialled(one) for one in _NUMBER.findall(fold(text))[:_MOST]]
    note_lookups({kind: some for kind, some in asked.items() if kind in kept and some}, actor=actor)


def words_typed(text: str) -> list[str]:
    """The words of a search without names of filters and quotes."""
    return [_AFTER_FILTER.sub("", word).strip("\"'「」“”『』<>") for word in text.split()]


def _any(conditions: Sequence[Q]) -> Q:
    either = Q()
    for one in conditions:
        either |= one
    return either


def kept_from(actor: Actor, company: int) -> frozenset[str]:
    """The fields of a company's customers that are kept from somebody, whoever the customer is. No query."""
    its = actor.data_scope(company=company)
    return its.masked | its.hidden
