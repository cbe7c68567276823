"""Symptoms, causes and remedies: written by the company, walked beside a case, learning which helps.

The remedy that helped most comes first, by the mean of a beta distribution over what was said so far, which begins even
(Laplace's rule of succession): (helped + 1) / (tried + 2). So a new one stands at one half and has its chance, and one
that helped once of once (0.67) does not pass one that helped nine times of ten (0.83). Who did not try it says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import RemedyTried, SymptomKept
from madoguchi.commerce.models import Product, Remedy, Symptom, Trial, Variant
from madoguchi.companies.models import Company
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import one_line

MOST_REMEDIES: Final = 20
MOST_SYMPTOMS: Final = 50
_Result = Trial.Result


@dataclass(frozen=True, slots=True)
class Step:
    """A remedy, how often it was tried and helped, and what came of it at the case that is looked at."""

    remedy: Remedy
    tried: int
    helped: int
    here: str = ""

    @property
    def mean(self) -> float:
        """By which it comes first: from 0 to 1."""
        return mean_of(self.helped, self.tried)

    @property
    def percent(self) -> int:
        """How often it helped of what was tried, in percent, as it is shown."""
        return round(100 * self.helped / self.tried) if self.tried else 0


def mean_of(helped: int, tried: int) -> float:
    """The mean of the beta distribution over what was said so far. Pure."""
    return (helped + 1) / (tried + 2)


def read_remedies(written: str) -> list[tuple[str, str]]:
    """Causes and remedies, one pair a line, parted by |. Raises Refused."""
    found: dict[tuple[str, str], None] = {}
    for at, line in enumerate(written.splitlines(), 1):
        if not line.strip():
            continue
        cause, _bar, words = (part.strip() for part in line.replace("｜", "|").partition("|"))
        if not cause or not words:
            told = _("Line %(at)s: write the cause, then |, then what to do.") % {"at": at}
            raise Refused(told, field="remedies")
        if len(cause) > 200 or len(words) > 1000:
            told = _("Line %(at)s is too long: 200 letters for the cause, 1,000 for what to do.") % {"at": at}
            raise Refused(told, field="remedies")
        found[one_line(cause), one_line(words, most=1000)] = None
    if not 1 <= len(found) <= MOST_REMEDIES:
        raise Refused(_("Write one to twenty causes, one a line."), field="remedies")
    return list(found)


@transaction.atomic
def keep_symptom(
    company: Company, *, name: str, remedies: str, code: str = "", symptom: Symptom | None = None, by: Actor
) -> Symptom:
    """Have a symptom, new or changed, with what causes it and what helps. What stays as it was written keeps what was
    learned of it, and so does what is written again after it was taken away.

    Raises NotAllowed, and Refused for no name, a code of no product, and remedies that make no sense.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    words, pairs = one_line(name, most=201), read_remedies(remedies)
    if not words or len(words) > 200:
        raise Refused(_("Write the symptom in 200 letters at most."), field="name")
    one_at_a_time(f"symptoms {company.pk}")
    row = symptom or Symptom(company=company)
    row.product_id, row.name, row.active = _product(company, code), words, True
    row.user_id, row.at = by.id, clock.now()
    row.save()
    Remedy.objects.filter(symptom=row).update(active=False)
    for place, (cause, what) in enumerate(pairs):
        said = {"company": company, "symptom": row, "cause": cause, "words": what}
        Remedy.objects.update_or_create(**said, defaults={"place": place, "active": True})
    told: dict[str, Any] = {"symptom": row.pk, "name": words}
    record(SymptomKept(company=company.pk, active=True, count=len(pairs), **told), by=by)
    return row


@transaction.atomic
def use_symptom(symptom: Symptom, *, active: bool, by: Actor) -> None:
    """Take a symptom out of use, or back into it; what was learned stays. Doing it twice does nothing."""
    if not policies.may_keep_shop(by, company=symptom.company_id):
        raise NotAllowed(Permission.SHOP)
    if Symptom.objects.filter(pk=symptom.pk, active=not active).update(active=active):
        count = Remedy.objects.filter(symptom=symptom, active=True).count()
        told: dict[str, Any] = {"symptom": symptom.pk, "name": symptom.name}
        record(SymptomKept(company=symptom.company_id, active=active, count=count, **told), by=by)


@transaction.atomic
def keep_result(remedy: Remedy, result: str, *, case: int, desk: int, by: Actor) -> None:
    """Keep what came of a remedy at a case; said again it takes the place of what was said. The same does nothing.

    Raises NotAllowed for who writes no notes there, and Refused for no result.
    """
    if not by.may(Permission.CASE_NOTE, company=remedy.company_id, desk=desk):
        raise NotAllowed(Permission.CASE_NOTE)
    if result not in _Result.values:
        raise Refused(_("Choose whether it helped."), field="result")
    one_at_a_time(f"trial {remedy.pk} {case}")
    held = Trial.objects.filter(remedy=remedy, case_id=case).first()
    if held is not None and held.result == result:
        return
    row = held or Trial(company_id=remedy.company_id, remedy=remedy, case_id=case)
    row.result, row.user_id, row.at = result, by.id, clock.now()
    row.save()
    told = {"symptom": remedy.symptom.name, "cause": remedy.cause, "words": remedy.words, "result": result}
    record(RemedyTried(company=row.company_id, desk=desk, case=case, remedy=remedy.pk, **told), by=by)


def symptoms_of(company: int, *, words: str = "", active: bool | None = True) -> QuerySet[Symptom]:
    """The symptoms of a company, by a word of them or of their product."""
    rows = Symptom.objects.filter(company=company).select_related("product", "user")
    if active is not None:
        rows = rows.filter(active=active)
    for word in words.split()[:8]:
        named = Q(product__name__icontains=word) | Q(product__code__icontains=word)
        rows = rows.filter(Q(name__icontains=word) | named)
    return rows.order_by("product__name", "name", "pk")


def symptom_of(pk: int, *, company: int, active: bool | None = True) -> Symptom:
    """One symptom of a company. Raises NotFound."""
    found = symptoms_of(company, active=active).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def remedy_of(pk: int, symptom: Symptom) -> Remedy:
    """One remedy of a symptom that is in use. Raises NotFound."""
    found = Remedy.objects.filter(pk=pk, symptom=symptom, active=True).select_related("symptom").first()
    if found is None:
        raise NotFound(pk)
    return found


def remedy_in_use(pk: int, *, company: int) -> Remedy:
    """A remedy in use, of any symptom in use of a company. Raises NotFound."""
    rows = Remedy.objects.filter(symptom__company=company, symptom__active=True, active=True)
    found = rows.filter(pk=pk).select_related("symptom").first()
    if found is None:
        raise NotFound(pk)
    return found


def steps_of(symptom: Symptom, *, case: int | None = None) -> list[Step]:
    """The remedies of a symptom, the likeliest to help first, with what came of each at a case. Two queries at most."""
    here = dict(_results(symptom, case)) if case is not None else {}
    return _in_order(_steps([symptom.pk], here))


def remedies_by_symptom(symptoms: Sequence[int]) -> dict[int, list[Step]]:
    """The remedies of many symptoms by the symptom's id, each in the same order. One query."""
    found: dict[int, list[Step]] = {pk: [] for pk in symptoms}
    for step in _steps(symptoms):
        found[step.remedy.symptom_id].append(step)
    return {pk: _in_order(steps) for pk, steps in found.items()}


def tried_in(case: int) -> list[Trial]:
    """What came of remedies at a case, in the order in which that was said. One query."""
    rows = Trial.objects.filter(case_id=case).select_related("remedy__symptom")
    return list(rows.order_by("at", "pk"))


def next_step(steps: Sequence[Step]) -> Step | None:
    """What to try next at the case: the first of which nothing was said; nothing once something helped. Pure."""
    if any(step.here == _Result.HELPED for step in steps):
        return None
    return next((step for step in steps if not step.here), None)


def _steps(symptoms: Sequence[int], here: Mapping[int, str] = MappingProxyType({})) -> list[Step]:
    # Of the result, not of the row: so the index alone knows.
    tried = Count("trials__result", filter=~Q(trials__result=_Result.UNTRIED))
    helped = Count("trials__result", filter=Q(trials__result=_Result.HELPED))
    rows = Remedy.objects.filter(symptom__in=symptoms, active=True).annotate(tried=tried, helped=helped)
    return [Step(row, row.tried, row.helped, here.get(row.pk, "")) for row in rows.order_by("place", "pk")]


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: -step.mean)


def _results(symptom: Symptom, case: int) -> QuerySet[Trial, tuple[int, str]]:
    rows = Trial.objects.filter(remedy__symptom=symptom, case_id=case)
    return rows.values_list("remedy_id", "result")


def _product(company: Company, code: str) -> int | None:
    if not code.strip():
        return None
    variant = Variant.objects.filter(company=company, code=code.strip()).values_list("product", flat=True)
    own = Product.objects.filter(company=company, code=code.strip()).values_list("pk", flat=True)
    found = variant.first() or own.first()
    if found is None:
        raise Refused(_("No product has the code %(code)s.") % {"code": code.strip()[:60]}, field="code")
    return found
