"""How often we write by ourselves: whoever forges a sender must not make us fill somebody's mailbox."""

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import own_addresses
from madoguchi.infra.limits import TooOften, count
from madoguchi.infra.models import Event
from madoguchi.intake.events import LoopRecognised
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import fold

HOUR, DAY = 3600, 24 * 3600
MINUTES = timedelta(minutes=10)
MOST_COMPARED = 20
_BEFORE_SUBJECT = re.compile(r"^(?:\s*(?:re|fwd?|aw|返信|転送)\s*:)+")
# Between an address of ours and one of theirs, where a machine may sit that answers each of them.
MOST_OF_A_PAIR, MOST_OF_A_PAIR_IN_A_DAY = 5, 20
MOST_TO_ONE_ADDRESS = 10
MOST_OF_A_DESK = 500
# Of letters to addresses that visitors typed: they have no part in what a desk may acknowledge.
MOST_TYPED_OF_A_DESK = 100
_OF_MACHINES = re.compile(r"(?:mailer-daemon|no[-_.]?reply|do[-_.]?not[-_.]?reply)(?:[-_.+][^@]*)?@")


def too_many_acknowledgements(case: Case, to: Sequence[Party], *, point: EntryPoint) -> str:
    """Count one acknowledgement from `point`; which limit keeps it back, `pair`, `address` or `desk`, or nothing."""
    try:
        for party in to:
            pair = _key_of(case, party, f"pair:{point.pk}")
            count(pair, most=MOST_OF_A_PAIR, seconds=HOUR)
            count(f"{pair}:day", most=MOST_OF_A_PAIR_IN_A_DAY, seconds=DAY)
    except TooOften:
        return "pair"
    try:
        for party in to:
            count(_key_of(case, party, "address"), most=MOST_TO_ONE_ADDRESS, seconds=HOUR)
    except TooOften:
        return "address"
    try:
        count(f"acknowledged:desk:{case.desk_id}", most=MOST_OF_A_DESK, seconds=HOUR)
    except TooOften:
        return "desk"
    return ""


def require_typed_address(case: Case, to: Party) -> None:
    """Count one letter to an address that a visitor typed. Raises Refused for one of our own or a machine's, and where
    several went there or very many left the desk.
    """
    if is_a_machines((to,)) or canonical(IdentityKind.EMAIL, to.address) in own_addresses(case.company_id):
        raise Refused(_("Nobody reads mail at this address. Enter your own."), field="address")
    try:
        count(_key_of(case, to, "typed"), most=MOST_OF_A_PAIR, seconds=HOUR)
        count(_key_of(case, to, "typed:day"), most=MOST_OF_A_PAIR_IN_A_DAY, seconds=DAY)
        count(f"typed:desk:{case.desk_id}", most=MOST_TYPED_OF_A_DESK, seconds=HOUR)
    except TooOften as error:
        words = _(
            "Several mails went to this address lately. Look into its mailbox, also among unwanted mail."
        )
        raise Refused(words, field="address") from error


def bears_our_name(case: Case) -> bool:
    """Whether who began it bears an address of ours and was not us: the acknowledgement would go to ourselves."""
    first = (
        case.messages.filter(author="customer").order_by("at", "id").values_list("trust", flat=True).first()
    )
    return bool(first and first.get("poses_as_us"))


def is_a_machines(to: Sequence[Party]) -> bool:
    """Whether nobody reads what is written to one of these addresses (RFC 3834): it is at best sent back."""
    return any(_OF_MACHINES.match(fold(party.address)) for party in to)


def is_turn_of_loop(case: Case) -> bool:
    """Whether it began with what a machine seems to say again to each acknowledgement. One query, by index."""
    return Event.objects.filter(case_id=case.pk, kind=LoopRecognised.kind).exists()


def told_of_the_same(case: Case) -> bool:
    """Whether the customer was told minutes ago that a mail of theirs on the same matter arrived.

    Who sends twice from impatience, or to two of our addresses, is told once. One query, by index.
    """
    just_before = Case.objects.filter(customer_id=case.customer_id, opened_at__gte=case.opened_at - MINUTES)
    others = just_before.filter(pk__lt=case.pk, messages__automatic="acknowledgement").distinct()
    return any(_matter(o.subject) == _matter(case.subject) for o in others.only("subject")[:MOST_COMPARED])


def _matter(subject: str) -> str:
    """A subject without what mail programs and people put before it."""
    return "".join(_BEFORE_SUBJECT.sub("", fold(subject)).split())


def _key_of(case: Case, party: Party, what: str) -> str:
    """Of this company alone, and nobody's address in the clear. A detail behind a plus leads to the same mailbox."""
    local, _at, domain = canonical(IdentityKind.EMAIL, party.address).rpartition("@")
    mailbox = f"{local.partition('+')[0]}@{domain}"
    return f"acknowledged:{what}:{case.company_id}:{hashlib.sha256(mailbox.encode()).hexdigest()[:32]}"
