"""What may leave by slips: to whom, and which words. A slip passes nobody's approval, so it goes where somebody who
approves answers has sent one before, to the desk's own mail domains, or to where the company's settings say that slips
go, such as a store.
"""

from typing import Final

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.queries import own_addresses
from madoguchi.delivery import checks
from madoguchi.escalations import policies
from madoguchi.escalations.models import SlipLetter
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

# Anybody has an address at these, so that a desk's own there says nothing of the others.
SHARED: Final = frozenset(
    f"{name}.{end}"
    for names, ends in (
        ("gmail googlemail icloud me mac aol proton protonmail", "com me"),
        ("yahoo outlook hotmail live msn", "com co.jp jp ne.jp"),
        ("docomo ezweb au biglobe nifty so-net ocn plala i.softbank vodafone ymobile", "ne.jp com jp"),
        ("nifty softbank excite", "com jp co.jp"),
    )
    for name in names.split()
    for end in ends.split()
)


def allowed(case: Case, address: str, *, by: Actor) -> str:
    """The address, where slips of the case's company may go there. Raises Refused, saying who may allow it."""
    own = {_domain(one) for one in own_addresses(case.company_id)} - SHARED
    if _domain(address) in own or policies.may_vouch(by, case) or _vouched(case.company_id, address):
        return address
    words = _(
        "No slip of this company has gone to this address with a supervisor's consent. Have a supervisor of this desk"
        " send the first one there; after that you can."
    )
    raise Refused(words, field="address")


def require_sayable(case: Case, *texts: str) -> None:
    """Raises Refused for words that must not leave the desk."""
    if refusal := checks.refusal(case.desk, "\n".join(texts)):
        raise Refused(refusal, field="words")


def _vouched(company: int, address: str) -> bool:
    return SlipLetter.objects.filter(company=company, to_address=address, vouched=True).exists()


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
