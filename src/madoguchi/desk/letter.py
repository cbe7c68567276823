"""An answer as it would leave: from whom and to whom it goes, and how its words will look."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, DraftFile, Message
from madoguchi.channels.email.alphabets import fitted_to_jis
from madoguchi.channels.line.queries import has_blocked
from madoguchi.channels.webchat.queries import address_given_by
from madoguchi.companies.queries import own_addresses, without_detail
from madoguchi.customers.queries import show
from madoguchi.delivery import queue
from madoguchi.delivery.actions import customer_parties, is_laid_out, signature_of
from madoguchi.delivery.addressing import is_foreign
from madoguchi.desk.notices import is_for_old_software, notices_of
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.channel import Channel, Party, channel_of
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import is_line_user, is_visitor
from madoguchi.kernel.markup import as_html, as_plain
from madoguchi.kernel.sign_off import signed_off


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is sent; `laid_out` is empty when it leaves as plain words alone."""

    sender: str
    to: str
    cc: str
    bcc: str
    subject: str
    text: str
    laid_out: SafeString
    files: Sequence[DraftFile]
    notices: list[str]
    old_letters: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """That a mail asks to be answered at another address than its sender's; `foreign` when of another domain,
    `followed` when the answer goes there by itself. Without addresses for readers from whom they are hidden.
    """

    sender: str
    wished: str
    foreign: bool
    followed: bool


def letter_of(
    case: Case, *, text: str, to: str, cc: str, bcc: str, files: Sequence[DraftFile], actor: Actor
) -> Letter:
    """The mail that `delivery.actions.reply` would send of these words, by the same functions. Nothing is sent."""
    old_letters = is_for_old_software(case)
    fit = fitted_to_jis if old_letters else str
    sender = sender_of(case, () if to else customer_parties(case))
    whole = "".join(piece.text for piece in signed_off(text, sender.signature))
    return Letter(
        sender=fit(sender.shown),
        to=to or usual_addressee(case, actor=actor),
        cc=cc,
        bcc=bcc,
        subject=fit(queue.subject_of(case)),
        text=fit(as_plain(whole)),
        laid_out=laid_out(whole, case=case, files=files),
        files=files,
        notices=notices_of(case, text=text, files=bool(files), signature=sender.signature),
        old_letters=old_letters,
    )


def laid_out(text: str, *, case: Case, files: Sequence[DraftFile]) -> SafeString:
    """The words as HTML for our own page, with pictures of the draft; empty when they leave plain."""
    if not is_laid_out(case):
        return SafeString()
    number = case.spoken_number(case.company.prefix)
    pictures = {file.filename: reverse("desk:file_show", args=[number, file.pk]) for file in files}
    return mark_safe(as_html(text, pictures=pictures))  # noqa: S308 - everything in it is escaped there


@dataclass(frozen=True, slots=True)
class Sender:
    """As whom an answer is sent (name and address), with which signature; or what stands in the way (`trouble`)."""

    shown: str
    trouble: str = ""
    signature: str = ""


def sender_of(case: Case, to: Sequence[Party] = ()) -> Sender:
    """As whom an answer to these people is sent."""
    try:
        point = queue.sending_point(case, to)
    except Refused as error:
        return Sender("", trouble=str(error))
    sender = queue.sender(point)
    shown = f"{sender.name} <{sender.address}>" if sender.name else sender.address
    return Sender(shown, signature=signature_of(case, point))


def usual_addressee(case: Case, *, actor: Actor) -> str:
    """The customer's address as the reader may see it."""
    scope, parties = actor.data_scope(company=case.company_id), customer_parties(case)
    if parties and is_line_user(parties[0].address):
        return _("by LINE")
    if parties and is_visitor(parties[0].address):
        return _in_chat(parties[0].address, scope)
    return ", ".join(show(party.address, "email", scope) for party in parties)


def block_of(last: Message | None) -> str:
    """What to know of a customer who has blocked the LINE account to which they wrote last; empty for any other."""
    if last is None or not is_line_user(last.sender_address):
        return ""
    if not has_blocked(last.contact.entry_point_id, last.sender_address):
        return ""
    return _(
        "The customer has blocked this LINE account: an answer does not arrive. Choose another address for To."
    )


def _in_chat(visitor: str, scope: DataScope) -> str:
    """Where a visitor reads the answer, and where it goes when they have left."""
    address = "" if "email" in scope.hidden else show(address_given_by(visitor), "email", scope)
    if not address:
        return _("in the chat")
    return _("in the chat; by mail to %(address)s if they have left (typed, not proven)") % {
        "address": address
    }


def addressee_of(last: Message | None, *, followed: bool, scope: DataScope) -> str:
    """Where an answer to the customer's last mail goes, as the reader may see it; empty where that is hidden.
    `followed`: its wish is.
    """
    if last is not None and is_line_user(last.sender_address):
        return _("by LINE")
    if last is not None and is_visitor(last.sender_address):
        return _in_chat(last.sender_address, scope)
    if last is None or "email" in scope.hidden:
        return ""
    return (_wished(last, scope) if followed else "") or show(last.sender_address, "email", scope)


def name_of_addressee(case: Case, last: Message | None, *, followed: bool) -> str:
    """The name that an answer to the customer's last mail bears, which need not be that of the record; for readers who
    see all of the customer.
    """
    if last is None or channel_of(last.sender_address) != Channel.EMAIL:
        return case.customer.name
    wished = [party["name"] for party in last.reply_to] if followed else []
    return ", ".join(filter(None, wished)) or last.sender_name or case.customer.name


def elsewhere_of(last: Message | None, *, followed: bool, scope: DataScope) -> Elsewhere | None:
    """What to know of a mail that wishes its answer elsewhere than where it came from; None for one that does not."""
    if last is None or not last.reply_to:
        return None
    foreign = is_foreign(last)
    if "email" in scope.hidden:
        return Elsewhere("", "", foreign, followed)
    return Elsewhere(show(last.sender_address, "email", scope), _wished(last, scope), foreign, followed)


def _wished(last: Message, scope: DataScope) -> str:
    return ", ".join(show(party["address"], "email", scope) for party in last.reply_to)


def others_of(last: Message | None, *, case: Case) -> str:
    """Whom else the customer's last mail was for: all its addressees but us and its sender. One query, where there
    may be any.
    """
    if last is None:
        return ""
    named = {p["address"].casefold(): p["address"] for p in (*last.to, *last.cc)}
    answered = {party["address"].casefold() for party in last.reply_to}
    known = answered | {last.sender_address.casefold(), case.entry_point.address if case.entry_point else ""}
    others = {
        key: written
        for key, written in named.items()
        if without_detail(key) not in known and key not in known
    }
    if others:
        known = {address.casefold() for address in own_addresses(case.company_id)}
        others = {key: written for key, written in others.items() if without_detail(key) not in known}
    return ", ".join(others.values())


def addresses_of(parties: Iterable[Mapping[str, str]]) -> str:
    """Addresses as they say something to a reader: what LINE and our chat know somebody by says nothing."""
    return ", ".join(_address(party) for party in parties)


def _address(party: Mapping[str, str]) -> str:
    if is_visitor(party["address"]):
        return party.get("name") or _("Visitor of the chat")
    return "LINE" if is_line_user(party["address"]) else party["address"]


def others_chosen(to: Sequence[str], *, usual: Sequence[str]) -> list[str]:
    """Whom the writer of an answer chose in the customer's place. What a visitor of a chat is known by nobody typed."""
    return [] if list(to) == list(usual) or any(map(is_visitor, to)) else list(to)


def merged(written: Sequence[str]) -> str:
    """The addresses of several fields as one line, each line once: those typed and those ticked."""
    return ", ".join(
        dict.fromkeys(part.strip() for line in written for part in line.split(",") if part.strip())
    )
