"""Whether an answer goes by itself to where a mail wishes it, and whether that is the customer at all.

Anybody can write a mail in the name of another, with a wish for the answer to go to themselves.
"""

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.kernel.identity import IdentityKind, canonical


def follows_wish(case: Case, said: Message) -> bool:
    """Whether an answer to what the customer said goes where that asks for it: at the sender's own domain; elsewhere
    only when it is all that they have said in the case, as with services that pass on a form, or when the address has
    written in this case or is known as this customer's. No query, unless it asks for another domain; then up to three.
    """
    foreign = _mails(said.reply_to, but=_domain(said.sender_address))
    if not foreign:
        return True
    known = identities_of(case)
    return foreign <= known or not _others(case, said).exists() or foreign <= known | _writers(case, said)


def identities_of(case: Case) -> set[str]:
    """The mail addresses that are known as this customer's, in canonical form. One query."""
    own = Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.EMAIL)
    return set(own.values_list("value", flat=True))


def is_foreign(said: Message) -> bool:
    """Whether a mail asks for answers at another domain than its sender's."""
    return bool(_mails(said.reply_to, but=_domain(said.sender_address)))


def _others(case: Case, said: Message) -> QuerySet[Message]:
    own: QuerySet[Message] = case.messages.filter(author=Message.Author.CUSTOMER, automatic="")
    return own.filter(contact__customer_id=case.customer_id).exclude(pk=said.pk)


def _writers(case: Case, said: Message) -> set[str]:
    wrote = case.messages.filter(author=Message.Author.CUSTOMER, automatic="").exclude(pk=said.pk)
    addresses: Iterable[str] = wrote.order_by().values_list("sender_address", flat=True).distinct()
    return {canonical(IdentityKind.EMAIL, address) for address in addresses}


def _mails(parties: Iterable[Mapping[str, str]], *, but: str) -> set[str]:
    addresses = {canonical(IdentityKind.EMAIL, party["address"]) for party in parties}
    return {address for address in addresses if _domain(address) != but}


def _domain(address: str) -> str:
    return canonical(IdentityKind.EMAIL, address).rpartition("@")[2]
