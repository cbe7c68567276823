"""A new link to the customer's own page, once the old one was ended."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.delivery import abroad
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.languages import ours_for

_HAS_NOT_ARRIVED = (Outgoing.State.CANCELLED, Outgoing.State.FAILED, Outgoing.State.BOUNCED)


def brings_link(case: Case, message: Message) -> bool:
    """Whether this answer is the one to bring the link: the old one was ended, no answer has taken the new one
    along, and only addresses of the customer's that wrote in this case read this one, for whoever holds the link
    writes as the customer: an address that somebody else put into their record gets none.
    """
    if case.link_generation == 1:
        return False
    under_way = Outgoing.objects.filter(message__case=case, link_generation=case.link_generation)
    return not under_way.exclude(state__in=_HAS_NOT_ARRIVED).exists() and _for_customer_alone(case, message)


def with_link(case: Case, text: str) -> str:
    """The answer with the link below it, in the case's language; as it is when no portal is bound."""
    link = case_page(case.pk, case.company_id, case.link_generation)
    if not link:
        return text
    with translation.override(ours_for(case.language)):
        leading = abroad.LEADING_TO_PAGE.get(case.language) or _(
            "How your enquiry stands, and a box to answer in:"
        )
    return f"{text.rstrip()}\n\n{leading}\n{link}\n"


def renew_link(outgoing: Outgoing) -> None:
    """Put the present link in the place of one that was ended while the message waited to leave, where none but the
    customer reads it: the case may be another customer's by now.
    """
    case, ended = outgoing.message.case, outgoing.link_generation
    if ended is None or ended == case.link_generation or not _for_customer_alone(case, outgoing.message):
        return
    dead, alive = (case_page(case.pk, case.company_id, n) for n in (ended, case.link_generation))
    if dead and dead in outgoing.text:
        outgoing.text = outgoing.text.replace(dead, alive)
        outgoing.link_generation = case.link_generation
        outgoing.save(update_fields=["text", "link_generation"])


def _for_customer_alone(case: Case, message: Message) -> bool:
    readers = _mails(party["address"] for party in (*message.to, *message.cc, *message.bcc))
    own = Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.EMAIL)
    wrote = case.messages.filter(author=Message.Author.CUSTOMER).order_by().distinct()
    known = set(own.values_list("value", flat=True)) & _mails(wrote.values_list("sender_address", flat=True))
    return bool(readers) and readers <= known


def _mails(addresses: Iterable[str]) -> set[str]:
    return {canonical(IdentityKind.EMAIL, address) for address in addresses if address}
