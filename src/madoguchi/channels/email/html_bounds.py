"""HTML that would cost a parser far more than its length, by elements in each other, attributes or ampersands."""

import re
from collections import Counter
from typing import Final

_MOST_ELEMENTS: Final = 20_000
_MOST_ENTITIES: Final = 200_000
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
_VALUE: Final = re.compile(r"""(?<=[^\s"'<>/=])\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*')""")
_NAME: Final = re.compile(r"[^\s/]+")


def is_overgrown(html: str) -> bool:
    """Whether a parser would take quadratic time for this HTML: beyond these bounds, words alone are shown."""
    opened, ended = html.count("<"), html.count(">")
    if html.count("&") > _MOST_ENTITIES or ended - opened > _MOST_ELEMENTS:
        return True
    if opened > _MOST_ELEMENTS and len(_OPENING.findall(html)) > _MOST_ELEMENTS:
        return True
    return _is_deep(html) or _has_crowded_tag(html)


def _is_deep(html: str) -> bool:
    open_ones: Counter[str] = Counter()
    deep = 0
    for found in _TAG.finditer(html):  # one by one: there may be millions of ends
        closing, tag = found[1], found[2].lower()
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
