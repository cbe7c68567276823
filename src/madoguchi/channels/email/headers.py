"""Header values as text, addresses, parameters, identifiers and dates.

The standard library's header registry is exact and slow, and it gives up on what Japanese mailers really
write (encoded words in quotes, characters split across words, raw 8-bit names); these functions read the raw
values that its compat32 parser hands over, where bytes above 127 stand as surrogate escapes.
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from madoguchi.channels.email import charsets

# A word may hold question marks, and the last one may have lost its end.
_WORD: Final = re.compile(
    r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?"
    r"(?:([^?]*(?:\?(?!=)(?:[^?=]|=(?!\?))*)*)\?=|([A-Za-z0-9+/=_]+)\??\Z)"
)
_WORDS_ALONE: Final = re.compile(r"\s*(?:=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=\s*)+")
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
        if _WORDS_ALONE.fullmatch(text):  # a program has encoded what was encoded
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
        run.append((word[1].lower(), word[2].lower(), word[3] if word[4] is None else word[4]))
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
    r"(?P<word>=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)"
    r"|\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|\((?P<comment>(?:[^()\\]|\\.|\([^()]*\))*)\)?|<(?P<angle>[^<>]*)>?"
    r"|(?P<end>[,;])|(?P<group>:)|(?P<text>[^\",;:()<]+)|.",
    re.DOTALL,
)
_QUOTED_PAIR: Final = re.compile(r"\\([\\\"()])")


# As people type them between addresses; within a name they stay.
_WIDE_COMMA: Final = re.compile(r"(@[\w.-]++>?+\s*+)[、，；](?=[^@<>]{0,200}[\w.<-]@|[^@<>]{0,200}<)")
_WIDE_BRACKETS: Final = re.compile(r"\uff1c([!-;=?-~][!-;=?A-~]*+@[!-;=?-~]++)\uff1e")
_BARE: Final = re.compile(r"(?<![^\s<>\[\]])[^\s<>\[\]][^\s<>\[\]@]*+@[^\s<>\[\]]++")
_MOST_WORDS_OF_A_NAME: Final = 20
_MARKS_ALONE: Final = re.compile(r"[<>\"',;:()\s]*")


@dataclass(slots=True)
class _Mailbox:
    """What has been read of one entry of an address list; `shown` are its words and remarks before the address, and
    `meant` says that some stand in quotation marks, as somebody wrote them.
    """

    words: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str = ""
    meant: bool = False

    def say(self, word: str, *, meant: bool = False) -> None:
        self.meant = self.meant or (meant and not self.angle)
        if self.angle:
            self.behind.append(word)
        else:
            self.words.append(word)
            self.shown.append(word)

    def remark(self, comment: str) -> None:
        self.comments.append(comment)
        if not self.angle:
            self.shown.append(f"({comment})")

    def is_name_alone(self) -> bool:
        if self.angle or len(self.words) > _MOST_WORDS_OF_A_NAME:
            return False
        words = "".join(self.words)
        return "@" not in words and bool(words.strip())

    def finished(self) -> Iterator[Address]:
        words = "".join(self.words)
        if self.angle:
            shown = "".join(self.shown if words.strip() else self.behind)
            found = mailbox(self.angle, shown if shown.strip() else " ".join(self.comments), meant=self.meant)
        elif words.strip(" \t").count(" ") and (bare := _BARE.findall(words)):
            yield from _without_brackets(words, bare)
            return
        else:
            found = mailbox(words, " ".join(self.comments))
        if found is not None:
            yield found


def _without_brackets(words: str, bare: list[str]) -> Iterator[Address]:
    """Addresses that stand among other words with no brackets around them: "Taro Yamada taro@x.jp"."""
    name = " ".join(re.sub(r"[\[\]<>:]", " ", _BARE.sub(" ", words)).split())
    for address in bare:
        if (found := mailbox(address, name if len(bare) == 1 else "")) is not None:
            yield found


def addresses_of(raw: str) -> tuple[Address, ...]:
    """The mailboxes of an address header, in order; entries without an address are left out."""
    value = unfolded(readable(raw))
    if "\uff1c" in value:
        value = _WIDE_BRACKETS.sub(r"<\1>", value)
    plain = _PLAIN_MAILBOX.fullmatch(value)
    if plain is not None:
        quoted, bare = plain[1], plain[2] or ""
        name = _name(quoted or bare, meant=quoted is not None or "=?" in bare)
        return (Address(name, f"{plain[3]}@{plain[4].lower()}"),)
    if '"' not in value:
        value = _WIDE_COMMA.sub(r"\1,", value)
    found = tuple(_mailboxes(value))
    if not found and "=?" in value:
        return tuple(_mailboxes(text_of(value)))
    if not found and "\uff20" in value:  # written with full-width letters
        return tuple(_mailboxes(unicodedata.normalize("NFKC", value)))
    return found


def mailbox(address: str, name: str = "", *, meant: bool = False) -> Address | None:
    """One address with route, quotes and blanks removed; None when it is not an address at all.

    A name that is `meant` stays as it is, be it punctuation alone.
    """
    address = charsets.clean(address)
    local, at, domain = "".join(address.split()).rpartition("@")
    if local[:7].lower() == "mailto:":
        local = local[7:]
    if not at or not domain or not local.strip('"'):
        return None
    if "<" in local:  # a quotation mark that was never closed took the name along
        name, _, local = address.partition("@")[0].rpartition("<")
    if local.startswith("@"):  # a source route of old: <@relay,@relay:user@host>
        local = local.rpartition(":")[2]
    return Address(_name(name, meant=meant), f"{local.strip(chr(34))}@{domain.lower().strip('>')}")


def _mailboxes(value: str) -> Iterator[Address]:
    entry, last_end = _Mailbox(), value.rfind(";")
    for token in _MAILBOX_TOKEN.finditer(value):
        kind, content = token.lastgroup, token[token.lastgroup or 0]
        if kind == "end" and content == "," and entry.is_name_alone():
            entry.say(", ")  # "Yamada, Taro <taro@x.jp>" without the quotation marks it needs
        elif kind == "end" or (kind == "angle" and "@" in content and "@" in entry.angle):
            # "A <a@x.jp> B <b@x.jp>": where no comma stands between, the next name does.
            behind = entry.behind if kind == "angle" else []
            entry.behind = [] if behind else entry.behind
            yield from entry.finished()
            entry = _Mailbox(list(behind), behind, angle=content if kind == "angle" else "")
        elif kind == "group":
            if token.end() <= last_end:
                entry = _Mailbox()
            else:
                entry.say(":")
        elif kind == "angle":
            entry.angle = content or entry.angle
        elif kind == "comment":
            entry.remark(_QUOTED_PAIR.sub(r"\1", content))
        else:
            meant = kind in ("quoted", "word")
            entry.say(_QUOTED_PAIR.sub(r"\1", content) if kind == "quoted" else content, meant=meant)
    yield from entry.finished()


# Outlook keeps what was once typed around a name.
_OUTLOOKS_QUOTES: Final = re.compile("'[^']{1,200}'")


def _name(raw: str, *, meant: bool = False) -> str:
    """A shown name on one line. What lists of addresses leave behind, signs alone and commas around, is none."""
    name = " ".join(text_of(raw).split()) if raw else ""
    if _OUTLOOKS_QUOTES.fullmatch(name):
        name = name[1:-1].strip()
    if meant:
        return name
    return "" if _MARKS_ALONE.fullmatch(name) else name.strip(", ")


# --- parameters (RFC 2045, RFC 2231) --------------------------------------------------------------

_PARAMETER: Final = re.compile(r";\s*([^\s=;\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.DOTALL)
_LOST_SEMICOLON: Final = re.compile(r"\s*+(?:([!-:<>-~]++)\s++)?(?=[A-Za-z*0-9-]++\s*+=)")
_CONTINUED: Final = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


def parameters_of(raw: str) -> tuple[str, dict[str, str]]:
    """A structured value and its parameters, as ("text/plain", {"charset": "utf-8"}); keys in lower case."""
    value, separator, _ = raw.partition(";")
    if "=" in value and (lost := _LOST_SEMICOLON.match(value)) is not None:  # "text/plain charset=utf-8"
        raw = f"{lost[1] or ''};{raw[lost.end() :]}"
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
    words = () if bracketed else (word.strip("<>,;") for word in value.split())
    bare = [word for word in words if "@" in word and len(word) < 999]
    return tuple(dict.fromkeys(bracketed or bare))


def date_of(raw: str) -> datetime | None:
    """The moment a Date header names, always with a zone; None when unreadable or outside 1990 to 2099."""
    value = unfolded(raw)[:200]
    try:
        date = parsedate_to_datetime(value if _USUAL_DATE.fullmatch(value) else _as_usual(value))
        aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
        return aware if _EARLIEST <= aware < _LATEST else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


_USUAL_DATE: Final = re.compile(
    r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{6}[0-5][0-9] [+-][0-9]{4}(?: \([A-Z]+\))?"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO_DATE: Final = re.compile(
    r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T\s]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(.*)"
)
_JAPANESE_DAY: Final = re.compile(r"(\d{4})年\s?(\d{1,2})月\s?(\d{1,2})日(?:\s?[(（]\w[)）])?")
_JAPANESE_MONTH: Final = re.compile(r"(\d{1,2})\s*月")
_ZONE_BEHIND_NAME: Final = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d{2}:?\d{2})", re.IGNORECASE)
_ZONE_WITH_COLON: Final = re.compile(r"([+-]\d{2}):(\d{2})(?=\s|\Z|\()")
_JST: Final = re.compile(r"\(?\bJST\b(?:-9)?\)?")
_HALF_DAY: Final = re.compile(r"\b(1[0-2]|0?[1-9])(:\d{2}(?::\d{2})?)\s?([AP])\.?M\b\.?", re.IGNORECASE)
_LEAP_SECOND: Final = re.compile(r"(:\d{2}):60\b")
_FRACTION: Final = re.compile(r"(?<=:\d{2})[.,]\d{1,9}(?=\s|\Z)")


def _of_whole_day(found: re.Match[str]) -> str:
    hour = int(found[1]) % 12 + 12 * (found[3] in "Pp")
    return f"{hour:02}{found[2]}"


def _as_usual(value: str) -> str:
    """A date in the form that the library reads: ISO 8601, JST and Japanese months are none."""
    value = _ZONE_WITH_COLON.sub(r" \1\2", _ZONE_BEHIND_NAME.sub(" ", value))
    value = _HALF_DAY.sub(_of_whole_day, value)
    value = _FRACTION.sub("", _LEAP_SECOND.sub(r"\1:59", value))
    if not re.search(r"[+-]\d{4}\b", value):
        value = _JST.sub("+0900", value)
        if _JAPANESE_DAY.search(value) and "+0900" not in value:
            value = f"{value} +0900"
    value = _JAPANESE_DAY.sub(r"\1-\2-\3", value)
    value = _JAPANESE_MONTH.sub(lambda found: _MONTHS[(int(found[1]) - 1) % 12], value)
    if (iso := _ISO_DATE.match(value)) is None:
        return value
    year, month, day, time, zone = iso.groups()
    return f"{day} {_MONTHS[(int(month) - 1) % 12]} {year} {time} {'+0000' if zone == 'Z' else zone}"
