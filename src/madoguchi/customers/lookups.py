"""Whoever looks for a customer by an address or number that is kept from them finds nobody, and the attempt is told."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q

from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.models import Identity
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
        if kind in _kept(actor, company)
    ]
    found = list(Identity.objects.filter(_any(wanted)).select_related("customer")) if wanted else []
    scopes = scopes_for({one.customer for one in found}, actor=actor) if found else {}
    for one in found:
        now = scopes[one.customer_id]
        if one.kind in now.masked | now.hidden:
            named = {"customer": one.customer_id, "field": one.kind}
            note_attempt(company=one.company_id, **named, way=Way.LOOKUP, by=actor)


def note_searched(text: str, *, actor: Actor) -> None:
    """The same of what somebody typed into a search, its filters apart. No query where nothing is kept from them."""
    kept = {kind for company in actor.companies for kind in _LOOKED_FOR if kind in _kept(actor, company)}
    if not kept:
        return
    words = [_AFTER_FILTER.sub("", word).strip("\"'「」“”『』<>") for word in fold(text).split()][:_MOST]
    asked: dict[IdentityKind, list[str]] = {
        IdentityKind.EMAIL: [canonical(IdentityKind.EMAIL, word)[:254] for word in words if "@" in word],
        IdentityKind.MEMBER: [canonical(IdentityKind.MEMBER, word)[:254] for word in words],
    }
    if IdentityKind.PHONE in kept:
        asked[IdentityKind.PHONE] = [dialled(one) for one in _NUMBER.findall(fold(text))[:_MOST]]
    note_lookups({kind: some for kind, some in asked.items() if kind in kept and some}, actor=actor)


def _any(conditions: Sequence[Q]) -> Q:
    either = Q()
    for one in conditions:
        either |= one
    return either


def _kept(actor: Actor, company: int) -> frozenset[str]:
    its = actor.data_scope(company=company)
    return its.masked | its.hidden
