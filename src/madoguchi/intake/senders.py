"""Whose mail a company always takes or keeps out: a list of addresses and domains that its people keep."""

import re

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.intake.events import SenderForgotten, SenderRuled
from madoguchi.intake.models import SenderRule
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, ascii_domain, canonical

_DOMAIN = r"(?:[\w-]+\.)+[\w-]{2,}"
_PATTERN = re.compile(rf"(?:[^\s@,;<>\"]+@)?{_DOMAIN}")
Kind = SenderRule.Kind


def may_rule_senders(actor: Actor, company: int) -> bool:
    """The company's manager, and whoever leads a desk of the company: what is spam for one is for all."""
    return any(g.company == company and g.allows(Permission.SPAM) for g in actor.grants)


def rules_of(actor: Actor) -> QuerySet[SenderRule]:
    """The lists of the companies for which the actor keeps them."""
    companies = [c for c in actor.companies if may_rule_senders(actor, c)]
    rows = SenderRule.objects.select_related("company").filter(company_id__in=companies)
    return rows.order_by("company__name", "kind", "pattern")


@transaction.atomic
def rule_sender(company: int, *, pattern: str, kind: SenderRule.Kind, by: Actor) -> SenderRule:
    """Always take a sender's mail, or keep it out; a rule of the other kind gives way. Raises NotAllowed, or Refused
    for what is neither an address nor a domain.
    """
    _require(by, company)
    pattern = as_listed(pattern)
    if len(pattern) > 254 or not _PATTERN.fullmatch(pattern):
        raise Refused(_("Write a mail address, or a domain such as shop.example."), field="pattern")
    before = (
        SenderRule.objects.filter(company_id=company, pattern=pattern).values_list("kind", flat=True).first()
    )
    found, _new = SenderRule.objects.update_or_create(
        company_id=company,
        pattern=pattern,
        defaults={"kind": kind, "added_by": by.name, "added_at": clock.now()},
    )
    if before != kind:
        record(SenderRuled(company=company, rule=str(kind), pattern=pattern, before=before or ""), by=by)
    return found


@transaction.atomic
def forget_sender(rule: int, *, by: Actor) -> int:
    """Take a sender off the list, and return the id of the event, by which `put_sender_back` undoes it. What was
    kept out stays where it is. Raises NotFound (also for one that somebody took off just now) or NotAllowed.
    """
    found = SenderRule.objects.filter(pk=rule).select_for_update().first()
    if found is None:
        raise NotFound(rule)
    _require(by, found.company_id)
    found.delete()
    return record(SenderForgotten(company=found.company_id, rule=found.kind, pattern=found.pattern), by=by)


def put_sender_back(event: int, *, by: Actor) -> None:
    """Undo `forget_sender`. What somebody has decided about the sender since then stands. Raises NotFound for an
    event that took no sender off a list, or NotAllowed.
    """
    taken_off = Event.objects.filter(pk=event, kind=SenderForgotten.kind).first()
    if taken_off is None:
        raise NotFound(event)
    company, pattern = taken_off.company_id, taken_off.data["pattern"]
    _require(by, company)
    if not SenderRule.objects.filter(company_id=company, pattern=pattern).exists():
        rule_sender(company, pattern=pattern, kind=Kind(taken_off.data["rule"]), by=by)


def as_listed(written: str) -> str:
    """An address or a domain as lists hold it: canonical, and an international domain in its ASCII form."""
    text = canonical(IdentityKind.EMAIL, written).strip("<>")
    local, at, domain = text.rpartition("@")
    try:
        domain = ascii_domain(domain)
    except UnicodeError:
        return text
    return f"{local}{at}{domain}" if local else domain


def patterns_of(address: str) -> list[str]:
    """Every rule that speaks of an address: itself, its domain, and the domains above."""
    whole = as_listed(address)
    labels = whole.rpartition("@")[2].split(".")
    return [whole, *(".".join(labels[at:]) for at in range(min(len(labels) - 1, 10)))]


def _require(by: Actor, company: int) -> None:
    if not may_rule_senders(by, company):
        raise NotAllowed(Permission.SPAM)
