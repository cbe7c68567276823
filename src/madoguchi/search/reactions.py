"""What happened is found a moment later."""

from collections.abc import Sequence

from madoguchi.cases.events import (
    CaseChanged,
    CaseContinued,
    CaseCustomerChanged,
    CaseOpened,
    CaseSplit,
    CaseSplitOff,
    CaseTookIn,
    CaseUnmerged,
    CaseUnsplit,
    MessageReceived,
    MessageUnsent,
    MessageWritten,
    NoteAdded,
)
from madoguchi.cases.models import Case
from madoguchi.customers.events import (
    CustomerChanged,
    CustomerCreated,
    CustomersJoined,
    CustomersParted,
    UseResumed,
    UseStopped,
)
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.search.actions import index


@reacts_to(
    CaseOpened,
    CaseSplit,
    CaseSplitOff,
    CaseChanged,
    CaseContinued,
    CaseTookIn,
    CaseUnmerged,
    CaseUnsplit,
    MessageReceived,
    MessageWritten,
    NoteAdded,
    CustomerCreated,
    CustomerChanged,
    CustomersJoined,
    CustomersParted,
    name="search.index",
    together=True,
)
def index_what_happened(events: Sequence[Recorded]) -> None:
    """Index the cases and customers that these events are about, each once."""
    facts = [event.fact() for event in events]
    customers = {fact.customer for fact in facts if isinstance(fact, CustomerCreated | CustomerChanged)}
    for fact in facts:
        if isinstance(fact, CustomersJoined | CustomersParted):
            customers |= {fact.customer, fact.other, *fact.led}
    index(cases={fact.case for fact in facts if fact.case is not None}, customers=customers)


@reacts_to(MessageUnsent, name="search.forget")
def forget_what_was_unsent(event: Recorded) -> None:
    """What a customer took back is found no more."""
    if event.case is not None:
        index(cases=[event.case], anew=True)


@reacts_to(CaseCustomerChanged, name="search.whose")
def index_for_its_customer(event: Recorded) -> None:
    """A case is found with its customer of now; the names that mails bear stay theirs."""
    if event.case is not None:
        index(cases=[event.case], anew=True)


@reacts_to(UseStopped, UseResumed, name="search.withhold")
def withhold_what_is_stopped(event: Recorded) -> None:
    """A customer whose data is used no more is found no more, nor what is at rest of theirs; until it is used again."""
    fact = event.fact()
    assert isinstance(fact, UseStopped | UseResumed)
    cases = Case.objects.filter(customer=fact.customer).order_by("pk")
    index(cases=list(cases.values_list("pk", flat=True)), customers=[fact.customer])
