"""What a form says of somebody whom the company knows already: words, and nothing for their record."""

from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.customers.queries import has_phone
from madoguchi.kernel.channel import Inbound
from madoguchi.kernel.languages import ours_for


def with_unproven_phone(inbound: Inbound, customer: int) -> Inbound:
    """The arrival with its phone number among its words, where that is not in the customer's record.

    Anybody can type a known address and a number of their own: the number must not become the customer's.
    """
    if not inbound.phone or has_phone(customer, inbound.phone):
        return inbound
    with translation.override(ours_for(inbound.language)):
        line = _("Phone number given in the form: %(phone)s") % {"phone": inbound.phone}
    text = f"{inbound.text}\n\n{line}".strip()
    return replace(inbound, text=text, new_text=text)
