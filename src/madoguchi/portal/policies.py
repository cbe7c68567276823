"""What a customer may see of their case. Pure: no query, no clock."""

from collections.abc import Collection

from madoguchi.cases.models import Case, Message
from madoguchi.kernel.identity import IdentityKind, canonical


def is_theirs(message: Message, case: Case, *, addresses: Collection[str]) -> bool:
    """Whether a message is between us and the customer: they wrote it, or it went to one of their addresses.

    A case also holds what we wrote to a supplier, what the supplier answered, and what machines sent back.
    """
    if message.author == Message.Author.CUSTOMER:
        return message.contact.customer_id == case.customer_id and not message.automatic
    named = [party.get("address", "") for party in [*message.to, *message.cc]]
    return not named or any(canonical(IdentityKind.EMAIL, address) in addresses for address in named)


def name_for_customers(name: str) -> str:
    """The family name of somebody of staff, which is all that customers are told.

    Empty where a name is written in one piece, for nobody can tell where the family name ends.
    """
    words = name.split()
    if len(words) < 2:
        return ""
    return words[-1] if name.isascii() else words[0]
