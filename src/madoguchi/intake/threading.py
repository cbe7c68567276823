"""Which case an arrival belongs to: the clues of the channel, resolved in their order, the first that holds."""

from collections.abc import Callable

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Customer
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.channel import Clue, Inbound


def case_of(inbound: Inbound, *, company: int, customer: Customer) -> Case | None:
    """The case an arrival continues; None when it begins a new one."""
    for clue in inbound.clues:
        case = _RESOLVE[clue.kind](clue, company, customer)
        if case is not None:
            return case
    return None


def _by_token(clue: Clue, company: int, _customer: Customer) -> Case | None:
    return Case.objects.filter(company_id=company, reply_token=clue.value).first()


def _by_message_id(clue: Clue, company: int, _customer: Customer) -> Case | None:
    known = Message.objects.filter(company_id=company, external_id=clue.value).select_related("case")
    message = known.order_by("id").first()
    return message.case if message else None


def _by_number(clue: Clue, company: int, customer: Customer) -> Case | None:
    """A number can be guessed, so it counts only in the hands of the case's own customer."""
    number = read_case_number(clue.value)
    if number is None:
        return None
    own = Case.objects.filter(company_id=company, customer=customer, number=number.count)
    return own.filter(company__prefix=number.prefix).first()


_RESOLVE: dict[str, Callable[[Clue, int, Customer], Case | None]] = {
    "token": _by_token,
    "message_id": _by_message_id,
    "case_number": _by_number,
}
