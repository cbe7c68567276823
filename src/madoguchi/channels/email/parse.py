"""One mail, from bytes to values: `parse` never raises, whatever the bytes.

The standard library's compat32 parser splits the structure; headers and charsets are read by our own modules.
A part that needs special treatment one day (a winmail.dat, an invitation) has its place in `_LEAF_READERS`.
"""

import base64
import binascii
import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import Compat32
from typing import Final, Literal

from madoguchi.channels.email import charsets
from madoguchi.channels.email.autoreply import Auto, classify
from madoguchi.channels.email.headers import (
    Address,
    addresses_of,
    date_of,
    mailbox,
    message_ids_of,
    parameters_of,
    text_of,
)
from madoguchi.channels.email.html import to_text
from madoguchi.channels.email.reply_text import split_reply

__all__ = ["Address", "ParsedAttachment", "ParsedMail", "parse"]

Language = Literal["ja", "en"]
Headers = dict[str, list[str]]

MOST_REFERENCES: Final = 500
_SHORTEST_THREAD_INDEX: Final = 22
_DELIVERED_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_ENCODINGS: Final = frozenset({"7bit", "8bit", "binary", "base64", "quoted-printable"})
_CID: Final = re.compile(r"""\bcid:([^"'\s>)]+)""", re.IGNORECASE)
_PARSER_ERRORS: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    MessageError,
)
_CONTENT_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_META_CHARSET: Final = re.compile(rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BOUNDARY: Final = re.compile(rb"boundary", re.IGNORECASE)
_MOST_COMPARED: Final = 50_000_000
_UNSAFE_IN_NAME: Final = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JAPANESE: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_LATIN: Final = re.compile("[A-Za-z]")
_ADDRESSES: Final = re.compile(r"(?<![!-~])[!-~]*(?:://|@)[!-~]*")
_EXTENSIONS: Final = mimetypes.MimeTypes()


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """A file that came along; `inline` when the HTML shows it in its place by its Content-ID."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    sha256: str
    inline: bool
    content_id: str


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What a mail says, all text in NFC. Absent things are empty ('' or ()), only date and auto are None.

    `warnings` are stable words for what had to be repaired: broken-structure, charset-repaired,
    encoding-repaired, date-unreadable, no-sender.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    thread_index: bytes
    date: datetime | None
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[ParsedAttachment, ...]
    auto: Auto | None
    language: Language
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Content:
    """The body as it is gathered from the parts; warnings are kept once each, in order."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[ParsedAttachment] = field(default_factory=list)
    charset: str = ""
    warnings: dict[str, None] = field(default_factory=dict)

    def warn(self, word: str) -> None:
        self.warnings[word] = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One leaf of the structure with its headers read."""

    message: Message
    content_type: str
    charset: str
    flowed: bool
    delete_space: bool
    disposition: str
    filename: str
    content_id: str


def parse(raw: bytes) -> ParsedMail:
    """Read a mail as it came from the wire. Never raises; what was repaired stands in `warnings`."""
    content = _Content()
    message = _structure(raw, content)
    headers = _headers(message)
    _gather(message, content)
    html = "\n".join(content.htmls)
    text = _body_text(content.texts, html)
    subject = text_of(_first(headers, "subject"))
    sender = _sender(headers)
    if not sender.address:
        content.warn("no-sender")
    date = date_of(_first(headers, "date"))
    if date is None:
        content.warn("date-unreadable")
    content_type, parameters = parameters_of(_first(headers, "content-type"))
    return ParsedMail(
        message_id=next(iter(message_ids_of(_first(headers, "message-id"))), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references")[-MOST_REFERENCES:],
        thread_index=_thread_index(_first(headers, "thread-index")),
        date=date,
        sender=sender,
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        reply_to=_addresses(headers, "reply-to"),
        delivered_to=_delivered_to(headers),
        subject=subject,
        text=text,
        html=html,
        attachments=tuple(_placed(content.attachments, html)),
        auto=classify(
            headers=headers,
            content_type=content_type,
            report_type=parameters.get("report-type", "").lower(),
            sender=_first(headers, "from"),
        ),
        language=_language(subject, text, content.charset),
        warnings=tuple(content.warnings),
    )


# --- structure and headers ------------------------------------------------------------------------


def _structure(raw: bytes, content: _Content) -> Message:
    raw = raw.lstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
    try:
        if _is_overgrown(raw):
            raise MessageError("too many lines within too many parts")
        return message_from_bytes(raw)
    except _PARSER_ERRORS:
        # Nested beyond reason: the headers are still good, and the body is shown as it stands.
        content.warn("broken-structure")
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        message = message_from_bytes(head + b"\n\n")
        del message["content-type"], message["content-transfer-encoding"]
        message.set_payload(body.decode("ascii", "surrogateescape"))
        return message


def _is_overgrown(raw: bytes) -> bool:
    """Whether the library would take long: it holds every line against the boundaries of all open parts."""
    return raw.count(b"\n") * len(_BOUNDARY.findall(raw)) > _MOST_COMPARED


def _headers(message: Message) -> Headers:
    headers: Headers = {}
    # raw_items is the one public way to the values without a Header object for each 8-bit one.
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), []).append(str(value))
    return headers


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return values[0] if values else ""


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for value in headers.get(name, ()) for found in message_ids_of(value)))


def _thread_index(value: str) -> bytes:
    """Outlook's Thread-Index as bytes; nothing of one that is too short or long to be it."""
    try:
        index = base64.b64decode("".join(value.split())[:4000], validate=True) if value else b""
    except (binascii.Error, ValueError):
        return b""
    return index if len(index) >= _SHORTEST_THREAD_INDEX else b""


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return tuple(address for value in headers.get(name, ()) for address in addresses_of(value))


def _sender(headers: Headers) -> Address:
    for name in ("from", "sender", "reply-to", "return-path"):
        for address in _addresses(headers, name):
            return address
    return Address(text_of(_first(headers, "from")), "")


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    values = (value for name in _DELIVERED_TO for value in headers.get(name, ()))
    found = (mailbox(value.strip().strip("<>")) for value in values)
    return tuple(dict.fromkeys(address.address for address in found if address is not None))


# --- body and attachments -------------------------------------------------------------------------


def _gather(message: Message, content: _Content) -> None:
    for leaf in _leaves(message):
        if leaf.defects:
            content.warn("broken-structure")
        part = _part(leaf)
        is_root = leaf is message
        if part.disposition == "attachment" or (part.filename and not is_root):
            _attach(part, content)
        else:
            _LEAF_READERS.get(part.content_type, _attach)(part, content)


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in reading order, without recursion. An enclosed mail is one part."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload() if part.is_multipart() else None
        if isinstance(payload, list) and part.get_content_maintype() != "message":
            waiting.extend(child for child in reversed(payload) if isinstance(child, Message))
        else:
            yield part


def _part(message: Message) -> _Part:
    headers = _headers(message)
    value, parameters = parameters_of(_first(headers, "content-type"))
    disposition, more = parameters_of(_first(headers, "content-disposition"))
    content_type = message.get_content_type()
    if not _CONTENT_TYPE.fullmatch(content_type):
        content_type = "application/octet-stream"
    if content_type.startswith("multipart/"):
        # Promised parts that never came: what is there is text.
        content_type = "text/plain"
    return _Part(
        message=message,
        content_type=content_type,
        charset=parameters.get("charset", "") if value else "",
        flowed=parameters.get("format", "").lower() == "flowed",
        delete_space=parameters.get("delsp", "").lower() == "yes",
        disposition=disposition,
        filename=_safe_filename(more.get("filename") or parameters.get("name") or ""),
        content_id=_first(headers, "content-id").strip().strip("<>"),
    )


def _read_plain(part: _Part, content: _Content) -> None:
    text = _decode(part, _bytes(part, content), content)
    content.texts.append(_unflow(text, delete_space=part.delete_space) if part.flowed else text)


def _read_html(part: _Part, content: _Content) -> None:
    data = _bytes(part, content)
    found = None if part.charset else _META_CHARSET.search(data[:2048])
    content.htmls.append(_decode(part, data, content, found[1].decode("ascii") if found else ""))


def _attach(part: _Part, content: _Content) -> None:
    data = _bytes(part, content)
    if not data and not part.filename:
        return
    content.attachments.append(
        ParsedAttachment(
            filename=part.filename or _invented_filename(part, len(content.attachments) + 1),
            content_type=part.content_type,
            content=data,
            sha256=hashlib.sha256(data).hexdigest(),
            inline=False,
            content_id=charsets.clean(part.content_id),
        )
    )


_LEAF_READERS: Final[dict[str, Callable[[_Part, _Content], None]]] = {
    "text/plain": _read_plain,
    "text/html": _read_html,
}


def _bytes(part: _Part, content: _Content) -> bytes:
    """The content with its transfer encoding undone, as far as it can be."""
    message = part.message
    payload = message.get_payload() if message.is_multipart() else None
    if isinstance(payload, list):
        return b"\n".join(_source(child, content) for child in payload if isinstance(child, Message))
    raw = str(message.get("content-transfer-encoding", "7bit"))
    encoding = raw.partition(";")[0].strip().lower()
    if encoding in _ENCODINGS and encoding != raw:
        message.replace_header("content-transfer-encoding", encoding)
    try:
        data = message.get_payload(decode=True)
    except _PARSER_ERRORS:
        content.warn("encoding-repaired")
        data = str(message.get_payload()).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


class _AsReceived(Compat32):
    """Writes headers as they came: the library's own folding refuses some of what it has parsed."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}\n".replace("\r\n", "\n").encode("utf-8", "surrogateescape")


_AS_RECEIVED: Final = _AsReceived()


def _source(message: Message, content: _Content) -> bytes:
    """An enclosed mail as bytes again."""
    try:
        return message.as_bytes(policy=_AS_RECEIVED)
    except _PARSER_ERRORS:
        content.warn("broken-structure")
        return str(message.get_payload()).encode("utf-8", "surrogateescape")


def _decode(part: _Part, data: bytes, content: _Content, charset: str = "") -> str:
    decoded = charsets.decode(data, part.charset or charset)
    if decoded.repaired:
        content.warn("charset-repaired")
    content.charset = content.charset or decoded.charset
    return decoded.text.replace("\r\n", "\n").replace("\r", "\n")


def _body_text(texts: list[str], html: str) -> str:
    text = "\n".join(part for part in (text.rstrip() for text in texts) if part)
    return text if text or not html else charsets.clean(to_text(html)).rstrip()


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676), so that paragraphs are whole again."""
    joined: list[str] = []
    flowing, depth = False, 0
    for line in text.split("\n"):
        quote = len(line) - len(line.lstrip(">"))
        words = line[quote:].removeprefix(" ")
        if flowing and quote == depth and words != "-- ":
            joined[-1] += words
        else:
            joined.append(">" * quote + " " * bool(quote) + words)
        flowing, depth = words.endswith(" ") and words != "-- ", quote
        if flowing and delete_space:
            joined[-1] = joined[-1][:-1]
    return "\n".join(joined)


# --- names, places, language ----------------------------------------------------------------------


def _safe_filename(raw: str) -> str:
    """A bare file name: decoded, without folders, controls and marks that turn the reading direction."""
    name = _UNSAFE_IN_NAME.sub("", text_of(raw)) if raw else ""
    name = name.replace("\\", "/").rpartition("/")[2].strip()
    if name in (".", ".."):
        return ""
    stem, dot, extension = name.rpartition(".")
    return name if len(name) <= 200 else f"{stem[: 199 - len(extension[:20])]}{dot}{extension[:20]}"


def _invented_filename(part: _Part, number: int) -> str:
    payload = part.message.get_payload() if part.message.is_multipart() else None
    if part.content_type == "message/rfc822" and isinstance(payload, list) and payload:
        enclosed = payload[0]
        subject = _first(_headers(enclosed), "subject") if isinstance(enclosed, Message) else ""
        return _safe_filename(f"{text_of(subject).replace('/', '_')[:80] or 'message'}.eml")
    return f"attachment-{number}{_EXTENSIONS.guess_extension(part.content_type) or '.bin'}"


def _placed(attachments: list[ParsedAttachment], html: str) -> Iterator[ParsedAttachment]:
    shown = set(_CID.findall(html)) if attachments else set()
    for file in attachments:
        if file.content_id and file.content_id in shown:
            yield ParsedAttachment(
                file.filename, file.content_type, file.content, file.sha256, True, file.content_id
            )
        else:
            yield file


def _language(subject: str, text: str, charset: str) -> Language:
    """Which language to answer in, from what is new in the mail: quotes below are often our own words."""
    new = _ADDRESSES.sub("", f"{subject}\n{split_reply(text[:4000]).new[:2000]}")
    japanese, latin = len(_JAPANESE.findall(new)), len(_LATIN.findall(new))
    if japanese == 0 and latin:
        return "ja" if charsets.is_japanese(charset) and latin < 20 else "en"
    return "ja" if japanese * 6 >= latin else "en"
