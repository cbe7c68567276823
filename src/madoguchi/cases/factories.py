"""Cases as they come into being: by something that arrived. Made for tests."""

from itertools import count

from madoguchi.cases.actions import Arriving, continue_case, open_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.actions import find_or_create
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, File, Inbound, Party
from madoguchi.kernel.identity import IdentityKind
from madoguchi.kernel.pieces import Piece, newly_written

_numbers = count(1)
_INTAKE = system("intake")


def arriving(
    point: EntryPoint,
    *,
    text: str = "電源が入りません。",
    subject: str = "炊飯器について",
    sender: Party | None = None,
    automatic: str = "",
    files: tuple[File, ...] = (),
    pieces: tuple[Piece, ...] = (),
    reply_to: tuple[Party, ...] = (),
) -> Arriving:
    """Something that arrived at an entry point; needs a scope over its company."""
    number = next(_numbers)
    sender = sender or Party(address=f"customer{number}@home.example", name="髙橋 美咲")
    inbound = Inbound(
        channel=Channel.EMAIL,
        external_id=f"message{number}@home.example",
        sender=sender,
        subject=subject,
        text=text,
        new_text=newly_written(pieces) or text,
        pieces=pieces,
        fingerprint=str(number).encode(),
        automatic=automatic,
        files=files,
        reply_to=reply_to,
    )
    customer = find_or_create(
        company=point.company_id, kind=IdentityKind.EMAIL, party=sender, language="ja", by=_INTAKE
    )
    return Arriving(inbound=inbound, customer=customer, entry_point=point)


def make_case(
    point: EntryPoint,
    *,
    text: str = "電源が入りません。",
    subject: str = "炊飯器について",
    sender: Party | None = None,
    automatic: str = "",
    files: tuple[File, ...] = (),
) -> Case:
    """A new case of the entry point's desk, with its first message."""
    with scope.everywhere(reason="a factory makes what a test asks for, whosever it is"):
        came = arriving(point, text=text, subject=subject, sender=sender, automatic=automatic, files=files)
        return Case.objects.get(pk=open_case(came, by=_INTAKE).case)


def say_again(
    case: Case, *, text: str = "まだ動きません。", automatic: str = "", reply_to: tuple[Party, ...] = ()
) -> Message:
    """The customer's next words in a case."""
    with scope.everywhere(reason="a factory makes what a test asks for, whosever it is"):
        first = case.messages.order_by("id").first()
        assert first is not None
        assert case.entry_point is not None
        sender = Party(address=first.sender_address, name=first.sender_name)
        came = arriving(case.entry_point, text=text, sender=sender, automatic=automatic, reply_to=reply_to)
        return Message.objects.get(pk=continue_case(case.pk, came, by=_INTAKE).message)
