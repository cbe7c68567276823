"""A new link to the customer's own page, once the old one was ended."""

from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.identity import IdentityKind, canonical

_HAS_NOT_ARRIVED = (Outgoing.State.CANCELLED, Outgoing.State.FAILED, Outgoing.State.BOUNCED)


def brings_link(case: Case, message: Message) -> bool:
    """Whether this answer is the one to bring the link: the old one was ended, no answer has taken the new one
    along, and only the customer's own addresses read this one, for whoever holds the link writes as the customer.
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
    with translation.override(case.language):
        leading = _("How your enquiry stands, and a box to answer in:")
    return f"{text.rstrip()}\n\n{leading}\n{link}\n"


def _for_customer_alone(case: Case, message: Message) -> bool:
    readers = {canonical(IdentityKind.EMAIL, p["address"]) for p in (*message.to, *message.cc, *message.bcc)}
    own = Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.EMAIL)
    return bool(readers) and readers <= set(own.values_list("value", flat=True))
