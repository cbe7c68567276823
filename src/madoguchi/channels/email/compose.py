"""An answer as bytes: MIME in the plain forms that Outlook, Gmail and mobile phones all read."""

import base64
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from itertools import count
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from madoguchi.channels.email.alphabets import UTF_8, Alphabet
from madoguchi.channels.email.charsets import clean
from madoguchi.channels.email.headers import Address
from madoguchi.kernel.identity import ascii_domain

_LINE: Final = 76
_FURTHEST_REFERENCES: Final = 20
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_UNWANTED_IN_NAMES: Final = re.compile("[\x80-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_PLAIN_WORDS: Final = re.compile(r"[ -~]*")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS: Final = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\[\]:_-]+")
_ADDRESS_SPECIALS: Final = re.compile(r"[,;:()<>\[\]\\\"]")
_MESSAGE_ID: Final = re.compile(r"[!-;=?-~]{1,900}")
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
_CONTENT_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_TOKEN: Final = re.compile(r"[a-z0-9]{6,64}")
_DOMAIN: Final = re.compile(r"[a-z0-9.-]{1,253}")
_RESERVED: Final = frozenset(
    {"from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "in-reply-to"}
    | {"references", "mime-version", "list-unsubscribe", "list-unsubscribe-post"}
)
_UNSUBSCRIBE: Final = re.compile(r"https://[!-;=?-~]{1,800}")


class UnsafeHeader(ValueError):
    """A header value that would break out of its line, or that no mail server would take."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send; with a `content_id` it is an image that the HTML shows as `cid:`."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRequest:
    """Everything that a mail is made of. Identifiers come without brackets; `bcc` never shows in the mail.

    `unsubscribe` is the address at which a receiver of bulk mail leaves the list by one click; answers have none.
    """

    message_id: str
    date: datetime
    from_name: str
    from_address: str
    to: tuple[Address, ...]
    subject: str
    text: str
    html: str | None = None
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    alphabet: Alphabet = UTF_8
    unsubscribe: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of the envelope, each once."""
        return tuple(dict.fromkeys(mailbox.address for mailbox in (*self.to, *self.cc, *self.bcc)))


@dataclass(frozen=True, slots=True)
class _Entity:
    """A MIME part: its header lines and its body, both ready for the wire."""

    headers: tuple[str, ...]
    body: bytes

    def __bytes__(self) -> bytes:
        return "\r\n".join(self.headers).encode("ascii") + b"\r\n\r\n" + self.body


def compose(request: ComposeRequest) -> bytes:
    """The mail as bytes with CRLF line ends, the same bytes for the same request.

    Raises UnsafeHeader when a header value holds a line break or control character, or an address is not one.
    """
    request = _fitted(request)
    content = _content(request)
    lines = (*_headers(request), "MIME-Version: 1.0", *content.headers)
    return bytes(_Entity(lines, content.body))


def new_message_id(domain: str, token: str) -> str:
    """A fresh Message-ID without brackets that carries the case's reply token home in every answer to it.

    Raises UnsafeHeader unless the token is 6 to 64 lower-case letters and digits.
    """
    if not _TOKEN.fullmatch(token) or not _DOMAIN.fullmatch(domain):
        raise UnsafeHeader(f"not a Message-ID of ours: token {token!r}, domain {domain!r}")
    return f"c.{token}.{secrets.token_hex(8)}@{domain}"


def is_address(address: str) -> bool:
    """Whether a mail can be written to this address."""
    try:
        return bool(_ascii_address(address))
    except UnsafeHeader:
        return False


def _fitted(request: ComposeRequest) -> ComposeRequest:
    """The request with every word as its alphabet can write it."""
    fit = request.alphabet.fitted

    def named(mailboxes: Sequence[Address]) -> tuple[Address, ...]:
        return tuple(Address(fit(mailbox.name), mailbox.address) for mailbox in mailboxes)

    return replace(
        request,
        from_name=fit(request.from_name),
        to=named(request.to),
        cc=named(request.cc),
        subject=fit(request.subject),
        text=fit(request.text),
        html=None if request.html is None else fit(request.html),
    )


# --- headers --------------------------------------------------------------------------------------


def _headers(request: ComposeRequest) -> Iterator[str]:
    alphabet = request.alphabet
    yield _address_line("From", (Address(request.from_name, request.from_address),), alphabet)
    for name, mailboxes in (("To", request.to), ("Cc", request.cc)):
        if mailboxes:
            yield _address_line(name, mailboxes, alphabet)
    yield f"Subject: {_unstructured(request.subject, alphabet, taken=len('Subject: '))}"
    yield f"Date: {format_datetime(request.date)}"
    yield f"Message-ID: {_own_id(request.message_id)}"
    if parents := _foreign_ids((request.in_reply_to,)):
        yield f"In-Reply-To: {parents[0]}"
    if references := _foreign_ids(_essential(request.references)):
        yield "References: " + "\r\n ".join(references)
    if request.unsubscribe:
        yield from _unsubscribe_lines(request.unsubscribe)
    for name, value in request.headers.items():
        yield _extra_line(name, value)


def _checked(value: str) -> str:
    """The value in NFC, refused when it could start a line of its own."""
    if _CONTROL.search(value):
        raise UnsafeHeader(f"control character in a header value: {value[:80]!r}")
    return clean(value)


def _unsubscribe_lines(address: str) -> Iterator[str]:
    """RFC 2369 and 8058: mail programs show a button that leaves the list by one POST."""
    if not _UNSUBSCRIBE.fullmatch(address):
        raise UnsafeHeader(f"not an https address to unsubscribe at: {address[:80]!r}")
    yield f"List-Unsubscribe: <{address}>"
    yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def _unstructured(value: str, alphabet: Alphabet = UTF_8, *, taken: int) -> str:
    value = _checked(value)
    fits = len(value) + taken <= _LINE and value == value.strip()
    if fits and _PLAIN_WORDS.fullmatch(value) and "=?" not in value:
        return value
    return "\r\n ".join(_encoded_words(value, alphabet))


def _encoded_words(text: str, alphabet: Alphabet = UTF_8) -> Iterator[str]:
    """RFC 2047 words of at most 75 characters, never cutting a character in two, each in ASCII at its end."""
    chunk = ""
    for char in text:
        if len(alphabet.encoded(chunk + char)) > 42:
            yield _encoded_word(chunk, alphabet)
            chunk = ""
        chunk += char
    if chunk:
        yield _encoded_word(chunk, alphabet)


def _encoded_word(chunk: str, alphabet: Alphabet) -> str:
    return f"=?{alphabet.name}?B?{base64.b64encode(alphabet.encoded(chunk)).decode('ascii')}?="


def _address_line(name: str, mailboxes: Sequence[Address], alphabet: Alphabet) -> str:
    return f"{name}: " + ",\r\n ".join(_mailbox(mailbox, alphabet) for mailbox in mailboxes)


def _mailbox(mailbox: Address, alphabet: Alphabet) -> str:
    address = _ascii_address(mailbox.address)
    name = _checked(mailbox.name).strip()
    if not name:
        return address
    space = "\r\n " if len(name) + len(address) > 60 else " "
    return f"{_phrase(name, alphabet)}{space}<{address}>"


def _phrase(name: str, alphabet: Alphabet) -> str:
    if len(name) > 60 or not _PLAIN_WORDS.fullmatch(name) or "=?" in name:
        return "\r\n ".join(_encoded_words(name, alphabet))
    # Signs alone are taken for what is left of a list of addresses, unless quotation marks say that they are meant.
    if _ATOMS.fullmatch(name) and any(letter.isalnum() for letter in name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ascii_address(address: str) -> str:
    """The address as servers without SMTPUTF8 take it: an international domain in its ASCII form."""
    local, at, domain = _checked(address).rpartition("@")
    try:
        candidate = f"{local}{at}{ascii_domain(domain)}"
    except UnicodeError as error:
        raise UnsafeHeader(f"not a mail address: {address!r}") from error
    if len(candidate) > 320 or not _ADDRESS.fullmatch(candidate) or _ADDRESS_SPECIALS.search(local):
        raise UnsafeHeader(f"not a mail address: {address!r}")
    return candidate


def _own_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise UnsafeHeader(f"not a Message-ID: {message_id[:80]!r}")
    return f"<{message_id}>"


def _foreign_ids(message_ids: Sequence[str]) -> list[str]:
    """Other people's identifiers in brackets; those that cannot be written are left out, as hints may be."""
    checked = [_checked(message_id) for message_id in message_ids]
    return [f"<{message_id}>" for message_id in checked if _MESSAGE_ID.fullmatch(message_id)]


def _essential(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the nearest ones: that is what mail programs thread by, and the header stays short."""
    if len(references) <= _FURTHEST_REFERENCES:
        return references
    return (references[0], *references[1 - _FURTHEST_REFERENCES :])


def _extra_line(name: str, value: str) -> str:
    lower = name.lower()
    if not _HEADER_NAME.fullmatch(name) or lower in _RESERVED or lower.startswith("content-"):
        raise UnsafeHeader(f"not a header to be added: {name[:80]!r}")
    value = _checked(value)
    if len(name) + len(value) < 900 and _PLAIN_WORDS.fullmatch(value):
        return f"{name}: {value}"
    return f"{name}: {_unstructured(value, taken=len(name) + 2)}"


# --- content --------------------------------------------------------------------------------------


def _content(request: ComposeRequest) -> _Entity:
    alphabet = request.alphabet
    pictures = [file for file in request.attachments if file.content_id and request.html]
    attached = [_attachment(file, alphabet) for file in request.attachments if file not in pictures]
    body = _text("plain", request.text, alphabet)
    if request.html is not None:
        html = _text("html", request.html, alphabet)
        inline = [_attachment(file, alphabet, inline=True) for file in pictures]
        body = _multipart("alternative", [body, _multipart("related", [html, *inline]) if inline else html])
    return _multipart("mixed", [body, *attached]) if attached else body


def _text(subtype: str, text: str, alphabet: Alphabet) -> _Entity:
    lines = clean(text.encode("utf-8", "replace").decode("utf-8")).replace("\r\n", "\n").replace("\r", "\n")
    data = alphabet.encoded(lines).replace(b"\n", b"\r\n")
    short = all(len(line) <= _LINE + 2 for line in data.split(b"\r\n"))
    unbroken = alphabet.unbroken(lines).replace(b"\n", b"\r\n")
    if subtype == "html" and unbroken != data:
        # A line end is a blank there, and no Japanese has one between its letters.
        encoding, body = "base64", _base64_lines(unbroken)
    elif alphabet.seven_bit or (data.isascii() and short):
        encoding, body = "7bit", data if data.endswith(b"\r\n") else data + b"\r\n"
    else:
        encoding, body = "base64", _base64_lines(data)
    kind = f'Content-Type: text/{subtype}; charset="{alphabet.name}"'
    return _Entity((kind, f"Content-Transfer-Encoding: {encoding}"), body)


def _base64_lines(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _attachment(file: Attachment, alphabet: Alphabet, *, inline: bool = False) -> _Entity:
    name = _file_name(file.filename)
    disposition = "inline" if inline else "attachment"
    fallback = _fallback_name(name, alphabet)
    headers = [
        "\r\n ".join([f"Content-Type: {_sendable_type(file.content_type)};", f'name="{fallback}"']),
        ";\r\n ".join([f"Content-Disposition: {disposition}", *_filename_sections(name)]),
        "Content-Transfer-Encoding: base64",
    ]
    if inline:
        headers.append(f"Content-ID: {_own_id(file.content_id)}")
    return _Entity(tuple(headers), _base64_lines(file.content))


def _file_name(given: str) -> str:
    """The name as receivers can save it: without folders, and without what turns the direction of a text."""
    name = _UNWANTED_IN_NAMES.sub("", _checked(given))
    return name.replace("/", "_").replace("\\", "_").strip() or "attachment"


def _sendable_type(content_type: str) -> str:
    """The type as given, unless it is malformed or one that base64 may not wrap."""
    if content_type.lower().startswith(("multipart/", "message/")):
        return "application/octet-stream"
    return content_type if _CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"


def _is_plain_name(name: str) -> bool:
    return len(name) <= 60 and bool(_PLAIN_WORDS.fullmatch(name)) and not re.search(r'[";=?%*\']', name)


def _fallback_name(name: str, alphabet: Alphabet) -> str:
    """The name for readers without RFC 2231 (older Outlook, phones): encoded words, though in quotes."""
    return name if _is_plain_name(name) else "\r\n ".join(_encoded_words(alphabet.fitted(name), alphabet))


def _filename_sections(name: str) -> list[str]:
    """RFC 2231: percent-encoded UTF-8, in numbered sections when one line would be too long."""
    if _is_plain_name(name):
        return [f'filename="{name}"']
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", quote(name, safe=""))
    if len(pieces) == 1:
        return [f"filename*=UTF-8''{pieces[0]}"]
    pieces[0] = f"UTF-8''{pieces[0]}"
    return [f"filename*{index}*={piece}" for index, piece in enumerate(pieces)]


def _multipart(subtype: str, parts: Sequence[_Entity]) -> _Entity:
    boundary = _boundary(subtype, parts)
    delimiter = f"--{boundary}\r\n".encode("ascii")
    body = b"".join(delimiter + bytes(part) + b"\r\n" for part in parts)
    header = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'
    return _Entity((header,), body + f"--{boundary}--\r\n".encode("ascii"))


def _boundary(subtype: str, parts: Sequence[_Entity]) -> str:
    """A line that stands in none of the parts; counted, not drawn, so that a retry sends the same bytes."""
    tries = (f"=_{subtype}_{number}" for number in count())
    return next(line for line in tries if not any(line.encode("ascii") in part.body for part in parts))
