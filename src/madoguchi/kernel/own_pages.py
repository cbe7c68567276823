"""Keys to customers' own pages, which come back quoted in their mail: found in any dressing, and taken out.

Whoever holds the whole address writes as that customer. Staff read mail, and need not.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from madoguchi.kernel.text import BLOT, blot_card_numbers

# What `portal/links.py` signs: company, case and, once a link was ended, its generation; then 43 letters of proof.
_NUMBERS = r"[0-9]{1,19}-[0-9]{1,19}(?:-[0-9]{1,19})?\."
_KEY = re.compile(rf"{_NUMBERS}(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{{43}}")
# Beneath the page's own address also what was cut short, or broken by a space where lines were joined.
_LED_TO = re.compile(rf"(?<=/my/){_NUMBERS}(?:[ ]?[A-Za-z0-9_-]){{8,43}}")

_LINE_END = (
    r"[ \t\u3000]{0,3}=?(?:\r?\n[ \t\u3000>＞|｜]*)+"  # with the marks of a quotation on the next line
)
_UNSEEN = "[\u00ad\u200b-\u200f\u2060\ufeff]"
_PERCENT, _ENTITY = r"%(?:25)*[0-9A-Fa-f]{2}", r"&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});?"
_FIRST = r"(?=[ \t\r\n\u3000=%&\\<\u00ad\u200b-\u200f\u2060\ufeff-])"  # what any dress begins with: most letters do not
_ALWAYS = rf"{_LINE_END}|{_UNSEEN}|{_PERCENT}|{_ENTITY}|\\u00[0-9A-Fa-f]{{2}}"
_TAG, _QUOTED = r"<[^<>]{0,2000}>", "=[0-9A-F]{2}"
# Each hides what another needs: an address stands within a tag, and "-12" within a key is no letter in disguise.
_VIEWS = (
    (re.compile(""), re.compile(rf"{_FIRST}(?:{_ALWAYS})")),
    (re.compile("<"), re.compile(rf"{_FIRST}(?:{_ALWAYS}|{_TAG})")),
    (re.compile("=[0-9A-F]{2}|=\r?\n"), re.compile(rf"{_FIRST}(?:{_ALWAYS}|{_QUOTED})")),
    (re.compile("-(?:2D|5F)"), re.compile(rf"{_FIRST}(?:{_ALWAYS}|-[0-9A-F]{{2}})")),
)
# The full stop within a key, in any dress: what may stand before it, and that letters of the proof follow. Texts are
# looked at closely around such places alone, for that takes long.
_PERHAPS = re.compile(
    r"(?<=[0-9;>\s＞|｜=\u00ad\u200b-\u200f\u2060\ufeff])"
    r"(?:\.|[%=](?:25)*2[eE]|&(?:amp;)*(?:\#0*46|\#[xX]0*2[eE]|period);?|\\u002[eE])"
    rf"(?:[ ]?(?:[A-Za-z0-9_-]|{_ALWAYS}|{_TAG}|{_QUOTED})){{8}}"
)
_BEFORE, _AFTER = 2_000, 4_000
_MOST_LAYERS = 4


@dataclass(slots=True)
class _Undressed:
    """A text with some of it replaced by what it stands for, and where each piece of it came from."""

    text: str = ""
    places: list[int] = field(default_factory=list)
    sources: list[tuple[int, int, bool]] = field(default_factory=list)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of this text stood."""
        first, last = (bisect_right(self.places, place) - 1 for place in (start, end - 1))
        begin, _end, as_it_was = self.sources[first]
        begin += (start - self.places[first]) if as_it_was else 0
        source, finish, as_it_was = self.sources[last]
        return begin, source + (end - self.places[last]) if as_it_was else finish


def blot_own_pages(text: str, *, mark: str = BLOT * 4) -> str:
    """Take the keys out of addresses of customers' own pages, however a mail program has dressed them.

    Seen through are percent signs (also several times over), HTML entities, tags, signs nobody sees, line ends
    with the marks of a quotation, quoted-printable, and the hyphens of link protectors; also one within another.
    """
    end = 0
    parts = []
    for start, finish in sorted(_keys(text)):
        if finish > end:
            parts += [text[end : max(start, end)], mark if start >= end else ""]
            end = finish
    return "".join(parts) + text[end:] if parts else text


def blot_secrets(text: str) -> str:
    """The text as it may be kept and shown: without card numbers, and without keys to customers' own pages."""
    return blot_own_pages(blot_card_numbers(text))


def blot_own_pages_in(content: bytes) -> bytes:
    """The same of bytes that hold text in the clear; what is packed (base64, archives) stays as it is."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for charset in ("utf-16",) if wide else ("utf-8", "latin-1"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        blotted = blot_own_pages(text, mark="*" * 4)
        return content if blotted == text else blotted.encode(charset)
    return content


def _keys(text: str) -> Iterator[tuple[int, int]]:
    """From where to where keys stand, seen in every way."""
    for begin, end in _worth_a_look(text):
        part = text[begin:end]
        for needed, dress in _VIEWS:
            if needed.search(part):
                yield from ((begin + start, begin + finish) for start, finish in _seen(part, dress))


def _worth_a_look(text: str) -> list[tuple[int, int]]:
    """The stretches of a text in which keys may stand, in their order, none within another."""
    stretches: list[tuple[int, int]] = []
    for found in _PERHAPS.finditer(text):
        begin, end = max(found.start() - _BEFORE, 0), found.end() + _AFTER
        if stretches and begin <= stretches[-1][1]:
            begin = stretches.pop()[0]
        stretches.append((begin, end))
    return stretches


def _seen(text: str, dress: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    layers: list[_Undressed] = []
    shown = text
    for _layer in range(_MOST_LAYERS):
        for pattern in (_KEY, _LED_TO):
            for found in pattern.finditer(shown):
                span = found.span()
                for layer in reversed(layers):
                    span = layer.origin(*span)
                yield span
        undressed = _undress(shown, dress)
        if not undressed.sources:
            return
        layers.append(undressed)
        shown = undressed.text


def _undress(text: str, dress: re.Pattern[str]) -> _Undressed:
    """The text without one layer of dress; without sources when it wears none."""
    undressed, parts = _Undressed(), []
    at = end = 0
    for found in dress.finditer(text):
        plain = _stands_for(found.group())
        if plain == found.group():
            continue
        for words, source in (
            (text[end : found.start()], (end, found.start(), True)),
            (plain, (*found.span(), False)),
        ):
            if words:
                undressed.places.append(at)
                undressed.sources.append(source)
                parts.append(words)
                at += len(words)
        end = found.end()
    if end:
        undressed.places.append(at)
        undressed.sources.append((end, len(text), True))
        undressed.text = "".join(parts) + text[end:]
    return undressed


def _stands_for(dressed: str) -> str:
    """What a piece of dress stands for: a character, or nothing."""
    match dressed[0]:
        case "&":
            return unescape(dressed)
        case "%" | "\\" | "-":
            return _letter(dressed)
        case "=" if not dressed.endswith("\n") and len(dressed) == len("=2D"):
            return _letter(dressed)
    return ""


def _letter(dressed: str) -> str:
    code = int(dressed[-2:], 16)
    return chr(code) if code < 0x80 else dressed
