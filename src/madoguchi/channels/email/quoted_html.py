"""What the HTML of a mail calls a quotation or a signature, found again in its text.

Programs name the blocks they add in classes, ids and styles. This is asked only where the text alone does not say it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from madoguchi.channels.email.html import to_text
from madoguchi.channels.email.repeated import is_forward_marker
from madoguchi.kernel.pieces import Kind

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b([^>]{0,2000})>")
# Blocks that end where their element ends, and those below which everything is repeated.
_CLOSED: Final = re.compile(
    r"""(?P<quote>\bclass=["']?[^"'>]{0,200}(?:gmail_quote|gmail_extra|yahoo_quoted"""
    r"""|moz-cite-prefix|protonmail_quote|tutanota_quote"""
    r"""|zmail_extra|moz-forward-container|WordSection_quote)|\btype=["']?cite"""
    r"""|\bid=["']?[^"'>]{0,60}(?:yahoo_quoted|isForwardContent|isReplyContent))"""
    r"""|(?P<signature>\bclass=["']?[^"'>]{0,200}(?:gmail_signature|moz-signature"""
    r"""|protonmail_signature_block|ydp\w{1,12}signature)"""
    r"""|\bid=["']?(?:Signature|ms-outlook-mobile-signature|AppleMailSignature"""
    r"""|lineBreakAtBeginningOfSignature)\b)""",
    re.IGNORECASE,
)
_TO_THE_END: Final = re.compile(
    r"""\bid=["']?(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container"""
    r"""|OLK_SRC_BODY_SECTION|replySplit|QuotedText)\b"""
    r"""|\bname=["']?(?:messageReplySection|x_divRplyFwdMsg)\b"""
    r"""|border:\s?none;\s?border-top:\s?solid\s?#?(?:E1E1E1|B5C4DF|e5e5e5)|border-top-color:\s?rgb\(229"""
    r"""|border-top:[^;"']{0,30}\b(?:rgb\(229, ?229, ?229\)|#e1e1e1|#b5c4df|#e5e5e5)""",
    re.IGNORECASE,
)
_HINT: Final = re.compile(
    r"gmail_|yahoo_quoted|moz-|cite|proton|tutanota|zmail|RplyFwd|appendonsend"
    r"|stopSpelling|mail-editor|OLK_SRC|replySplit"
    r"|border-top|ReplySection|ReplyContent|ForwardContent|signature|QuotedText",
    re.IGNORECASE,
)
_LONGEST: Final = 1_000_000
_PROBE: Final = 48
_LEAST: Final = 8
_NOT_WORDS: Final = re.compile(r"[\s>＞|*_\u200b\u200e\u200f\ufeff]+")


def may_tell(html: str) -> bool:
    """Whether the HTML names anything that is worth a closer look."""
    return 0 < len(html) <= _LONGEST and _HINT.search(html) is not None


def repeated_lines(lines: list[str], html: str) -> Iterator[tuple[int, int, Kind]]:
    """From which to which line of the text the HTML says that it is a quotation, forward or signature."""
    squeezed = [_NOT_WORDS.sub("", line) for line in lines]
    text = "".join(squeezed)
    ends = list(accumulate(len(line) for line in squeezed))
    at = 0
    for kind, fragment, closed in _blocks(html):
        words = to_text(fragment)
        start, end = _place(text, _NOT_WORDS.sub("", words), at, closed=closed)
        first, last = bisect_right(ends, start), bisect_left(ends, end)
        begins = start == (ends[first - 1] if first else 0)
        if 0 <= start < end and begins and ends[last] == end:
            yield first, last + 1, _kind_of(kind, words)
            at = end


def _kind_of(kind: Kind, words: str) -> Kind:
    forwarded = kind == Kind.QUOTE and any(
        is_forward_marker(line.strip("> ")) for line in words.split("\n")[:4]
    )
    return Kind.FORWARD if forwarded else kind


def _place(text: str, words: str, at: int, *, closed: bool) -> tuple[int, int]:
    """Where words stand in a text, both without spaces. Links differ there: head and tail must agree."""
    start = text.find(words[:_PROBE], at) if len(words) >= _LEAST else -1
    if start < 0 or not closed:
        return start, len(text)
    if text.startswith(words, start):
        return start, start + len(words)
    tail = words[-_PROBE:]
    end = text.find(tail, start)
    return (start, end + len(tail)) if end >= 0 else (-1, -1)


def _blocks(html: str) -> Iterator[tuple[Kind, str, bool]]:
    """The named blocks in their order: kind, HTML, and whether they end before the mail does."""
    inside, depth, start, kind = "", 0, 0, Kind.QUOTE
    for tag in _TAG.finditer(html):
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if inside:
            if name == inside and not attributes.endswith("/"):
                depth += -1 if closing else 1
            if depth == 0:
                yield kind, html[start : tag.end()], True
                inside = ""
        elif not closing and (found := _CLOSED.search(attributes)):
            inside, depth, start, kind = name, 1, tag.start(), Kind(str(found.lastgroup))
        elif not closing and _TO_THE_END.search(attributes):
            yield Kind.QUOTE, html[tag.start() :], False
            return
    if inside:
        yield kind, html[start:], False
