"""What visitors of a chat do: write, read, and say that they are writing."""

import re
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from madoguchi.cases.models import Case
from madoguchi.channels.webchat.actions import come_in, given_address
from madoguchi.channels.webchat.queries import mail_instead
from madoguchi.channels.webchat.saying import Saying, encode, without_cards
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import first_mail_point
from madoguchi.delivery.actions import bring_link, read, taken
from madoguchi.infra import fleeting, limits, scope
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel.channel import Channel, Party
from madoguchi.portal.chat.passes import Pass, sign_mine

MINUTE, WINDOW = 60, 600
MOST_OF_VISITOR = 20
MOST_FROM_ADDRESS = 60
MOST_OF_CHAT = 3_000
MOST_LOOKS = 120
MOST_TYPING, TYPING = 30, "chat.typing"
MOST_LINKS, MOST_LINKS_FROM_ADDRESS, HOUR = 5, 20, 3600
# 「メールアドレスは … です。」
MOST_BESIDE = 16
_ADDRESS = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


def say(saying: Saying, *, through: EntryPoint, mail: str, source: str) -> None:
    """Hand what a visitor wrote to intake, which keeps it before it reads it. Sent twice, it counts once.

    `source` names from where, without saying who it is. Raises `TooOften` or Refused, and then nothing was kept.
    """
    limits.count(f"chat:visitor:{saying.visitor}", most=MOST_OF_VISITOR, seconds=MINUTE)
    limits.count(f"chat:from:{source}", most=MOST_FROM_ADDRESS, seconds=WINDOW)
    limits.count(f"chat:entry:{through.pk}", most=MOST_OF_CHAT, seconds=WINDOW)
    with scope.acting_for([through.company_id]):
        given = mail or _address_alone(saying.text)
        come_in(through, visitor=saying.visitor, called=saying.called, address=given)
    raw = encode(without_cards(saying))
    arrival = receive(raw=raw, entry_point=through, source=f"chat {through.address}", channel=Channel.CHAT)
    if arrival is not None:
        handle(arrival, company=through.company_id)


def carry(case: Case, visitor: Pass, *, through: EntryPoint, address: str, source: str) -> None:
    """Send the link to a talk to an address, which from now on is where answers go when the visitor has left.

    `source` is as in `say`. Raises `TooOften` or Refused, and then nothing is sent.
    """
    limits.count(f"chat:link:from:{source}", most=MOST_LINKS_FROM_ADDRESS, seconds=HOUR)
    limits.count(f"chat:link:{visitor.visitor}", most=MOST_LINKS, seconds=HOUR)
    mail = given_address(address)
    link = mine_link(visitor, through=through, address=mail)
    with transaction.atomic():
        come_in(through, visitor=visitor.visitor, address=mail)
        bring_link(case.pk, to=Party(address=mail), link=link)


def mine_link(visitor: Pass, *, through: EntryPoint, address: str) -> str:
    """The absolute address under which the reader of a mail address finds the talk."""
    signed = sign_mine(visitor, address=address)
    return urljoin(settings.BASE_URL, reverse("portal:chat_mine", args=[through.address, signed]))


def _address_alone(text: str) -> str:
    """The mail address that a message brings and says next to nothing else beside, as whoever is asked for it writes.

    One that stands among other words may be anybody's, and answers must not go there.
    """
    found = _ADDRESS.findall(text)
    beside = _ADDRESS.sub("", text)
    if len(found) != 1 or len("".join(beside.split())) > MOST_BESIDE:
        return ""
    try:
        validate_email(found[0])
    except ValidationError:
        return ""
    return str(found[0])


def look(case: Case, visitor: Pass, *, upto: int, seen: bool) -> None:
    """The visitor's page has our answers up to a message (by id); `seen` says that they are before their eyes. Of a
    chat that was ended they go by mail, whatever page is still open.
    """
    if upto and not _goes_by_mail(case, visitor):
        (read if seen else taken)(case.pk, visitor=visitor.visitor, upto=upto)


def _goes_by_mail(case: Case, visitor: Pass) -> bool:
    return bool(mail_instead(visitor.visitor)) and first_mail_point(case.desk_id) is not None


def count_look(visitor: Pass) -> None:
    """Raises `TooOften` for a page that asks without end."""
    limits.count(f"chat:look:{visitor.visitor}", most=MOST_LOOKS, seconds=MINUTE)


def tell_typing(case: Case, visitor: Pass) -> None:
    """The visitor is writing: whoever of us has the case open sees it for some seconds. Raises `TooOften`."""
    limits.count(f"chat:typing:{visitor.visitor}", most=MOST_TYPING, seconds=MINUTE)
    fleeting.tell(fleeting.News(TYPING, case.company_id, case.desk_id, case.pk))
