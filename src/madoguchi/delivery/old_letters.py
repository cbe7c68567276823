"""What a customer's mail software cannot show; bound in project/composition.py, for the channel of mail alone knows."""

from collections.abc import Callable, Mapping

from madoguchi.cases.actions import Answering
from madoguchi.cases.models import Case
from madoguchi.customers.models import Customer

GONE = "〓"
Replaced = Callable[[str], Mapping[str, str]]
_bound: list[Replaced] = []


def bind(replaced: Replaced) -> None:
    """Ask this what of a text ISO-2022-JP has no sign for, and what stands for it instead."""
    _bound[:] = [replaced]


def lost_in(case: Case, answering: Answering) -> dict[str, str]:
    """The signs of an answer by mail that the customer will not see, each with what becomes of it. Of what nobody typed
    now (subject, names, signature) only what becomes unreadable: the rest is the same with every answer.
    """
    if answering.channel or case.customer.mail_format != Customer.MailFormat.OLD_LETTERS or not _bound:
        return {}
    names = (answering.subject, answering.sender.name, answering.signature)
    beside = "\n".join([*names, *(file.filename for file in answering.files)])
    unreadable = {was: becomes for was, becomes in _bound[0](beside).items() if becomes == GONE}
    return {**_bound[0](answering.text), **unreadable}
