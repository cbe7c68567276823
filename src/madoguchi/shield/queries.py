"""What is in the shield: of a case, of a desk, of somebody."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, Func, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from madoguchi.cases import policies as cases
from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import IdentityKind
from madoguchi.shield import policies
from madoguchi.shield.models import (
    Appeal,
    Care,
    ConductPolicy,
    Consultation,
    Help,
    Mark,
    Stop,
    Suggestion,
    Terms,
)

MOST_OF_CASE = 50
_WHERE = ("case__company", "case__desk", "case__continued_in__company", "case__continued_in__desk")
# What a visitor of a chat said their mail address is; bound in project/composition.py, as channels are above.
_given: list[Callable[[str], str]] = []


def know_addresses_by(given: Callable[[str], str]) -> None:
    """Let the mail address that a visitor gave be asked for, by what they are known by."""
    _given[:] = [given]


def terms_of(company: int) -> Terms:
    """What a company has agreed on; the usual where it has said nothing. One query."""
    return Terms.objects.filter(company=company).first() or Terms(company_id=company)


def marks_of(case: Case) -> list[Mark]:
    """The marks of a case and of what went on in it, the newest first. One query."""
    rows = Mark.objects.filter(of_case(case)).select_related("person", "marked_by", "decided_by", *_WHERE)
    return list(rows.order_by("-id")[:MOST_OF_CASE])


def cases_with_marks(among: Collection[int]) -> set[int]:
    """Those of these cases in which harassment is suspected or was found, in themselves or in what they were merged
    with: what was recorded may be evidence. Two queries.
    """
    goes_on = {
        pk: into or pk for pk, into in Case.objects.filter(pk__in=among).values_list("pk", "continued_in")
    }
    standing = Mark.objects.exclude(state=Mark.State.CLEARED).annotate(
        goes_on=Coalesce("case__continued_in", "case")
    )
    marked = set(standing.filter(goes_on__in=set(goes_on.values())).values_list("goes_on", flat=True))
    return {pk for pk, last in goes_on.items() if last in marked}


@dataclass(frozen=True, slots=True)
class Measure:
    """What of a mark the customer was told: that we warned them, or that a talk was ended, since when (`at`) and by
    which way (`onward`) we go on; what they objected to it.
    """

    mark: Mark
    at: datetime
    onward: str
    appeals: tuple[Appeal, ...]

    @property
    def may_object(self) -> bool:
        """Whether nothing that they said waits for its answer."""
        return all(one.state != Appeal.State.OPEN for one in self.appeals)


def measures_of(case: Case) -> list[Measure]:
    """What the customer of a case was told of the shield, and can object to: never a mere suspicion. Three queries, one
    where there is none.
    """
    stood = Mark.objects.filter(of_case(case)).order_by("id")
    rows = list(
        stood.select_related(*_WHERE).prefetch_related(
            Prefetch("stops", Stop.objects.filter(state=Stop.State.AGREED).order_by("id")),
            Prefetch("appeals", Appeal.objects.order_by("id")),
        )
    )
    found = []
    for one in rows:
        stop = next(iter(one.stops.all()), None)
        at = stop.second_at if stop else one.warned_at
        if at and (one.state != Mark.State.CLEARED or one.appeals.all()):
            way = str(stop.get_onward_display()) if stop else ""
            found.append(Measure(one, at, way, tuple(one.appeals.all())))
    return found


def of_use_to_customers() -> dict[str, Exists]:
    """For a query of cases: whether there may be anything for `measures_of` (`is_marked`), and a policy that customers
    read (`has_policy`). It costs the query of the case next to nothing, and spares one each where there is neither.
    """
    here = OuterRef(OuterRef("pk"))
    approved = ConductPolicy.objects.filter(company=OuterRef("company"), approved_at__isnull=False)
    return {
        "is_marked": Exists(
            Mark.objects.filter(_of_any(Case.objects.filter(Q(pk=here) | Q(continued_in=here))))
        ),
        "has_policy": Exists(approved),
    }


def suggestions_of(case: Case) -> list[Suggestion]:
    """What was noticed in a case and nobody has settled, the newest first. One query."""
    rows = Suggestion.objects.filter(of_case(case), settled_at=None).order_by("-id")
    return list(rows[:MOST_OF_CASE])


def calls_of(case: Case) -> list[Help]:
    """Who calls a senior to a case and has nobody there yet. One query."""
    rows = Help.objects.filter(of_case(case), came_at=None).select_related("person")
    return list(rows.order_by("called_at")[:MOST_OF_CASE])


def mark_by_id(pk: int, *, actor: Actor) -> Mark:
    """A mark of a case that the actor may read. Raises NotFound."""
    related = ("person", "marked_by", "decided_by", "warning", "contact", *_WHERE)
    found = Mark.objects.select_related(*related).filter(pk=pk).first()
    if found is None or not cases.may_read(actor, home_of(found.case)):
        raise NotFound(pk)
    return found


def suggestion_by_id(pk: int, *, actor: Actor) -> Suggestion:
    """Something noticed in a case that the actor may read. Raises NotFound."""
    found = Suggestion.objects.select_related(*_WHERE).filter(pk=pk).first()
    if found is None or not cases.may_read(actor, home_of(found.case)):
        raise NotFound(pk)
    return found


def help_by_id(pk: int, *, actor: Actor) -> Help:
    """A call for help in a case whose people the actor may know. Raises NotFound."""
    found = Help.objects.select_related("person", *_WHERE).filter(pk=pk).first()
    if found is None or not policies.may_see_people(actor, home_of(found.case)):
        raise NotFound(pk)
    return found


def care_by_id(pk: int, *, actor: Actor) -> Care:
    """What is to be done for the actor, or for somebody whom they lead. Raises NotFound."""
    found = Care.objects.select_related("person", *_WHERE).filter(pk=pk).first()
    if found is None or not (found.person_id == actor.id or policies.may_lead(actor, home_of(found.case))):
        raise NotFound(pk)
    return found


def consultation_by_id(pk: int, *, actor: Actor) -> Consultation:
    """A consultation that the actor may read. Raises NotFound."""
    found = Consultation.objects.select_related("person", "answered_by", *_WHERE).filter(pk=pk).first()
    if found is None or not policies.may_read_counsel(actor, found):
        raise NotFound(pk)
    return found


def who_consulted(consultation: int) -> int | None:
    """Who asked for counsel. One query."""
    return Consultation.objects.filter(pk=consultation).values_list("person", flat=True).first()


def asked_the_client(consultation: int) -> bool:
    """Whether temporary staff asked the firm where they work, too. One query."""
    return Consultation.objects.filter(pk=consultation, to_client=True).exists()


def marks_at(actor: Actor, *, state: str = "") -> QuerySet[Mark]:
    """The marks of cases that the actor may read, the newest first."""
    rows = Mark.objects.filter(_in_sight(actor, Permission.CASE_READ))
    rows = rows.filter(state=state) if state else rows
    return rows.select_related("person", *_WHERE).order_by("-marked_at", "-id")


def suggestions_at(actor: Actor) -> QuerySet[Suggestion]:
    """What was noticed and nobody has settled, in cases that the actor may read."""
    rows = Suggestion.objects.filter(_in_sight(actor, Permission.CASE_READ), settled_at=None)
    return rows.select_related(*_WHERE).order_by("-found_at", "-id")


def helps_at(actor: Actor) -> QuerySet[Help]:
    """Calls for help in cases whose people the actor may know: those where nobody is yet first."""
    rows = Help.objects.filter(_in_sight(actor, Permission.CASE_NOTE))
    return rows.select_related("person", "came_by", *_WHERE).order_by("-came_at", "-called_at", "-id")


def help_wanted(actor: Actor) -> int:
    """How many wait for a senior, of the desks that the actor leads. One query."""
    return Help.objects.filter(_in_sight(actor, Permission.CASE_APPROVE), came_at=None).count()


def cares_at(actor: Actor) -> QuerySet[Care]:
    """What is to be done for the actor and for those whom they lead, what is due first first."""
    led = _in_sight(actor, Permission.CASE_APPROVE)
    rows = Care.objects.filter(led | Q(person=actor.id), settled_at=None)
    return rows.select_related("person", *_WHERE).order_by("due_at", "id")


def cares_of(mark: Mark) -> list[Care]:
    """What is done for whom a mark met. One query."""
    return list(Care.objects.filter(mark=mark).select_related("person", "settled_by").order_by("due_at"))


def consultations_at(actor: Actor) -> QuerySet[Consultation]:
    """The consultations that the actor may read: their own, and those of people whom they answer for."""
    mine = Q(person=actor.id)
    for company in actor.companies:
        for operator in policies.operators_led(actor, company=company):
            mine |= Q(company=company, operator=operator)
    directed = policies.desks_as_client(actor)
    here = Q(case__continued_in=None, case__desk__in=directed) | Q(case__continued_in__desk__in=directed)
    mine |= Q(to_client=True) & here
    rows = Consultation.objects.filter(mine).select_related("person", *_WHERE)
    return rows.order_by("-made_at", "-id")


def ended_talk(said: QuerySet[Message], *, channel: str) -> Stop | None:
    """The stop by which a talk was ended, and is: of the cases in which these messages stand now. One query."""
    cases_in = said.order_by().values("case_id")
    # Both halves go by an index; an OR over a join would read all marks there are.
    here = Case.objects.filter(pk__in=cases_in).values("pk")
    before = Case.objects.filter(continued_in__in=cases_in).values("pk")
    marks = Mark.objects.filter(case__in=here.union(before)).values("pk")
    stops = Stop.objects.filter(mark__in=marks, channel=channel, state=Stop.State.AGREED, lifted_at=None)
    return stops.select_related("mark__case__customer").order_by("-id").first()


def mail_address_of(case: Case) -> str:
    """Where a customer can be reached by mail; empty where nowhere is known. Two queries at most."""
    known = Identity.objects.filter(customer_id=case.customer_id)
    mail = known.filter(kind=IdentityKind.EMAIL, undeliverable_at=None).values_list("written", flat=True)
    found = mail.order_by("id").first()
    if found or not _given:
        return found or ""
    visitors = case.messages.filter(channel=Channel.CHAT, author=Message.Author.CUSTOMER)
    names = visitors.order_by("-id").values_list("sender_address", flat=True)[:1]
    return next(filter(None, map(_given[0], names)), "")


def ways_on(case: Case) -> list[Stop.Onward]:
    """By which ways a matter can go on: those by which the customer can be reached. Three queries at most."""
    phone = Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.PHONE)
    there = {
        Stop.Onward.MAIL: bool(mail_address_of(case)),
        Stop.Onward.PHONE: phone.exists(),
        Stop.Onward.LETTER: bool(case.customer.address),
    }
    return [way for way, known in there.items() if known]


def home_of(case: Case) -> Case:
    """Where a case went on, or itself."""
    return case.continued_in or case


def of_case(case: Case) -> Q:
    """Rows of a case and of what went on in it.

    Which cases these are is found out first, in the same query: then every table goes by its index of cases, where an
    OR over a join would read all that a company has.
    """
    return _of_any(Case.objects.filter(Q(pk=case.pk) | Q(continued_in=case.pk)))


def _of_any(cases: QuerySet[Case]) -> Q:
    said = {"template": "%(expressions)s)", "arg_joiner": " = ANY(", "output_field": BooleanField()}
    return Q(Func("case", ArraySubquery(cases.order_by().values("pk")), **said))


def _in_sight(actor: Actor, permission: Permission) -> Q:
    wide, single = actor.companies_with(permission), actor.desks_with(permission)
    here = Q(case__continued_in=None, case__desk__in=single) | Q(case__continued_in__desk__in=single)
    return Q(company__in=wide) | here
