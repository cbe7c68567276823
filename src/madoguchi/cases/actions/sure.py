"""Being sure that it is the customer who asks, as far as the company wants that before an act.

Nothing is refused for good: whoever goes on says why, and the log keeps it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.events import ActedUnsure, CaseChanged, IdentityNeedsSet
from madoguchi.cases.identity import Act, Level, Reason, level_of
from madoguchi.cases.identity_models import IdentityNeed
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Company
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import AskFirst, NotAllowed, Refused

QUESTION = "identity"
_REACH = frozenset({"address", "emails", "phones", "members", "places"})
_COUNTS_FOR = timedelta(hours=24)
_OVER = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Stands:
    """How far was checked, and how far the company wants that, before an act; `case` is where it can be checked, if
    there is one.
    """

    act: Act
    level: Level
    needed: Level
    case: Case | None = None


class Unsure(AskFirst):
    """Less was checked than the company wants."""

    def __init__(self, stands: Stands) -> None:
        words = _(
            "%(act)s: the company wants the identity to be checked (%(needed)s). It stands at: %(level)s."
        )
        told = {name: getattr(stands, name).label for name in ("act", "needed", "level")}
        super().__init__([(QUESTION, words % told)], field="because")
        self.stands = stands


@transaction.atomic
def set_identity_needs(company: Company, needs: Mapping[str, int], *, by: Actor) -> None:
    """Say for which act the identity is to be checked how far; acts that are left out stay. Raises NotAllowed, and
    Refused for what is no act or no level.
    """
    if not by.may(Permission.RIGHTS, company=company.pk):
        raise NotAllowed(Permission.RIGHTS)
    for act, level in needs.items():
        if act not in Act.values or level not in Level.values:
            raise Refused(_("Choose one of the list."), field=act)
    before = needs_of(company.pk)
    changed = {act: level for act, level in needs.items() if before[Act(act)] != level}
    for act, level in changed.items():
        IdentityNeed.objects.update_or_create(company=company, act=act, defaults={"level": level})
    if changed:
        record(IdentityNeedsSet(company=company.pk, needs=changed), by=by)


def needs_of(company: int) -> dict[Act, Level]:
    """How far the identity is to be checked for each act. One query."""
    said = dict(IdentityNeed.objects.filter(company=company).values_list("act", "level"))
    return {act: Level(said.get(act.value, Level.NONE)) for act in Act}


@contextmanager
def as_sure_as_needed(
    act: Act, *, company: int, customer: int, case: Case | None = None, because: str = "", by: Actor
) -> Iterator[None]:
    """Do an act that a customer asks for, within. How sure one is stands in the `case`, if it is that customer's; where
    it is done in none, in the one of the customer that is open and was touched last, for a day after it was said, as
    somebody else may ask now. `because` is the reason to go on with less, which is kept with the act or not at all.
    One query, up to two more where the company wants something.

    Raises Unsure where less was checked and no reason is given, and Refused for what is no reason.
    """
    needed = needs_of(company)[act]
    if needed == Level.NONE:
        yield
        return
    asked_in = case or _open_case(company, customer)
    theirs = asked_in if asked_in and asked_in.customer_id == customer else None
    level = level_of(theirs.checked) if theirs and (case or _said_lately(theirs)) else Level.NONE
    stands = Stands(act, level, needed, theirs)
    where = asked_in.where if asked_in else {"company": company}
    with transaction.atomic():
        require_sure(stands, customer=customer, where=where, because=because, by=by)
        yield


def require_sure(stands: Stands, *, customer: int, where: Mapping[str, Any], because: str, by: Actor) -> None:
    """Go on where as much was checked as the company wants; else for the reason alone, which the log keeps. Raises
    Unsure where none is given, and Refused for what is no reason.
    """
    if stands.level >= stands.needed:
        return
    if not because:
        raise Unsure(stands)
    if because not in Reason.values:
        raise Refused(_("Choose why you go on."), field="because")
    fact = ActedUnsure(
        **where,
        customer=customer,
        act=stands.act.value,
        level=stands.level.value,
        needed=stands.needed.value,
        reason=because,
    )
    record(fact, by=by)


def _open_case(company: int, customer: int) -> Case | None:
    rows = Case.objects.filter(company=company, customer=customer).exclude(status__in=_OVER)
    return rows.select_related("company").order_by("-touched_at", "-pk").first()


def _said_lately(case: Case) -> bool:
    told = Event.objects.filter(case_id=case.pk, kind=CaseChanged.kind, at__gte=clock.now() - _COUNTS_FOR)
    return told.filter(data__field="checked", data__after=case.checked).exists()


def sure_of_addresses(
    customer: Customer, changed: Iterable[str], *, case: Case | None = None, because: str = "", by: Actor
) -> AbstractContextManager[None]:
    """Change fields of a record within: what reaches the customer wants them to be sure, a name or a memo does not.
    Raises as `as_sure_as_needed`.
    """
    if not _REACH.intersection(changed):
        return nullcontext()
    where = {"company": customer.company_id, "customer": customer.pk}
    return as_sure_as_needed(Act.ADDRESS, **where, case=case, because=because, by=by)
