"""Fields in which somebody changes words that hold what is kept from them: shown blotted, and saved as they were.

Beside such a field goes a seal: what stood there, encrypted for this server alone, for this person, this field and the
addresses that its form is sent to. What comes back is put together again from it, field by field. So a reader from whom
something is kept neither sees it nor writes dots over it.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

from madoguchi.customers.blots import dots_changed
from madoguchi.infra.secrets import SecretUnreadable, decrypt, encrypt
from madoguchi.kernel.blotting import DOT, Blotter, blotted
from madoguchi.kernel.dots import put_back

SEAL = "kept_back"
_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_FORM = re.compile(rf"<form\b{_ATTRIBUTES}>", re.IGNORECASE)
_END = re.compile(r"</form\s*>", re.IGNORECASE)
_FIELD = re.compile(
    r"<(?:script|style|template)\b.*?</(?:script|style|template)>"
    rf"|(?P<opens><textarea\b{_ATTRIBUTES}>)(?P<words>.*?)</textarea>|(?P<input><input\b{_ATTRIBUTES}>)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r'\s([a-z-]+)(?:="([^"]*)")?', re.IGNORECASE)
_SENT_TO = re.compile(r'\s(?:action|formaction|hx-post|data-draft-url)="([^"]*)"')
_TYPED = frozenset({"", "text", "email", "tel", "url", "search", "hidden"})
# Ids and versions, which scripts read, too.
_NUMBER = re.compile("[0-9]{0,9}")
# No blot reaches beyond it.
_APART = "|"


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form begins and ends in a page, and where it is sent to."""

    begins: int
    ends: int
    id: str
    posts: bool
    sent_to: Sequence[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What stood in a field and how it was shown to whom; `stored`: what is kept must stay part of it."""

    user: int
    name: str
    sent_to: Sequence[str]
    original: str
    shown: str
    stored: bool

    @property
    def words(self) -> dict[str, Any]:
        """What `put_back` goes by."""
        return {"shown": self.shown, "original": self.original, "whole": self.stored}

    def fits(self, request: HttpRequest, *, user: int) -> bool:
        """Whether it was made for this person and for where they send it."""
        roads = self.sent_to
        return user == self.user and any(
            request.path == road or (road.endswith("*") and request.path.startswith(road[:-1]))
            for road in roads
        )


def with_fields_kept(html: str, blots: Collection[Blotter], *, path: str, user: int) -> str:
    """A page with what fields hold blotted, and a seal beside each that is. What is typed to be looked for stays."""
    fields = list(_fields(html))
    # Most pages have none: all fields are looked through at once before any is by itself.
    every = _APART.join(original for _begin, _end, _tag, original in fields)
    if blotted(every, blots) == every:
        return html
    forms = list(_forms(html, path))
    pieces, stands = [], 0
    for begin, end, tag, original in fields:
        given, shown = _given(tag), blotted(original, blots)
        form = _form_of(forms, given.get("form", ""), begin, path)
        if shown == original or not form.posts:
            continue
        kept = Kept(
            user, unescape(given.get("name", "")), form.sent_to, original, shown, "data-stored" in given
        )
        pieces += [html[stands:begin], _shown(tag, shown)]
        pieces.append(_seal(kept, given.get("form", "")) if kept.name else "")
        stands = end
    return "".join([*pieces, html[stands:]])


def _fields(html: str) -> Iterator[tuple[int, int, str, str]]:
    """From where to where fields stand that hold words, their tags, and the words."""
    for field in _FIELD.finditer(html):
        if field["opens"] and field["words"]:
            original = unescape(field["words"]).replace("\r\n", "\n").removeprefix("\n")
            yield *field.span(), field["opens"], original
        elif field["input"] and _is_words(given := _given(field["input"])):
            yield *field.span(), field["input"], unescape(given["value"]).replace("\r\n", "\n")


def _forms(html: str, path: str) -> Iterator[Form]:
    for begins in _FORM.finditer(html):
        end = _END.search(html, begins.end())
        ends = end.start() if end else len(html)
        given = _given(begins[0])
        roads = {urlsplit(unescape(one)).path or path for one in _SENT_TO.findall(html, begins.start(), ends)}
        posts = given.get("method", "").lower() == "post" or "hx-post" in given
        yield Form(begins.start(), ends, given.get("id", ""), posts, sorted({*roads, path}))


def _form_of(forms: Sequence[Form], named: str, at: int, path: str) -> Form:
    """The form that a field is sent with. One that is not in this part of a page stands at the same case."""
    if named:
        found = (one for one in forms if one.id == named)
        return next(found, Form(0, 0, named, True, ["/".join(path.split("/")[:3]) + "/*"]))
    around = (one for one in forms if one.begins < at < one.ends)
    return next(around, Form(0, 0, "", True, []))


def _given(tag: str) -> dict[str, str]:
    return {one[1].lower(): one[2] or "" for one in _ATTRIBUTE.finditer(tag)}


def _is_words(given: dict[str, str]) -> bool:
    return given.get("type", "").lower() in _TYPED and not _NUMBER.fullmatch(given.get("value", ""))


def _shown(tag: str, shown: str) -> str:
    if tag[1:6].lower() == "input":
        return re.sub(r'(?<=\svalue=")[^"]*', lambda _: escape(shown), tag, count=1)
    return f"{tag}\n{escape(shown)}</textarea>"


def _seal(kept: Kept, form: str) -> str:
    at = f' form="{form}"' if form else ""
    return f'<input type="hidden" name="{SEAL}" value="{encrypt(json.dumps(astuple(kept)))}"{at}>'


def with_what_was_kept(request: HttpRequest, *, user: int) -> QueryDict:
    """What was posted, with what stood behind the dots in its place again. Raises Refused where that cannot be said:
    dots were changed, or taken away where they must stay.
    """
    posted = request.POST.copy()
    seals = posted.getlist(SEAL)
    posted.pop(SEAL, None)
    for kept in map(_opened, seals):
        if not kept.fits(request, user=user):
            raise dots_changed()
        posted.setlist(kept.name, _filled(posted.getlist(kept.name), kept))
    return posted


def _filled(values: list[str], kept: Kept) -> list[str]:
    """What was typed into fields of this name, the one with these dots as it was."""
    dotted = [at for at, one in enumerate(values) if DOT in one] or list(range(len(values)))
    for at in dotted:
        if (whole := put_back(values[at], **kept.words)) is not None:
            return [*values[:at], whole, *values[at + 1 :]]
    if dotted:
        raise dots_changed()
    return values


def _opened(seal: str) -> Kept:
    try:
        return Kept(*json.loads(decrypt(seal)))
    except (SecretUnreadable, UnicodeError) as error:
        raise dots_changed() from error
