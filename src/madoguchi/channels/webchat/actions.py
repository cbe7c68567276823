"""Saying how a chat looks and where it stands, and remembering who comes."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import held_case
from madoguchi.channels.webchat.events import ChatAddressProven, ChatJudged, ChatShaped
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.channels.webchat.queries import may_be_judged, origin_of
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.policies import may_set_up_desk
from madoguchi.customers.actions import add_first_address
from madoguchi.infra.event_log import record, words_of
from madoguchi.infra.models import Event
from madoguchi.infra.writing import difference
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_SITES = 20
SCORES = range(1, 6)
MOST_WORDS = 1_000
VISITOR = Actor(kind=ActorKind.CUSTOMER, name="")


@transaction.atomic
def shape_chat(
    point: EntryPoint,
    *,
    title: str,
    greeting: str,
    hue: int | None,
    sites: Iterable[str],
    ask: str,
    mail_after: int,
    by: Actor,
) -> Widget:
    """Set what an entry point's chat says, what it asks, and on which sites it may stand.

    Raises NotAllowed, or Refused for an entry point that is no chat, or a site that is no web address.
    """
    if not may_set_up_desk(by, company=point.company_id, desk=point.desk_id):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.CHAT:
        raise Refused(_("This entry point is no chat."))
    fields = {
        "company_id": point.company_id,
        "title": one_line(title, most=100),
        "greeting": clean(greeting).strip()[:1000],
        "hue": hue,
        "sites": sites_in(sites),
        "ask": ask,
        "mail_after": mail_after,
    }
    before = Widget.objects.filter(entry_point=point).values(*fields).first()
    widget, _new = Widget.objects.update_or_create(entry_point=point, defaults=fields)
    fact = ChatShaped(
        company=point.company_id,
        desk=point.desk_id,
        entry_point=point.pk,
        title=widget.title,
        sites=widget.sites,
    )
    record(fact, by=by, words=difference(before, fields))
    return widget


def sites_in(written: Iterable[str]) -> list[str]:
    """The sites named, each once and as browsers name them. Raises Refused for one that is none."""
    sites = [_site(line) for line in map(one_line, written) if line]
    if len(sites) > MOST_SITES:
        raise Refused(_("A chat stands on 20 sites at most."), field="sites")
    return list(dict.fromkeys(sites))


def _site(written: str) -> str:
    try:
        origin, path, place = origin_of(written), urlsplit(written).path, urlsplit(written).netloc
    except ValueError:
        origin, path, place = "", "", ""
    if origin and "@" in place:
        words = _(
            "A site has no user name and no password. Leave out what stands before the @ in its address."
        )
        raise Refused(words, field="sites")
    if not origin or path not in ("", "/"):
        words = _("“%s” is no site. Write it as in https://shop.example, without a page.")
        raise Refused(words % written, field="sites")
    return origin


def come_in(point: EntryPoint, *, visitor: str, called: str = "", address: str = "") -> Visit:
    """Remember a visitor, and what they say of themselves; a later word takes its place.

    Raises Refused for what is no mail address. Two at once make one visit.
    """
    said = {"called": blot_secrets(one_line(called, most=200)), "address": _mail_address(address)}
    given = {name: value for name, value in said.items() if value}
    visit, _new = Visit.objects.update_or_create(
        company_id=point.company_id,
        visitor=visitor,
        defaults=given,
        create_defaults={"entry_point": point, "began_at": clock.now(), **said},
    )
    return visit


@transaction.atomic
def judge(case: int, *, score: int, words: str = "") -> None:
    """Keep how content a visitor is with a talk that has ended, with the case. Two at once are one.

    Raises Refused for what is no score, and Conflict where the talk goes on or was judged already.
    """
    if score not in SCORES:
        raise Refused(_("Choose how content you are, from 1 to 5."), field="score")
    held = held_case(case)
    if not may_be_judged(held):
        raise Conflict(_("Thank you. What you say of this talk has been kept already, or the talk goes on."))
    said = blot_secrets(blot_card_numbers(clean(words).strip()))[:MOST_WORDS]
    record(ChatJudged(**held.where, score=score), by=VISITOR, words={"words": ["", said]} if said else None)


@transaction.atomic
def prove_address(case: int, *, address: str) -> None:
    """Whoever read the mail at an address that was typed in a talk says that the talk is theirs: from now on the
    customer is known by it. Twice is as once.

    Nothing is added where the address is another customer's, or where the record has addresses already: whoever talks
    may have been taken for somebody else, and must not become known as them by an address of their own.
    """
    held = held_case(case)
    was = list(
        Event.objects.filter(case_id=held.pk, kind=ChatAddressProven.kind).values_list("pk", flat=True)
    )
    seen = [words.get("address", ["", ""])[1] for words in words_of(was).values()]
    if address in seen:
        return
    theirs = add_first_address(held.customer_id, company=held.company_id, address=address, by=VISITOR)
    record(ChatAddressProven(**held.where, added=theirs), by=VISITOR, words={"address": ["", address]})


def given_address(written: str) -> str:
    """A mail address as it can be written to. Raises Refused for what is none, and for nothing."""
    if not one_line(written):
        raise Refused(_("Enter your mail address."), field="address")
    return _mail_address(written)


def _mail_address(written: str) -> str:
    address = one_line(written)
    if not address:
        return ""
    try:
        validate_email(canonical(IdentityKind.EMAIL, address))
    except ValidationError as error:
        words = _("This does not look like a mail address. Enter it as in misaki@example.jp.")
        raise Refused(words, field="address") from error
    return address[:254]
