"""HTML that would cost a parser far more than its length: by lines, by elements in each other, by letters that are
made bold and the like and never end, by attributes or ampersands.
"""

import re
from collections import Counter
from typing import Final

_MOST_ELEMENTS: Final = 20_000
_MOST_ENTITIES: Final = 200_000
_MOST_LINES: Final = 200_000
# Ends, comments and signs alone, too.
_MOST_SIGNS: Final = 100_000
# In each other, and attributes of one element; what people's programs write stays far below.
_MOST_DEEP: Final = 1_000
_MOST_ATTRIBUTES: Final = 1_000
_OPENING: Final = re.compile(r"<[a-zA-Z]")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# They end by themselves where the next of their kind begins, or hold nothing.
_NEVER_DEEP: Final = frozenset(
    {
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "option",
        "br",
        "hr",
        "img",
        "input",
        "meta",
        "link",
        "col",
        "wbr",
        "area",
    }
)
# Where one of them is open, a parser opens it anew in each block that follows.
_FORMATTING: Final = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_MOST_OPENED_ANEW: Final = 200_000
_VALUE: Final = re.compile(r"""(?<=[^\s"'<>/=])\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*')""")
_NAME: Final = re.compile(r"[^\s/]+")


def is_overgrown(html: str) -> bool:
    """Whether a parser would take quadratic time for this HTML: beyond these bounds, words alone are shown."""
    opened, ended = html.count("<"), html.count(">")
    if opened > _MOST_SIGNS or html.count("\n") > _MOST_LINES:
        return True
    if html.count("&") > _MOST_ENTITIES or ended - opened > _MOST_ELEMENTS:
        return True
    if opened > _MOST_ELEMENTS and len(_OPENING.findall(html)) > _MOST_ELEMENTS:
        return True
    return _is_entangled(html) or _has_crowded_tag(html)


def _is_entangled(html: str) -> bool:
    """Whether it is deep, or leaves many ways of writing open over many elements."""
    open_ones: Counter[str] = Counter()
    deep = formatting = anew = 0
    for found in _TAG.finditer(html):  # one by one: there may be very many ends
        closing, tag = found[1], found[2].lower()
        anew += formatting
        if anew > _MOST_OPENED_ANEW:
            return True
        if tag in _FORMATTING:
            formatting += -bool(open_ones[tag]) if closing else 1
        if tag in _NEVER_DEEP:
            continue
        if not closing:
            open_ones[tag] += 1
            deep += 1
            if deep > _MOST_DEEP:
                return True
        elif open_ones[tag]:
            open_ones[tag] -= 1
            deep -= 1
    return False


def _has_crowded_tag(html: str) -> bool:
    found = _OPENING.search(html)
    while found:
        end = html.find(">", found.start())
        tag = html[found.start() : end if end >= 0 else len(html)]
        # Each attribute takes two characters at least.
        if len(tag) > 2 * _MOST_ATTRIBUTES and len(_NAME.findall(_VALUE.sub(" ", tag))) > _MOST_ATTRIBUTES:
            return True
        found = _OPENING.search(html, end) if end >= 0 else None
    return False
