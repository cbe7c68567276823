"""The last line behind which no page leaves with what is kept from its reader, wherever in it that stands.

What was said is blotted where it is read (`customers/blots.py`), loosely: first names, mail addresses of anybody. Here,
whatever a page is made of, the values that are known of those whom it shows are blotted, as they stand.
"""

import re
from collections.abc import Callable, Collection
from html import escape, unescape

from django.http import HttpRequest, HttpResponse

from madoguchi.cases.actions.look import whom_it_shows
from madoguchi.cases.blotted import blots_of_shown
from madoguchi.customers.blots import keeps_anything
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import Blotter, blotted

_TAG = re.compile(
    r"(<(?:script|style|textarea)\b.*?</(?:script|style|textarea)>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_SHOWN_BY_TAGS = re.compile(r'(?<=\s)((?:title|alt|aria-label|placeholder|data-[a-z-]+)=")([^"]*)(?=")')
# Within a line these part no words: a hit in a name, a mention.
_WITHIN_WORDS = re.compile(r"</?(?:mark|b|strong|em|i|wbr)\b[^>]*>", re.IGNORECASE)
_APART = "\x1f"


class KeepsFromReaders:
    """Blots the pages of a person from whom fields of customers are kept; nobody else's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or not keeps_anything(actor):
            return self.get_response(request)
        with whom_it_shows() as (cases, customers):
            response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            number = request.resolver_match.kwargs.get("number") if request.resolver_match else None
            blots = blots_of_shown(cases, customers, number=str(number or ""), actor=actor)
            if blots:
                response.content = blotted_page(response.content.decode(), blots).encode()
        return response


def blotted_page(html: str, blots: Collection[Blotter]) -> str:
    """A page with its words and what its tags show blotted; what somebody types into stays as it is."""
    # Words at even places, tags between them. All words are looked through at once: a name may go on within a mark.
    pieces = _TAG.split(html)
    words, places, at = [], {}, 0
    for which, piece in enumerate(pieces):
        if which % 2 == 0:
            words.append(unescape(piece))
            places[which] = (at, at + len(words[-1]))
        elif not _WITHIN_WORDS.fullmatch(piece):
            words.append(_APART)
        else:
            continue
        at += len(words[-1])
    whole = "".join(words)
    kept = blotted(whole, blots)
    for which, (begin, end) in places.items():
        if kept[begin:end] != whole[begin:end]:
            pieces[which] = escape(kept[begin:end], quote=False)
    for which in range(1, len(pieces), 2):
        pieces[which] = _SHOWN_BY_TAGS.sub(lambda found: _in_tag(found, blots), pieces[which])
    return "".join(pieces)


def _in_tag(found: re.Match[str], blots: Collection[Blotter]) -> str:
    return found[1] + escape(blotted(unescape(found[2]), blots))
