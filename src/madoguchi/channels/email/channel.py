"""Mail as the product's channel contract sees it."""

import hashlib
from collections.abc import Sequence

from django.conf import settings

from madoguchi.channels.email import transport
from madoguchi.channels.email.alphabets import ISO_2022_JP, UTF_8
from madoguchi.channels.email.autoreply import LOOP_HEADER
from madoguchi.channels.email.compose import (
    Attachment,
    ComposeRequest,
    UnsafeHeader,
    compose,
    is_address,
    new_message_id,
)
from madoguchi.channels.email.left_behind import reason_in
from madoguchi.channels.email.parse import SEVERAL_FROM, Address, ParsedAttachment, ParsedMail, parse
from madoguchi.channels.email.reply_text import split_reply
from madoguchi.channels.email.reports import report_of
from madoguchi.channels.email.signatures import may_sign, only_signs
from madoguchi.channels.email.signing import signed
from madoguchi.channels.email.threading import candidates, is_own_id, marks
from madoguchi.channels.email.trust import trust_in
from madoguchi.kernel.channel import (
    Channel,
    File,
    Inbound,
    Outbound,
    Party,
    PermanentFailure,
    Receipt,
    Unreadable,
)
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.pieces import Kind

# What a case takes of one mail; the rest stays in the original, which is kept whole.
MOST_FILES, MOST_TEXT, MOST_HTML, MOST_REPLY_TO = 500, 1_000_000, 2_000_000, 5
MOST_SIGNATURE = 2_000
# That no machine answers ours: the standard's word, ours for another Madoguchi, Exchange's, that of old programs.
AUTOMATIC = {
    "Auto-Submitted": "auto-replied",
    LOOP_HEADER: "1",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
    "Precedence": "bulk",
}


class EmailChannel:
    """Reads raw mail and sends composed mail."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """The mail as an arrival. The parser reads anything; `Unreadable` is a mail that was never fetched."""
        if reason := reason_in(raw):
            raise Unreadable(reason)
        return as_inbound(parse(raw), own_addresses=own_addresses, servers=settings.TRUSTED_MAIL_SERVERS)

    def new_external_id(self, *, token: str, domain: str) -> str:
        """A Message-ID (without brackets) that carries the case's reply token."""
        return new_message_id(domain, token)

    def send(self, message: Outbound) -> Receipt:
        """Compose and hand to the entry point's server or the built-in outbox."""
        try:
            raw = compose(as_request(message))
        except UnsafeHeader as error:
            raise PermanentFailure(str(error)) from error
        return transport.deliver(
            message, raw=signed(raw, company=message.company, address=message.sender.address)
        )


def as_inbound(
    mail: ParsedMail, *, own_addresses: Sequence[str] = (), servers: Sequence[str] = ()
) -> Inbound:
    """A parsed mail in the words of the channel contract, without card numbers and within its limits. What the
    mail servers named here say of it is believed.
    """
    text = blot_secrets(shortened(mail.text))
    reply = mail.reply if text == mail.text else split_reply(text, html=mail.html, subject=mail.subject)
    return Inbound(
        channel=Channel.EMAIL,
        external_id=mail.message_id,
        sender=_party(mail.sender),
        subject=blot_secrets(mail.subject),
        says_nothing=not mail.subject and len(text) < MOST_SIGNATURE and only_signs(text),
        text=text,
        new_text=reply.new,
        pieces=reply.pieces,
        may_sign="" if any(piece.kind == Kind.SIGNATURE for piece in reply.pieces) else may_sign(reply.new),
        html=blot_secrets(mail.html) if len(mail.html) <= MOST_HTML else "",
        fingerprint=fingerprint(mail),
        to=_parties(mail.to),
        cc=_parties(mail.cc),
        reply_to=_parties(_elsewhere(mail, own_addresses)),
        sent_at=mail.date,
        automatic=_automatic(mail, own_addresses),
        language=mail.language,
        files=tuple(_file(a) for a in mail.attachments[:MOST_FILES]),
        clues=tuple(candidates(mail, ours=_ours(own_addresses))),
        marks=tuple(marks(mail)),
        report=report_of(mail, ours=own_addresses),
        warnings=mail.warnings,
        trust=trust_in(
            mail.judgements,
            mail.sender,
            servers=servers,
            ours=own_addresses,
            several=SEVERAL_FROM in mail.warnings,
        ),
        bears_our_id=is_own_id(mail.message_id, ours=_ours(own_addresses)),
    )


def shortened(text: str) -> str:
    """The text as far as a case takes it, with a sign where it was cut."""
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}\n[…]"


def fingerprint(mail: ParsedMail) -> bytes:
    """What makes two copies of one mail the same though they came by different ways.

    The Message-ID alone will not do: broken programs send many mails under one, and none may be lost.
    """
    digest = hashlib.sha256()
    date = mail.date.isoformat() if mail.date else ""
    for part in (mail.message_id, date, mail.sender.address, mail.subject, mail.text):
        digest.update(part.encode() + b"\0")
    for attachment in mail.attachments:
        digest.update(attachment.sha256.encode())
    return digest.digest()


def as_request(message: Outbound) -> ComposeRequest:
    """What the composer needs of an outgoing message."""
    return ComposeRequest(
        message_id=message.external_id,
        date=message.created_at,
        from_name=message.sender.name,
        from_address=message.sender.address,
        to=tuple(Address(p.name, p.address) for p in message.to),
        cc=tuple(Address(p.name, p.address) for p in message.cc),
        bcc=tuple(Address(p.name, p.address) for p in message.bcc),
        subject=message.subject,
        text=message.text,
        html=message.html or None,
        attachments=tuple(
            Attachment(f.filename, f.content_type, f.content, f.content_id) for f in message.files
        ),
        in_reply_to=message.in_reply_to,
        references=message.references,
        headers=AUTOMATIC if message.automatic else {},
        alphabet=ISO_2022_JP if message.old_letters else UTF_8,
        unsubscribe=message.unsubscribe,
    )


def _ours(addresses: Sequence[str]) -> frozenset[str]:
    """Our addresses and their domains, for which alone a reply token counts."""
    return frozenset(addresses) | {address.rpartition("@")[2] for address in addresses}


def _elsewhere(mail: ParsedMail, own_addresses: Sequence[str]) -> list[Address]:
    """Where an answer is wished for instead of at the sender's address. Ourselves we do not answer."""
    known = {mail.sender.address.casefold(), *(address.casefold() for address in own_addresses)}
    wished = {address.address.casefold(): address for address in mail.reply_to}
    elsewhere = [a for key, a in wished.items() if key not in known and _without_detail(key) not in known]
    return [address for address in elsewhere if is_address(address.address)][:MOST_REPLY_TO]


def _without_detail(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _automatic(mail: ParsedMail, own_addresses: Sequence[str]) -> str:
    """What kind of machine wrote. A list that is but an address of ours handed on leaves its people people."""
    if mail.auto == "list" and any(
        a in mail.lists or a.replace("@", ".") in mail.lists for a in own_addresses
    ):
        return ""
    return mail.auto or ""


def _party(address: Address) -> Party:
    """A party of a mail. Many programs write an address as the name of whoever gave none: nobody is greeted by it."""
    named = address.name.casefold() != address.address.casefold()
    return Party(address=address.address, name=blot_secrets(address.name) if named else "")


def _parties(addresses: Sequence[Address]) -> tuple[Party, ...]:
    return tuple(_party(a) for a in addresses)


def _file(attachment: ParsedAttachment) -> File:
    return File(
        filename=attachment.filename,
        content_type=attachment.content_type,
        content=attachment.content,
        inline=attachment.inline,
        content_id=attachment.content_id,
    )
