"""Fields in which somebody changes words that hold what is kept from them: shown blotted, and saved as they were.

Beside such a field goes a seal: what stood behind its dots, encrypted for this server alone, for this person, this
field, the addresses that its form is sent to, for half a day and for as long as what is stored stays as it was. What
comes back is put together again from it, field by field, and refused where a page would show then what is kept. So a
reader from whom something is kept neither sees it nor writes dots over it.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from hashlib import sha256
from html import escape, unescape
from types import MappingProxyType
from urllib.parse import urlsplit

from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from madoguchi.complaints.models import Complaint
from madoguchi.customers.blots import blotters_for, dots_changed, filled_in
from madoguchi.customers.models import Customer
from madoguchi.infra.secrets import SecretUnreadable, decrypt, encrypt
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import DOT, Blotter, blotted
from madoguchi.kernel.errors import Refused
from madoguchi.tasks.models import Task

SEAL = "kept_back"
# Of seals, in seconds: a working day, with what comes before and after it.
MOST_AGE = 12 * 3600
_PURPOSE = "dots of a field"
# What stands in `data-stored`, before a colon and the row's id.
_STORED: Mapping[str, tuple[type[Model], str]] = {
    "memo": (Customer, "memo"),
    "task": (Task, "title"),
    **{name: (Complaint, name) for name in ("facts", "demand", "manner", "corrective", "answer")},
}
_RUN = re.compile(f"{DOT}+")
_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_FORM = re.compile(rf"<form\b{_ATTRIBUTES}>", re.IGNORECASE)
_END = re.compile(r"</form\s*>", re.IGNORECASE)
# What they have in common stands first: it is found eight times as fast so.
_FIELD = re.compile(
    r"<(?=[sti])(?:(?:script|style|template)\b.*?</(?:script|style|template)>"
    rf"|(?P<opens>textarea\b{_ATTRIBUTES}>)(?P<words>.*?)</textarea>|(?P<input>input\b{_ATTRIBUTES}>))",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r'\s([a-z-]+)(?:="([^"]*)")?', re.IGNORECASE)
_SENT_TO = re.compile(r'\s(?:action|formaction|hx-post|data-draft-url)="([^"]*)"')
_TYPED = frozenset({"", "text", "email", "tel", "url", "search", "hidden"})
# What was said, written down in a record: blotted as messages are, loosely.
_SAID = frozenset({"memo"})
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
    """What stood `behind` the dots of a field as it was `shown` to whom, the `place`th of its name in the form;
    `stored`: what is kept must stay part of it, `row` where it is stored, `digest` of what stood there, `customers` of
    whom it may tell.
    """

    user: int
    name: str
    place: int
    sent_to: Sequence[str]
    shown: str
    behind: Sequence[str]
    stored: bool
    row: str
    digest: str
    customers: Sequence[int]

    @property
    def original(self) -> str:
        """What stood there."""
        behind = iter(self.behind)
        return _RUN.sub(lambda _: next(behind), self.shown)

    def fits(self, request: HttpRequest, *, user: int) -> bool:
        """Whether it was made for this person and for where they send it."""
        roads = self.sent_to
        return user == self.user and any(
            request.path == road or (road.endswith("*") and request.path.startswith(road[:-1]))
            for road in roads
        )


def holds_what_was_said(html: str) -> bool:
    """Whether a page has a field with words that are blotted loosely."""
    return any(f'data-stored="{name}:' in html for name in _SAID)


def with_fields_kept(
    html: str,
    blots: Mapping[int, Blotter],
    *,
    loosely: Mapping[int, Blotter] = MappingProxyType({}),
    path: str,
    user: int,
) -> str:
    """A page with what fields hold blotted, and a seal beside each that is; `loosely` what `holds_what_was_said`. What
    is typed to be looked for stays.
    """
    fields = list(_fields(html))
    strictly, also = [*blots.values()], [*blots.values(), *loosely.values()]
    # Most pages have none: all fields are looked through at once before any is by itself.
    every = _APART.join(original for _begin, _end, _tag, original in fields)
    if blotted(every, also) == every:
        return html
    forms, so_far = list(_forms(html, path)), Counter[tuple[int, str, str]]()
    pieces, stands = [], 0
    for begin, end, tag, original in fields:
        given = _given(tag)
        form, name = _form_of(forms, given.get("form", ""), begin, path), unescape(given.get("name", ""))
        place = so_far[(form.begins, form.id, name)]
        so_far[(form.begins, form.id, name)] += 1
        stored, row = "data-stored" in given, given.get("data-stored", "")
        shown = blotted(original, also if _was_said(row) else strictly)
        if shown == original or not form.posts:
            continue
        pieces += [html[stands:begin], _shown(tag, shown)]
        if name:
            behind = [original[slice(*one.span())] for one in _RUN.finditer(shown)]
            where = (row, _digest_of(row), sorted(blots))
            kept = Kept(user, name, place, form.sent_to, shown, behind, stored, *where)
            pieces.append(_seal(kept, given.get("form", "")))
        stands = end
    return "".join([*pieces, html[stands:]])


def _was_said(row: str) -> bool:
    return row.partition(":")[0] in _SAID


def _digest_of(row: str) -> str:
    """Of what is stored now where `data-stored` says; empty where it does not say, or nothing is. One query."""
    kind, _colon, pk = row.partition(":")
    if kind not in _STORED or not pk.isdecimal():
        return ""
    model, column = _STORED[kind]
    [stored] = model._default_manager.filter(pk=int(pk)).values_list(column, flat=True) or [""]
    return sha256(stored.encode()).hexdigest()


def _fields(html: str) -> Iterator[tuple[int, int, str, str]]:
    """From where to where fields stand that hold words, or may, their tags, and the words."""
    for field in _FIELD.finditer(html):
        if field["opens"]:
            original = unescape(field["words"]).replace("\r\n", "\n").removeprefix("\n")
            yield *field.span(), "<" + field["opens"], original
        elif field["input"] and (given := _given(field["input"])).get("type", "").lower() in _TYPED:
            value = unescape(given.get("value", "")).replace("\r\n", "\n")
            yield *field.span(), "<" + field["input"], "" if _NUMBER.fullmatch(value) else value


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


def _shown(tag: str, shown: str) -> str:
    if tag[1:6].lower() == "input":
        return re.sub(r'(?<=\svalue=")[^"]*', lambda _: escape(shown), tag, count=1)
    return f"{tag}\n{escape(shown)}</textarea>"


def _seal(kept: Kept, form: str) -> str:
    at = f' form="{form}"' if form else ""
    sealed = encrypt(json.dumps(astuple(kept), ensure_ascii=False), purpose=_PURPOSE)
    return f'<input type="hidden" name="{SEAL}" value="{sealed}"{at}>'


def with_what_was_kept(request: HttpRequest, *, actor: Actor) -> QueryDict:
    """What was posted, with what stood behind the dots in its place again. Raises Refused where that cannot be said:
    dots were changed, or taken away where they must stay; where a page would show then what is kept; where the seal is
    of another person or form, too old, or of what is not stored like that any more.
    """
    posted = request.POST.copy()
    every = [_opened(seal) for seal in posted.getlist(SEAL)]
    posted.pop(SEAL, None)
    for kept in every:
        if not kept.fits(request, user=actor.id or 0):
            raise dots_changed()
        if kept.digest != _digest_of(kept.row):
            raise _stale()
    for name in {kept.name for kept in every}:
        of_it = [kept for kept in every if kept.name == name]
        posted.setlist(name, _filled(posted.getlist(name), of_it, actor))
    return posted


def _filled(values: list[str], every: Sequence[Kept], actor: Actor) -> list[str]:
    """What was typed into fields of one name, those with these dots as they were: each in its own place, one alone also
    where else its dots are.
    """
    filled = list(values)
    for kept in every:
        there = [at for at, one in enumerate(values) if DOT in one]
        if len(every) > 1 or not there:
            there = [kept.place] if kept.place < len(values) else []
        filled[:] = _with(filled, there, partial(_put_back, kept=kept, actor=actor)) if values else filled
    return filled


def _with(values: list[str], there: Sequence[int], filled: Callable[[str], str]) -> list[str]:
    """These with the first of those at these places filled that can be. Raises Refused where none can."""
    refused = dots_changed()
    for at in there:
        try:
            return [*values[:at], filled(values[at]), *values[at + 1 :]]
        except Refused as error:
            refused = error
    raise refused


def _put_back(typed: str, *, kept: Kept, actor: Actor) -> str:
    every = [False, True] if _was_said(kept.row) else [False]
    ways = [blotters_for(kept.customers, actor=actor, loosely=loosely) for loosely in every]
    return filled_in(
        typed, shown=kept.shown, original=kept.original, whole=kept.stored, ways=ways, actor=actor
    )


def _opened(seal: str) -> Kept:
    try:
        return Kept(*json.loads(decrypt(seal, purpose=_PURPOSE, most_age=MOST_AGE)))
    except (SecretUnreadable, UnicodeError, ValueError, TypeError) as error:
        raise _stale() from error


def _stale() -> Refused:
    words = _(
        "What stands here was changed meanwhile, or the page is open for too long. Copy what you wrote, load the page "
        "again, and write it there."
    )
    return Refused(words)
