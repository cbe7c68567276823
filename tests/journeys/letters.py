"""Letters as they left an installation."""

import re

from tests.journeys.installation import Installation
from tests.servers.ground import until

_OUTBOX = """
from email import message_from_bytes, policy
from madoguchi.channels.email.models import SentMail
from madoguchi.infra import scope
with scope.everywhere(reason="a journey looks into the outbox"):
    mails = [m for m in SentMail.objects.order_by("id") if m.recipients == [given["to"]]]
    letters = [message_from_bytes(bytes(m.raw), policy=policy.default) for m in mails]
    tell([letter.get_body(("plain",)).get_content() for letter in letters])
"""


def letter_to(address: str, installation: Installation, says: str) -> re.Match[str]:
    """Where a letter to this address says this, as a pattern; one that has not left yet is waited for."""
    found: list[re.Match[str]] = []

    def has_left() -> bool:
        letters = installation.act(_OUTBOX, to=address)
        assert isinstance(letters, list)
        found[:] = filter(None, (re.search(says, letter) for letter in letters))
        return bool(found)

    until(has_left, what=f"a letter to {address}")
    return found[0]
