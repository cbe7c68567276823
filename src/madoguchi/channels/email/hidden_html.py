"""What the HTML of a mail holds and nobody sees: the line for the list of a mailbox (preheader), marks for machines.

Size and visibility are handed down to what lies within, which may undo them; programs that lay mails out set the size
of a cell to nothing and that of the words in it to what they mean.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

# An element as `_TOKEN` of `html` finds it: a slash if it is closed, its name, its attributes; or else words.
Token = tuple[str, str, str, str]

_HINT: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0|max-height\s*:\s*0|mso-hide"
    r"|opacity\s*:\s*0|overflow\s*:\s*hidden|\shidden[\s=/>]",
    re.IGNORECASE,
)
_ZERO: Final = r"(?:0+(?:\.0*)?|\.0+)(?:px|pt|r?em|ex|ch|v[hw]|%)?\s*"
_NOTHING: Final = rf"\s*:\s*{_ZERO}(?:!|;|$)"
_GONE: Final = re.compile(
    rf"(?:^|[;\s])(?:display\s*:\s*none|max-height{_NOTHING}|opacity{_NOTHING})", re.IGNORECASE
)
_FLAT: Final = re.compile(rf"(?:^|[;\s])(?:height|width){_NOTHING}", re.IGNORECASE)
_CLIPPED: Final = re.compile(r"(?:^|[;\s])overflow\s*:\s*hidden", re.IGNORECASE)
_GONE_IN_OUTLOOK: Final = re.compile(r"(?:^|[;\s])mso-hide\s*:\s*all", re.IGNORECASE)
_LAID_OUT: Final = re.compile(r"(?:^|[;\s])display\s*:\s*(?:inline-)?(?:block|table|flex)", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?:^|[;\s])font-size\s*:\s*([^;!]*)", re.IGNORECASE)
_NO_SIZE: Final = re.compile(_ZERO)
_OF_THE_SIZE_AROUND: Final = re.compile(r"[\d.]+\s*(?:em|ex|%)|inherit|larger|smaller")
_DISPLAY: Final = re.compile(r"(?:^|[;\s])display\s*:[^;]*", re.IGNORECASE)
_SEEN: Final = re.compile(r"(?:^|[;\s])visibility\s*:\s*(visible|hidden|collapse)", re.IGNORECASE)
# Buttons and pictures are hidden from Outlook alone, which draws them in another way.
_DRAWN_FOR_OTHERS: Final = frozenset({"a", "img", "table"})
_WITHOUT_END: Final = frozenset({"br", "col", "hr", "img", "wbr"})
_ATTRIBUTE: Final = re.compile(r"\b(style|class|hidden)=\"([^\"]*)\"")
_STYLE_SHEET: Final = re.compile(r"<style\b[^>]{0,200}>", re.IGNORECASE)
_END_OF_SHEET: Final = re.compile(r"</style", re.IGNORECASE)
_MOST_OF_A_SHEET: Final = 50_000
_CLASS: Final = re.compile(r"\s*[a-z0-9]*\.([\w-]+)\s*", re.IGNORECASE)
_BRACE: Final = re.compile(r"[{}]")


def may_hide(html: str) -> bool:
    """Whether anything in the HTML may be hidden; a glance."""
    return _HINT.search(html) is not None


def is_gone(tag: str, style: str) -> bool:
    """Whether an element of this style is hidden with all that lies within it."""
    if _GONE.search(style) or (_FLAT.search(style) and _CLIPPED.search(style)):
        return True
    return (
        tag not in _DRAWN_FOR_OTHERS and bool(_GONE_IN_OUTLOOK.search(style)) and not _LAID_OUT.search(style)
    )


def as_hidden(tag: str, style: str) -> str:
    """A style in which nothing is left of what decides how things are shown but whether they are."""
    if is_gone(tag, style):
        return "display:none"
    return _SIZE.sub(_size_or_none, _DISPLAY.sub(";", style))


def _size_or_none(found: re.Match[str]) -> str:
    size = found[1].strip().lower()
    if _NO_SIZE.fullmatch(size):
        return ";font-size:0"
    return ";" if _OF_THE_SIZE_AROUND.fullmatch(size) else ";font-size:medium"


def hiding_classes(html: str) -> dict[str, str]:
    """The classes by which the mail's own style sheets may hide, outside of what holds for some screens alone."""
    found: dict[str, str] = {}
    for sheet in _style_sheets(html):
        for selectors, style in _rules(sheet):
            if may_hide(style):
                names = (_CLASS.fullmatch(selector) for selector in selectors.split(","))
                found |= {name[1]: style for name in names if name}
    return found


def _style_sheets(html: str) -> Iterator[str]:
    """What stands in the style sheets, each read once; one that does not end has nothing in it."""
    at = 0
    while (begun := _STYLE_SHEET.search(html, at)) and (end := _END_OF_SHEET.search(html, begun.end())):
        if end.start() - begun.end() <= _MOST_OF_A_SHEET:
            yield html[begun.end() : end.start()]
        at = end.end()


def shown(tokens: Iterable[Token], classes: Mapping[str, str]) -> Iterator[Token]:
    """The elements and words that are seen, of well-formed ones."""
    look, around = _Look(), list[_Look]()
    for token in tokens:
        closing, tag, attributes, words = token
        if words:
            if look == _Look():
                yield token
        elif not closing:
            inner = look.within(tag, attributes, classes)
            if not inner.gone:
                yield token
            if tag not in _WITHOUT_END:
                around.append(look)
                look = inner
        else:
            if not look.gone:
                yield token
            look = around.pop() if around else look


@dataclass(frozen=True, slots=True)
class _Look:
    """How what stands at a place is seen."""

    gone: bool = False
    sizeless: bool = False
    unseen: bool = False

    def within(self, tag: str, attributes: str, classes: Mapping[str, str]) -> "_Look":
        given = dict(_ATTRIBUTE.findall(attributes)) if attributes and not self.gone else {}
        if not given:
            return self
        style = ";".join(
            [*(classes.get(name, "") for name in given.get("class", "").split()), given.get("style", "")]
        )
        if "hidden" in given or is_gone(tag, style):
            return replace(self, gone=True)
        size, seen = _SIZE.findall(style), _SEEN.findall(style)
        return _Look(
            sizeless=_is_sizeless(size[-1].strip().lower(), around=self.sizeless) if size else self.sizeless,
            unseen=seen[-1].lower() != "visible" if seen else self.unseen,
        )


def _is_sizeless(size: str, *, around: bool) -> bool:
    return bool(_NO_SIZE.fullmatch(size)) or (around and bool(_OF_THE_SIZE_AROUND.fullmatch(size)))


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and styles of a style sheet; not those within an @-rule."""
    depth = end = start = 0
    for brace in _BRACE.finditer(sheet):
        depth = depth + 1 if brace[0] == "{" else max(0, depth - 1)
        if brace[0] == "{" and depth == 1:
            start = brace.end()
        elif brace[0] == "}" and depth == 0:
            selectors = sheet[end : start - 1].rpartition("*/")[2].rpartition(";")[2]
            if "@" not in selectors:
                yield selectors, sheet[start : brace.start()]
            end = brace.end()
