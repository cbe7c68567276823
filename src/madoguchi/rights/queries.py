"""What customers demanded, and who they are."""

from dataclasses import dataclass
from typing import BinaryIO

from django.db.models import Q, QuerySet

from madoguchi.cases.models import Case
from madoguchi.customers.models import Customer, Identity
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.rights import kept, policies
from madoguchi.rights.models import Request, RetentionRule, RetentionRun
from madoguchi.rights.retention import cutoff_of, due_of, foreseen_of

# So many cases are looked at to say how many rows would go.
SAMPLED = 500


def requests_of(actor: Actor, *, state: str = "", customer: int | None = None) -> QuerySet[Request]:
    """What customers of the actor's companies demanded, the newest first."""
    found = Request.objects.filter(company__in=actor.companies_with(Permission.RIGHTS))
    found = found.filter(state=state) if state else found
    found = found.filter(customer=customer) if customer else found
    return found.select_related("customer", "company", "user").order_by("-pk")


def stop_in_force(customer: Customer, *, actor: Actor) -> Request | None:
    """The last demand of a customer by which the use of their data is stopped now; None for none. One query.

    Raises NotAllowed for who does not see to rights of customers.
    """
    if not policies.may_see_to(actor, company=customer.company_id):
        raise NotAllowed(Permission.RIGHTS)
    stops = Request.objects.filter(kind=Request.Kind.STOP, state=Request.State.DONE, customer=customer)
    return stops.select_related("customer").order_by("-pk").first()


def request_of(pk: int, *, actor: Actor) -> Request:
    """One of them. Raises NotFound."""
    related = ("customer", "company", "user", "checked_by", "started_by", "reviewed_by")
    found = Request.objects.filter(pk=pk).select_related(*related).first()
    if found is None or not policies.may_see_to(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def person_named(written: str, *, company: int) -> Customer:
    """The one customer of a company who is meant: by the number of a case, an address, a phone number or the id of the
    record. Raises NotFound for none, and where several are meant.
    """
    words = written.strip()
    number = read_case_number(words)
    found = Customer.objects.none()
    if number is not None:
        theirs = Case.objects.filter(company__prefix=number.prefix, company=company, number=number.count)
        found = Customer.objects.filter(pk__in=theirs.values("customer"))
    elif words.isascii() and words.isdecimal() and len(words) < 10:
        found = Customer.objects.filter(pk=int(words))
    rows = list(found.filter(company=company)) or _reached_by(words, company)
    people = {row.joined_into_id or row.pk for row in rows}
    if len(people) != 1:
        raise NotFound(written)
    return Customer.objects.select_related("company").get(pk=people.pop(), company=company)


def archive_of(company: int, pk: int, generation: int) -> Request:
    """What a link leads to, in a scope over the company. Raises NotFound before somebody looked over
    it, and once it has expired or was made anew."""
    asked = Request.objects.filter(company=company, pk=pk, generation=generation, expires_at__gt=clock.now())
    released = (Request.State.RELEASED, Request.State.HANDED_OVER)
    found = asked.filter(state__in=released).exclude(archive="").select_related("company").first()
    if found is None:
        raise NotFound(pk)
    return found


def _reached_by(words: str, company: int) -> list[Customer]:
    forms = Q(kind=IdentityKind.EMAIL.value, value=canonical(IdentityKind.EMAIL, words)[:254])
    if any(sign.isdecimal() for sign in words):
        forms |= Q(kind=IdentityKind.PHONE.value, value=canonical(IdentityKind.PHONE, words)[:254])
    if member := canonical(IdentityKind.MEMBER, words)[:254]:
        forms |= Q(kind=IdentityKind.MEMBER.value, value=member)
    found = Identity.objects.filter(forms, company=company).select_related("customer")
    return [one.customer for one in found]


def opened_archive(request: Request) -> BinaryIO:
    """The file that was made. Raises NotFound once it has expired."""
    try:
        return kept.path_of(request.archive, company=request.company_id).open("rb")
    except FileNotFoundError as error:
        raise NotFound(request.pk) from error


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of retention, its last run, and what it would let go today: of how many cases, and rows by table of the
    first 500 of them (`sampled`: there are more).
    """

    rule: RetentionRule
    run: RetentionRun | None
    cases: int
    rows: list[tuple[str, int]]
    sampled: bool
    may_switch: bool


def rules_of(actor: Actor) -> list[Rule]:
    """The rules of the actor's companies, with what each would let go. Some queries for each."""
    rules = RetentionRule.objects.filter(company__in=actor.companies_with(Permission.RIGHTS))
    related = rules.select_related("company", "written_by", "switched_by").order_by("company__name", "kind")
    return [_looked_at(one, actor) for one in related if policies.may_see_to(actor, company=one.company_id)]


def retention_of(pk: int, *, actor: Actor) -> RetentionRule:
    """One of them. Raises NotFound."""
    found = RetentionRule.objects.filter(pk=pk).first()
    if found is None or not policies.may_see_to(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def _looked_at(rule: RetentionRule, actor: Actor) -> Rule:
    due = due_of(rule.company_id, rule.kind, cutoff_of(rule.months))
    cases = due.count()
    some = list(due.order_by("pk").values_list("pk", flat=True)[:SAMPLED])
    rows = foreseen_of(rule.company_id, rule.kind, some)
    return Rule(
        rule,
        rule.runs.order_by("-pk").first(),
        cases,
        sorted(rows.items()),
        sampled=cases > len(some),
        may_switch=actor.id is not None and actor.id != rule.written_by_id,
    )
