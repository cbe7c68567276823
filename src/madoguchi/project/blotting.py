"""The last line behind which no page leaves with what is kept from its reader, wherever in it that stands.

What was said is blotted where it is read (`customers/blots.py`), loosely: first names, mail addresses of anybody. Here,
whatever a page is made of, the values that are known of those whom it shows are blotted, as they stand.
"""

import re
from collections.abc import Callable, Collection
from html import escape, unescape

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from madoguchi.cases.actions.look import whom_it_shows
from madoguchi.cases.models import Case
from madoguchi.customers.blots import blotters_for, keeps_anything
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import Blotter

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
        if actor is None or not any(keeps_anything(actor, company=one) for one in actor.companies):
            return self.get_response(request)
        with whom_it_shows() as (cases, customers):
            response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            number = request.resolver_match.kwargs.get("number") if request.resolver_match else None
            every = customers | _customers(cases, str(number or ""), actor)
            blots = [
                one for one in blotters_for(every, actor=actor, loosely=False).values() if not one.is_none
            ]
            if blots:
                response.content = blotted_page(response.content.decode(), blots).encode()
        return response


def _customers(cases: Collection[int], number: str, actor: Actor) -> set[int]:
    digits = re.sub("[^0-9]", "", number)[-12:]
    shown = Q(pk__in=list(cases)) | (Q(company__in=actor.companies, number=int(digits)) if digits else Q())
    return set(Case.objects.filter(shown).values_list("customer_id", flat=True)) if cases or digits else set()


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
    kept = _blotted(whole, blots)
    for which, (begin, end) in places.items():
        if kept[begin:end] != whole[begin:end]:
            pieces[which] = escape(kept[begin:end], quote=False)
    for which in range(1, len(pieces), 2):
        pieces[which] = _SHOWN_BY_TAGS.sub(lambda found: _in_tag(found, blots), pieces[which])
    return "".join(pieces)


def _in_tag(found: re.Match[str], blots: Collection[Blotter]) -> str:
    return found[1] + escape(_blotted(unescape(found[2]), blots))


def _blotted(text: str, blots: Collection[Blotter]) -> str:
    for blot in blots:
        text = blot(text)
    return text
