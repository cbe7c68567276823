"""What is worth knowing about a customer now."""

from datetime import timedelta

from madoguchi.customers.models import Customer, CustomerNote
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound

# What to mind comes first.
_RANK = {CustomerNote.Kind.CAUTION: 0, CustomerNote.Kind.WISH: 1, CustomerNote.Kind.TASTE: 2}
PUT_BACK_WITHIN = timedelta(days=30)
_OF_TODAY = PreparedQuery(
    lambda: (
        CustomerNote.objects.filter(customer=Slot("customer"), until__gte=Slot("today"), ended_at=None)
        .select_related("user")
        .order_by("-at", "-pk")
    )
)


def shows_notes(actor: Actor, *, company: int) -> bool:
    """Whether somebody is shown what is noted of a company's customers: as their memo is, which may not be masked."""
    unseen = actor.data_scope(company=company)
    return "memo" not in unseen.masked | unseen.hidden


def notes_of(customer: int) -> list[CustomerNote]:
    """What holds today, what to mind first. One query."""
    found = _OF_TODAY.rows({"customer": customer, "today": clock.today()})
    return sorted(found, key=lambda one: _RANK.get(CustomerNote.Kind(one.kind), len(_RANK)))


def ended_notes_of(customer: int) -> list[CustomerNote]:
    """What was taken away within thirty days and would hold today, the last first. One query."""
    since = clock.now() - PUT_BACK_WITHIN
    rows = CustomerNote.objects.filter(customer=customer, until__gte=clock.today(), ended_at__gte=since)
    return list(rows.select_related("ended_by").order_by("-ended_at", "-pk"))


def note_of(customer: Customer, pk: int) -> CustomerNote:
    """One note of a customer. Raises NotFound. One query."""
    found = CustomerNote.objects.filter(pk=pk, customer=customer).select_related("customer").first()
    if found is None:
        raise NotFound(pk)
    return found
