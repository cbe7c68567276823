"""Whatever happens to cases is heard by their clocks."""

from collections.abc import Sequence

from madoguchi.cases.events import (
    CaseAssigned,
    CaseChanged,
    CaseContinued,
    CaseCustomerChanged,
    CaseOpened,
    CaseSplit,
    CaseSplitOff,
    CaseTookIn,
    CaseUnmerged,
    CaseUnsplit,
    MatterChosen,
    MessageReceived,
    MessageWritten,
    PendingDiscarded,
    PendingTakenBack,
    StatusChanged,
)
from madoguchi.customers.account import people_of
from madoguchi.customers.events import CustomerBelongs, CustomerChanged, CustomerLeft
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.promises.actions import read_clocks_of
from madoguchi.promises.keeping import keep_by_answer, withdraw_unsaid
from madoguchi.promises.queries import active_of, any_levels

# What of a record a policy may ask for.
_OF_ACCOUNTS = {"name", "rank", "sort"}


@reacts_to(
    *(CaseOpened, MessageReceived, MessageWritten, StatusChanged, CaseChanged, CaseAssigned, MatterChosen),
    *(CaseContinued, CaseTookIn, CaseUnmerged, CaseSplit, CaseSplitOff, CaseUnsplit),
    name="promises.read_clocks",
    together=True,
)
def hear(events: Sequence[Recorded]) -> None:
    """Read the clocks of the cases anew to which something happened. Nothing to do for who has no service levels."""
    if any_levels():
        read_clocks_of(event.case for event in events if event.case)


@reacts_to(CustomerChanged, CustomerBelongs, CustomerLeft, CaseCustomerChanged, name="promises.read_accounts")
def hear_accounts(event: Recorded) -> None:
    """What is kept towards an account holds for the open cases of its people as soon as it has another rank, name or
    people.
    """
    if not any_levels():
        return
    fact = event.fact()
    if isinstance(fact, CaseCustomerChanged):
        read_clocks_of([event.case] if event.case else [])
    elif isinstance(fact, CustomerBelongs | CustomerLeft):
        read_clocks_of(active_of([fact.customer]))
    elif isinstance(fact, CustomerChanged) and _OF_ACCOUNTS & set(fact.fields):
        read_clocks_of(active_of(people_of(fact.customer)))


@reacts_to(MessageWritten, PendingTakenBack, PendingDiscarded, name="promises.hear_answers")
def hear_answers(event: Recorded) -> None:
    """An answer keeps the replies that were promised; one that is thrown away has promised nothing."""
    fact = event.fact()
    if isinstance(fact, MessageWritten):
        if not fact.automatic:
            keep_by_answer(event.case or 0, message=fact.message, at=event.at)
    elif isinstance(fact, PendingTakenBack | PendingDiscarded):
        withdraw_unsaid(event.case or 0, answer=fact.answer)
