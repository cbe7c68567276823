"""How often we write by ourselves: whoever forges a sender must not make us fill somebody's mailbox."""

import hashlib
from collections.abc import Sequence

from madoguchi.cases.models import Case
from madoguchi.infra.limits import TooOften, count
from madoguchi.kernel.channel import Party
from madoguchi.kernel.identity import IdentityKind, canonical

HOUR = 3600
MOST_TO_ONE_ADDRESS = 5
MOST_OF_A_DESK = 500


def too_many_acknowledgements(case: Case, to: Sequence[Party]) -> str:
    """Count one acknowledgement; which limit of this hour keeps it back, `address` or `desk`, or nothing."""
    try:
        for party in to:
            count(_key_of(case, party), most=MOST_TO_ONE_ADDRESS, seconds=HOUR)
    except TooOften:
        return "address"
    try:
        count(f"acknowledged:desk:{case.desk_id}", most=MOST_OF_A_DESK, seconds=HOUR)
    except TooOften:
        return "desk"
    return ""


def _key_of(case: Case, party: Party) -> str:
    """Of this company alone, and nobody's address in the clear."""
    address = canonical(IdentityKind.EMAIL, party.address)
    return f"acknowledged:{case.company_id}:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
