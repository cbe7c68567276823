"""The last line behind which no page, and no answer to a script of one, leaves with what is kept from its reader,
wherever in it that stands.

What was said is blotted where it is read (`customers/blots.py`), loosely: first names, mail addresses of anybody. Here,
whatever a page is made of, the values that are known of those whom it shows are blotted, as they stand.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote_plus

from django.http import HttpRequest, HttpResponse

from madoguchi.cases.actions.look import whom_it_shows
from madoguchi.cases.blotted import blots_of_shown
from madoguchi.customers.blots import blotters_for, keeps_anything
from madoguchi.infra.remembering import remembering
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import Blotter, blotted
from madoguchi.kernel.errors import Refused
from madoguchi.project.kept_fields import SEAL, holds_what_was_said, with_fields_kept, with_what_was_kept
from madoguchi.project.middleware import refusal

_TAG = re.compile(
    r"(<(?:script|style|textarea)\b.*?</(?:script|style|textarea)>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_SHOWN_BY_TAGS = re.compile(r'\s(?:title|alt|aria-label|placeholder|data-[a-z-]+)="([^"]*)(?=")')
# Within a line these part no words: a hit in a name, a mention.
_WITHIN_WORDS = re.compile(r"</?(?:mark|b|strong|em|i|wbr)\b[^>]*>", re.IGNORECASE)
_APART = "\x1f"
# What scripts look up, and what leads somewhere: ids, numbers of cases, short names.
_OUR_NAME = re.compile("[a-z_]+")
_IS_URL = re.compile("(?:^|_)url$")
_OUR_PART = re.compile("[A-Za-z0-9_-]*")
# From where to where a stretch of a page stands that is read, what parts it from the one before, whether in a tag.
Shown = tuple[int, int, str, bool]


class KeepsFromReaders:
    """Blots the pages of a person from whom fields of customers are kept; nobody else's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = getattr(request, "actor", None)
        try:
            # Of a page that was made when something was kept also where nothing is any more.
            if actor and request.method == "POST" and SEAL in request.POST:
                request.POST = with_what_was_kept(request, actor=actor)  # type: ignore[assignment]
        except Refused as error:
            return refusal(request, error)
        if actor is None or not keeps_anything(actor):
            return self.get_response(request)
        with remembering() if request.method in ("GET", "HEAD") else nullcontext():
            return self._kept(request, actor)

    def _kept(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        with whom_it_shows() as (cases, customers):
            response = self.get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        if not response.streaming and kind in _LEAVES_BY:
            number = request.resolver_match.kwargs.get("number") if request.resolver_match else None
            blots = blots_of_shown(cases, customers, number=str(number or ""), actor=actor)
            if blots:
                html = response.content.decode()
                if kind == "text/html":
                    said = blotters_for(blots, actor=actor) if holds_what_was_said(html) else {}
                    html = with_fields_kept(html, blots, loosely=said, path=request.path, user=actor.id or 0)
                response.content = _LEAVES_BY[kind](html, blots.values()).encode()
        return response


def blotted_page(html: str, blots: Collection[Blotter]) -> str:
    """A page with its words and what its tags show blotted; of fields see `kept_fields`."""
    if not _would_change(html, blots):
        return html
    # All words are looked through at once: a name may go on within a mark.
    shown = list(_shown(html))
    texts = [parted + unescape(html[begin:end]) for begin, end, parted, _ in shown]
    kept = blotted("".join(texts), blots)
    at, changed = 0, {}
    for (begin, end, _, in_tag), one in zip(shown, texts, strict=True):
        now = kept[at : at + len(one)]
        if now != one:
            changed[begin] = (end, escape(now.removeprefix(_APART), quote=in_tag))
        at += len(one)
    pieces, stands = [], 0
    for begin, (end, words) in sorted(changed.items()):
        pieces += [html[stands:begin], words]
        stands = end
    return "".join([*pieces, html[stands:]])


def _would_change(html: str, blots: Collection[Blotter]) -> bool:
    """Whether anything read of a page is to be blotted, which it seldom is here: not to take each page to pieces."""
    words = _TAG.sub(_APART, _WITHIN_WORDS.sub("", html))
    read = unescape(_APART.join([words, *_SHOWN_BY_TAGS.findall(html)]))
    return blotted(read, blots) != read


def _shown(html: str) -> Iterator[Shown]:
    """What is read of a page: its words in their order, then what its tags show."""
    within: list[Shown] = []
    at, parted = 0, ""
    for tag in _TAG.finditer(html):
        begin, end = tag.span()
        if begin > at:
            yield at, begin, parted, False
            parted = ""
        at = end
        if not _WITHIN_WORDS.match(html, begin):
            parted = _APART
        within += [(*one.span(1), _APART, True) for one in _SHOWN_BY_TAGS.finditer(html, begin, end)]
    yield at, len(html), parted, False
    yield from within


def blotted_json(written: str, blots: Collection[Blotter]) -> str:
    """An answer to a script of ours with all its words blotted, however deep they lie. What scripts go by stays: names
    as we give them, numbers, and of addresses the parts that are ids, numbers and short names.
    """
    return json.dumps(_blotted_in(json.loads(written), blots))


def _blotted_in(value: Any, blots: Collection[Blotter]) -> Any:
    if isinstance(value, dict):
        return dict(_blotted_pair(name, each, blots) for name, each in value.items())
    if isinstance(value, list):
        return [_blotted_in(each, blots) for each in value]
    return blotted(value, blots) if isinstance(value, str) else value


def _blotted_pair(name: str, value: Any, blots: Collection[Blotter]) -> tuple[str, Any]:
    is_url = isinstance(value, str) and _IS_URL.search(name)
    left = _blotted_url(value, blots) if is_url else _blotted_in(value, blots)
    return (name if _OUR_NAME.fullmatch(name) else blotted(name, blots)), left


def _blotted_url(url: str, blots: Collection[Blotter]) -> str:
    """An address that still leads there, unless what is kept stands in it: of its path only what may be somebody's
    words is looked at, of what follows `?` or `#` all.
    """
    path, mark, rest = re.split("([?#]|$)", url, maxsplit=1)
    parts = [one if _OUR_PART.fullmatch(one) else _blotted_part(one, blots) for one in path.split("/")]
    values = re.split("([?#&=;])", rest)
    return "/".join(parts) + mark + "".join(_blotted_part(one, blots) for one in values)


def _blotted_part(part: str, blots: Collection[Blotter]) -> str:
    said = unquote_plus(part)
    left = blotted(said, blots)
    return part if left == said else quote(left)


_LEAVES_BY: Mapping[str, Callable[[str, Collection[Blotter]], str]] = {
    "text/html": blotted_page,
    "application/json": blotted_json,
}
