"""What visitors do: send a form. Both forms go the way of everything that arrives."""

from django.utils.crypto import salted_hmac

from madoguchi.channels.webform.submission import Submission, encode, without_cards
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import limits
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import IdentityKind, canonical

WINDOW = 600
MOST_OF_VISITOR = 30
MOST_OF_ADDRESS = 10
MOST_OF_ENTRY_POINT = 600


def send(submission: Submission, *, through: EntryPoint, visitor: str, source: str) -> None:
    """Hand what a visitor sent to intake, which keeps it before it reads it. Sent twice, it counts once.

    `visitor` names who sends without saying who it is. Raises `TooOften`, and then nothing was kept. Call it
    outside any transaction of the page, so that what is kept stays kept.
    """
    _limit(submission, through, visitor)
    arrival = receive(
        raw=encode(without_cards(submission)), entry_point=through, source=source, channel=Channel.FORM
    )
    if arrival is not None:
        handle(arrival, company=through.company_id)


def _limit(submission: Submission, through: EntryPoint, visitor: str) -> None:
    limits.count(f"portal:visitor:{visitor}", most=MOST_OF_VISITOR, seconds=WINDOW)
    limits.count(f"portal:entry:{through.pk}", most=MOST_OF_ENTRY_POINT, seconds=WINDOW)
    # Each first contact is acknowledged by mail: nobody may use that to fill somebody else's mailbox.
    limits.count(f"portal:address:{_name_of(submission.address)}", most=MOST_OF_ADDRESS, seconds=WINDOW)


def _name_of(address: str) -> str:
    return salted_hmac("madoguchi.portal.address", canonical(IdentityKind.EMAIL, address)).hexdigest()[:32]
