"""Header values as text, addresses, parameters, identifiers and dates.

The standard library's header registry is exact and slow, and it gives up on what Japanese mailers really
write (encoded words in quotes, characters split across words, raw 8-bit names); these functions read the raw
values that its compat32 parser hands over, where bytes above 127 stand as surrogate escapes.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from madoguchi.channels.email import charsets

_WORD: Final = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_LINE_END: Final = re.compile(r"[\r\n]+")
_BLANKS: Final = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name as shown (may be empty) and the address, its domain in lower case."""

    name: str
    address: str


def text_of(raw: str) -> str:
    """An unstructured header (Subject) on one line, encoded words and raw 8-bit text decoded."""
    text = unfolded(readable(raw))
    if "=?" in text:
        text = _decode_words(text)
    return _BLANKS.sub(" ", charsets.clean(text)).strip()


def unfolded(value: str) -> str:
    """A value on one line, whatever white space it was folded with."""
    if "\n" not in value and "\r" not in value:
        return value
    return " ".join(line.strip(" \t") for line in _LINE_END.split(value))


def readable(raw: str) -> str:
    """A raw value with its 8-bit and ISO-2022-JP bytes decoded; encoded words are left as they are."""
    if raw.isascii() and "\x1b" not in raw:
        return raw
    return charsets.decode(raw.encode("utf-8", "surrogateescape")).text


# --- encoded words (RFC 2047) ---------------------------------------------------------------------


def _decode_words(text: str) -> str:
    out: list[str] = []
    run: list[tuple[str, str, str]] = []
    end = 0
    for word in _WORD.finditer(text):
        gap = text[end : word.start()]
        if gap.strip() or not run:
            out += [_decode_run(run), gap]
            run = []
        run.append((word[1].lower(), word[2].lower(), word[3]))
        end = word.end()
    return "".join([*out, _decode_run(run), text[end:]])


def _decode_run(run: list[tuple[str, str, str]]) -> str:
    """Adjacent words of one charset are joined as bytes first: mailers split characters between them."""
    texts: list[str] = []
    charset, data, unfinished = "", b"", ""
    for word_charset, encoding, content in run:
        if word_charset != charset:
            texts.append(charsets.decode(data + _base64(unfinished), charset).text)
            charset, data, unfinished = word_charset, b"", ""
        if encoding == "q":
            data += _base64(unfinished) + binascii.a2b_qp(content.encode("utf-8"), header=True)
            unfinished = ""
        elif (content := unfinished + content).endswith("=") or len(content) % 4 == 0:
            data, unfinished = data + _base64(content), ""
        else:
            unfinished = content
    texts.append(charsets.decode(data + _base64(unfinished), charset).text)
    return "".join(texts)


def _base64(text: str) -> bytes:
    """Base64 with whatever is left of it: stray characters ignored, padding put right."""
    letters = _NOT_BASE64.sub(b"", text.encode("utf-8"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


# --- addresses ------------------------------------------------------------------------------------

_PLAIN_MAILBOX: Final = re.compile(
    r"\s*+(?:\"([^\"\\]*)\"\s*+|([^\"<>@,;:()\\]*+))<([^\x00-\x1f\x7f\s<>@,;:()\"]+)@([^\x00-\x1f\x7f\s<>@,;:()\"]+)>\s*"
)
# Every opening mark may stay unclosed, so that hostile headers cost one pass and no more.
_MAILBOX_TOKEN: Final = re.compile(
    r"\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|\((?P<comment>(?:[^()\\]|\\.)*)\)?|<(?P<angle>[^<>]*)>?"
    r"|(?P<end>[,;])|(?P<group>:)|(?P<text>[^\",;:()<]+)|.",
    re.DOTALL,
)
_QUOTED_PAIR: Final = re.compile(r"\\([\\\"()])")


@dataclass(slots=True)
class _Mailbox:
    """What has been read of one entry of an address list."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str = ""

    def finished(self) -> Address | None:
        words = "".join(self.words)
        if self.angle:
            return mailbox(self.angle, words or " ".join(self.comments))
        return mailbox(words, " ".join(self.comments))


def addresses_of(raw: str) -> tuple[Address, ...]:
    """The mailboxes of an address header, in order; entries without an address are left out."""
    value = unfolded(readable(raw))
    plain = _PLAIN_MAILBOX.fullmatch(value)
    if plain is not None:
        return (Address(_name(plain[1] or plain[2] or ""), f"{plain[3]}@{plain[4].lower()}"),)
    found = tuple(_mailboxes(value))
    if not found and "=?" in value:
        return tuple(_mailboxes(text_of(value)))
    return found


def mailbox(address: str, name: str = "") -> Address | None:
    """One address with route, quotes and blanks removed; None when it is not an address at all."""
    local, at, domain = "".join(charsets.clean(address).split()).rpartition("@")
    if not at or not domain or not local.strip('"'):
        return None
    if "<" in local:  # a quotation mark that was never closed took the name along
        name, _, local = address.partition("@")[0].rpartition("<")
    if local.startswith("@"):  # a source route of old: <@relay,@relay:user@host>
        local = local.rpartition(":")[2]
    return Address(_name(name), f"{local.strip(chr(34))}@{domain.lower().strip('>')}")


def _mailboxes(value: str) -> Iterator[Address]:
    entry = _Mailbox()
    for token in _MAILBOX_TOKEN.finditer(value):
        kind, content = token.lastgroup, token[token.lastgroup or 0]
        if kind == "end":
            if (address := entry.finished()) is not None:
                yield address
            entry = _Mailbox()
        elif kind == "group":
            entry = _Mailbox()
        elif kind == "angle":
            entry.angle = content
        elif kind == "comment":
            entry.comments.append(_QUOTED_PAIR.sub(r"\1", content))
        else:
            entry.words.append(_QUOTED_PAIR.sub(r"\1", content) if kind == "quoted" else content)
    if (address := entry.finished()) is not None:
        yield address


def _name(raw: str) -> str:
    return " ".join(text_of(raw).split()) if raw else ""


# --- parameters (RFC 2045, RFC 2231) --------------------------------------------------------------

_PARAMETER: Final = re.compile(r";\s*([^\s=;\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.DOTALL)
_CONTINUED: Final = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


def parameters_of(raw: str) -> tuple[str, dict[str, str]]:
    """A structured value and its parameters, as ("text/plain", {"charset": "utf-8"}); keys in lower case."""
    value, separator, _ = raw.partition(";")
    if not separator:
        return value.strip().lower(), {}
    plain: dict[str, str] = {}
    extended: dict[str, dict[int, tuple[str, bool]]] = {}
    for key, quoted, bare in _PARAMETER.findall(readable(raw)):
        content = _QUOTED_PAIR.sub(r"\1", quoted) if quoted else bare.strip()
        if "*" not in key:
            plain.setdefault(key.lower(), content)
        elif (name := _CONTINUED.fullmatch(key.lower())) is not None:
            extended.setdefault(name[1], {})[int(name[2] or 0)] = (content, bool(name[3]))
    for key, sections in extended.items():
        plain[key] = _join_sections([sections[number] for number in sorted(sections)])
    return value.strip().lower(), plain


def _join_sections(sections: list[tuple[str, bool]]) -> str:
    """RFC 2231: percent-encoded sections share the charset that the first one names."""
    first, encoded = sections[0]
    charset = ""
    if encoded and first.count("'") >= 2:
        charset, _, rest = first.split("'", 2)
        sections = [(rest, True), *sections[1:]]
    if not any(encoded for _, encoded in sections):
        return "".join(content for content, _ in sections)
    data = b"".join(
        unquote_to_bytes(content) if encoded else content.encode("utf-8") for content, encoded in sections
    )
    return charsets.decode(data, charset).text


# --- identifiers and dates ------------------------------------------------------------------------

_BRACKETED: Final = re.compile(r"<([^<>]{3,998})>")


def message_ids_of(raw: str) -> tuple[str, ...]:
    """The message identifiers in a value, without brackets, each once; bare ones too if none has brackets."""
    value = charsets.clean(readable(raw))
    bracketed = ["".join(found.split()) for found in _BRACKETED.findall(value)]
    bare = [] if bracketed else [word for word in value.split() if "@" in word and len(word) < 999]
    return tuple(dict.fromkeys(bracketed or bare))


def date_of(raw: str) -> datetime | None:
    """The moment a Date header names, always with a zone; None when unreadable or outside 1990 to 2099."""
    try:
        date = parsedate_to_datetime(unfolded(raw)[:200])
        aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
        return aware if _EARLIEST <= aware < _LATEST else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
