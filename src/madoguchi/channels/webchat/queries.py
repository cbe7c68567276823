"""Chats, as those who show them ask for them."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.webchat.events import ChatJudged
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import ascii_domain
from madoguchi.shield.models import Stop
from madoguchi.shield.queries import ended_talk, mail_address_of

# Later nobody remembers how it was.
JUDGED_WITHIN = timedelta(days=7)
ENDED = (Status.SOLVED, Status.CLOSED)
_USUAL_PORTS = {"http": 80, "https": 443}


def widget_of(entry_point: int) -> Widget:
    """The chat configured for an entry point; a plain one, on none but our own pages, where nobody configured any."""
    return Widget.objects.filter(entry_point_id=entry_point).first() or Widget(entry_point_id=entry_point)


def address_given_by(visitor: str) -> str:
    """The mail address that a visitor typed, which proves nothing; empty where they gave none. One query."""
    return Visit.objects.filter(visitor=visitor).values_list("address", flat=True).first() or ""


def may_be_judged(case: Case) -> bool:
    """Whether the visitor of a talk may say how content they are: it came to its end lately, and they have not said so
    since. One query where it has ended.
    """
    if case.channel != Channel.CHAT or case.status not in ENDED or case.solved_at is None:
        return False
    return case.solved_at > clock.now() - JUDGED_WITHIN and not _judged_since(case, case.solved_at)


def _judged_since(case: Case, end: datetime) -> bool:
    said = Event.objects.filter(case_id=case.pk, company_id=case.company_id, kind=ChatJudged.kind)
    return said.filter(at__gte=end).exists()


def external_id(visitor: str) -> str:
    """The id of everything that a visitor writes, in the shape of a Message-ID."""
    return f"chat.{visitor}@madoguchi.invalid"


def ended_chat(visitor: str) -> Stop | None:
    """The stop by which a visitor's chat was ended because of its manner, and is; their matter goes on. One query."""
    said = Message.objects.filter(external_id=external_id(visitor), author=Message.Author.CUSTOMER)
    return ended_talk(said, channel=Channel.CHAT)


def mail_instead(visitor: str) -> str:
    """The mail address to which answers go now that a visitor's chat was ended; empty where it goes on, and where none
    is known. One query, and three where it was ended.
    """
    ended = ended_chat(visitor)
    return (address_given_by(visitor) or mail_address_of(ended.mark.case)) if ended else ""


def may_stand_on(widget: Widget, origin: str, *, own: str) -> bool:
    """Whether pages of this origin (as browsers name it) may show the chat: its sites, and our own address."""
    return origin in widget.sites or origin == origin_of(own)


def origin_of(address: str) -> str:
    """The origin of a web address as browsers name it: https://shop.example, a Japanese domain in its ASCII form, no
    usual port. Empty for what is none; raises ValueError for a port or a domain that can be none.
    """
    parts = urlsplit(address)
    if parts.scheme not in _USUAL_PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else ascii_domain(parts.hostname)
    port = "" if parts.port in (None, _USUAL_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
