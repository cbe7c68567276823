"""Finding cases: a page of them, the best of the newest first, and how many there are."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from django.db import connection

from madoguchi.cases.asking import few_cases_each
from madoguchi.cases.blotted import blots_of_cases
from madoguchi.cases.lists import Place, solved_among
from madoguchi.companies.models import Desk
from madoguchi.customers.lookups import note_searched
from madoguchi.fields.models import Field
from madoguchi.fields.queries import fields_to_find
from madoguchi.fields.references import meant_by
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import DOT, Blotter
from madoguchi.kernel.folding import SEPARATOR
from madoguchi.people.models import User
from madoguchi.search import asked as reading
from madoguchi.search.asked import Asked, Known
from madoguchi.search.keys import SEGMENT_BITS
from madoguchi.search.models import Progress
from madoguchi.search.named import note_named
from madoguchi.search.sight import EVERYTHING, Sight, sight_of
from madoguchi.search.snippets import Snippet, snippets_of
from madoguchi.search.statements import Part, Walk, matches, newest_cases

PAGE, BLOCK = 50, 200
# Nobody looks at more than these; and counting on costs more than finding.
COUNT_TO, MOST_CUSTOMERS = BLOCK, 5
# A search that has found something answers after so long with what it has, and says that there may be more.
_ENOUGH_SECONDS, _MOST_SECONDS = 0.2, 5.0
_FEW = 400
# What one question for some segments may take, so that a page stops in time.
_AT_A_TIME = 0.1
_END = 1 << 62
_SAMPLED = 2
_WEIGHTS = {
    **dict.fromkeys(("name", "kana", "email", "phone", "member"), 6.0),
    **dict.fromkeys(("number", "subject", "tags"), 5.0),
    **dict.fromkeys(("address", "sender"), 4.0),
    **dict.fromkeys(("memo", "filename", "recipients"), 3.0),
    "content": 1.0,
}
_THE_CASE, _OTHER_WEIGHT, _FRESHNESS, _HALF_LIFE = 100.0, 2.0, 4.0, timedelta(days=30)
_TOP = """
    SELECT coalesce(max(id), 0), NOT EXISTS (SELECT FROM search_progress WHERE NOT finished) FROM search_document
"""
_SHARE = """
    SELECT count(*) FILTER (WHERE c.id <= p.done OR c.id > p.last),
        count(*) FILTER (WHERE c.id <= greatest(p.done, p.known) OR c.id > p.last), count(*)
    FROM cases_case AS c, search_progress AS p WHERE NOT p.finished
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Of so many `cases`, how many are `done`, and how many can be found: those too that wait to be indexed anew."""

    done: int
    found: int
    cases: int


class Order(StrEnum):
    """In which order a search shows the newest of what it found; older ones follow in blocks, each in this order."""

    UNSOLVED = "unsolved"
    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Match:
    """A document of a case that holds one of the words."""

    document: int
    kind: str
    field: str
    source: int
    at: datetime
    number: str = ""

    def weight(self, words: Sequence[reading.Word]) -> float:
        """How much it says about a case that the words stand here; its very number says it all."""
        if any(way[0] in self.number.split(SEPARATOR) for word in words for way in word.spellings):
            return _THE_CASE
        return _WEIGHTS.get(self.field, _OTHER_WEIGHT)


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found: where best, how well, and what stands there (no words asked: no match)."""

    case: int
    match: Match | None
    snippet: Snippet | None
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `next` asks for what comes after it (empty: this is the end).

    `unclear` are filters as typed whose value means nothing, so that they were looked for as words; `remarks` tell of
    those that were understood and leave something out. `count` is how many
    cases there are, up to COUNT_TO; `more` whether there may be more than that. It is not
    `complete` while cases of before the index are still to be indexed. `customers` have no case: some whom the words
    name, when the cases are few and nothing else was asked for.
    """

    hits: list[Hit]
    next: str
    count: int
    more: bool
    complete: bool = True
    customers: list[int] = field(default_factory=list)
    unclear: tuple[str, ...] = ()
    remarks: tuple[reading.Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in the order of a search: below a hit (document and case), after so many of the best there."""

    document: int = _END
    case: int = 0
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.document}.{self.case}.{self.offset}"

    @classmethod
    def read(cls, written: str) -> "_Spot":
        parts = written.split(".")
        whole = len(parts) == 3 and all(part.isdecimal() and len(part) < 20 for part in parts)
        return cls(*map(int, parts)) if whole else cls()


@dataclass(frozen=True, slots=True)
class _Block:
    """Hits in a row, by document and case, and where the search stopped; None when nothing comes after."""

    hits: list[tuple[int, int]]
    stopped: _Spot | None


def search(
    text: str,
    *,
    actor: Actor | None,
    desks: Sequence[Desk],
    after: str = "",
    size: int = PAGE,
    order: Order = Order.BEST,
) -> Found:
    """A page of the cases at these desks that a text names: in this order among the newest, then older ones.

    Every word must be found somewhere in the case: its number, subject, tags, its customer, what was said, a note,
    a file's name. What is masked or hidden from the actor is not looked into, for a hit would give it away.
    Without an actor it is the installation itself that looks. Asked for by an address or a name that is kept from the
    actor, it is an attempt.
    """
    if actor and not after:
        note_searched(text, actor=actor)
        note_named(text, actor=actor)
    sight = sight_of(actor) if actor else EVERYTHING
    ids = [desk.pk for desk in desks]
    names, me = [(desk.pk, desk.name) for desk in desks], actor.id if actor else None
    asked = reading.read(
        text,
        Known(names, _people, me, lambda: fields_to_find(ids, actor=actor), _meant_once(actor)),
    )
    asked.among = _few(asked)
    if asked == Asked():
        return Found([], "", 0, more=False)
    if not asked.words:
        found = _filtered(asked, sight, ids, after=after, size=size)
        return replace(found, remarks=tuple(asked.remarks))
    found = _searched(asked, sight, desks, spot=_Spot.read(after), size=size, order=order, actor=actor)
    return replace(found, unclear=tuple(asked.unclear), remarks=tuple(asked.remarks))


def is_complete() -> bool:
    """Whether all cases that were there before the index are in it by now."""
    return not Progress.objects.filter(finished=False).exists()


def still_indexing() -> Share | None:
    """How far the index is with the cases in scope; None when it is complete, and nothing of it is made anew."""
    share = Share(*(fetch_one(_SHARE, []) or (0, 0, 0)))
    return share if share.done < share.cases else None


def every_case(text: str, *, actor: Actor | None, desks: Sequence[Desk]) -> Iterator[int]:
    """All cases that a text names, in the order of a search; for who wants them all, for it may take long."""
    page = search(text, actor=actor, desks=desks, size=BLOCK)
    yield from (hit.case for hit in page.hits)
    while page.next:
        page = search(text, actor=actor, desks=desks, after=page.next, size=BLOCK)
        yield from (hit.case for hit in page.hits)


def _few(asked: Asked) -> list[int] | None:
    """The cases that may have the values asked for, where they are few. A query for each name of fields."""
    known = [few_cases_each(ways) for ways in asked.own]
    whole = [list(chain(*(one for one in found if one))) for found in known if None not in found]
    return min(whole, key=len, default=None)


def _meant_once(actor: Actor | None) -> Callable[[Field, str], list[int]]:
    """`meant_by`, asked once where many desks of a company have a field of one name."""
    known: dict[tuple[int, str, str], list[int]] = {}

    def meant(field: Field, written: str) -> list[int]:
        key = (field.company_id, field.kind, written)
        if key not in known:
            known[key] = meant_by(field, written, actor=actor)
        return known[key]

    return meant


def _people(name: str) -> list[int]:
    return list(User.objects.filter(name__icontains=name).values_list("pk", flat=True)[:50]) or list(
        User.objects.filter(email=name.casefold()).values_list("pk", flat=True)
    )


def _searched(
    asked: Asked,
    sight: Sight,
    desks: Sequence[Desk],
    *,
    spot: _Spot,
    size: int,
    order: Order,
    actor: Actor | None,
) -> Found:
    newest, complete = fetch_one(_TOP, []) or (0, True)
    top = newest >> SEGMENT_BITS
    walk = Walk(asked, _driver(asked, top), sight, [desk.pk for desk in desks])
    block = _collect(walk, top, spot, most=BLOCK + 1)
    kept = block.hits[:BLOCK]
    ranked = _ranked(asked, sight, kept)
    blots = blots_of_cases([hit.case for hit in ranked], actor=actor) if actor else {}
    telling = [hit for hit in ranked if not _gives_away(hit, asked.words, blots.get(hit.case))]
    hits = _ordered(telling, order)[spot.offset : spot.offset + size]
    follow = _follow(block, kept, spot, size)
    shown = [hit for hit in _shown(hits, asked.words, blots) if not _is_empty(hit, blots)]
    count = min(len(block.hits) - len(ranked) + len(telling) - len(hits) + len(shown), COUNT_TO)
    more = block.stopped is not None or len(block.hits) > COUNT_TO
    without_case = [] if more or spot != _Spot() else _without_case(walk, top, desks)
    return Found(shown, follow, count, more, complete, without_case)


def _without_case(walk: Walk, top: int, desks: Sequence[Desk]) -> list[int]:
    """Customers of these companies who have no case, the newest segments first, for as long as a page may take."""
    if walk.asked.filtered:
        return []
    companies = sorted({desk.company_id for desk in desks})
    began, found, newest, width = time.monotonic(), dict[int, None](), top, 1
    while newest >= 0 and len(found) < MOST_CUSTOMERS and time.monotonic() - began < _ENOUGH_SECONDS:
        oldest = max(newest - width + 1, 0)
        found |= dict.fromkeys(
            id_ for (id_,) in _fetch(walk.customers(newest, oldest, companies, most=MOST_CUSTOMERS))
        )
        newest, width = oldest - 1, width * 4
    return list(found)[:MOST_CUSTOMERS]


def _follow(block: _Block, kept: list[tuple[int, int]], spot: _Spot, size: int) -> str:
    """Where the next page begins: among the same hits, or behind them."""
    if spot.offset + size < len(kept):
        return str(_Spot(spot.document, spot.case, spot.offset + size))
    if len(block.hits) > len(kept):
        return str(_Spot(*kept[-1]))
    return str(block.stopped) if block.stopped else ""


def _driver(asked: Asked, top: int) -> reading.Word:
    """The word that the fewest of the newest documents seem to hold."""
    if len(asked.words) == 1:
        return asked.words[0]
    oldest = max(top - _SAMPLED + 1, 0)
    return min(asked.words, key=lambda word: _sampled(word, top, oldest))


def _sampled(word: reading.Word, newest: int, oldest: int) -> tuple[int, int]:
    spellings = Walk(Asked(), word, EVERYTHING, ()).spellings
    rows = _fetch(Part("SELECT count(*) FROM search_candidates(%s, %s, %s)", [newest, oldest, spellings]))
    return rows[0][0], -max(len(piece) for way in word.spellings for piece in way)


def _collect(walk: Walk, top: int, spot: _Spot, *, most: int) -> _Block:
    """Hits newest first, segment by segment, more of them at once the fewer there are."""
    began = time.monotonic()
    hits: list[tuple[int, int]] = []
    newest, width = min(spot.document >> SEGMENT_BITS, top), 1
    after = (spot.document, spot.case)
    while newest >= 0 and len(hits) < most:
        oldest, asked = max(newest - width + 1, 0), time.monotonic()
        found = _fetch(walk.between(newest, oldest, after=after, most=most - len(hits)))
        hits += [(row[0], row[1]) for row in found]
        newest, width = oldest - 1, _next_width(width, len(found), time.monotonic() - asked)
        enough = time.monotonic() - began > (_ENOUGH_SECONDS if hits else _MOST_SECONDS)
        if enough and newest >= 0 and len(hits) < most:
            return _Block(hits, _Spot((newest + 1) << SEGMENT_BITS, 0))
    return _Block(hits, None if len(hits) < most else _Spot(*hits[-1]))


def _next_width(width: int, found: int, seconds: float) -> int:
    """How many segments to ask for next: more where few hits are and little time went, fewer where much went."""
    if found >= _FEW:
        return width
    return max(1, min(width * 4, int(width * _AT_A_TIME / max(seconds, 0.001))))


def _filtered(asked: Asked, sight: Sight, desks: Sequence[int], *, after: str, size: int) -> Found:
    place = Place.read(after)
    before = (place.touched_at, place.id) if place else None
    rows = _fetch(newest_cases(asked, sight, desks, before=before, most=(size if before else COUNT_TO) + 1))
    hits = [Hit(case, None, None, 0.0) for _at, case in rows[:size]]
    follow = str(Place(*rows[size - 1])) if len(rows) > size else ""
    return Found(hits, follow, min(len(rows), COUNT_TO), len(rows) > COUNT_TO, is_complete())


def _ranked(asked: Asked, sight: Sight, found: Sequence[tuple[int, int]]) -> list[Hit]:
    """The cases of these hits, the best first; each with the document that shows it best."""
    at_hand: dict[int, list[Match]] = {case: [] for _document, case in found}
    for case, *match in _fetch(matches(asked, sight, list(at_hand))) if at_hand else ():
        at_hand[case].append(Match(*match))
    hits = [_scored(case, there, asked.words) for case, there in at_hand.items()]
    return sorted(hits, key=lambda hit: (-hit.score, -(hit.match.document if hit.match else 0)))


def _ordered(ranked: list[Hit], order: Order) -> list[Hit]:
    """The same hits in another order. A case that was asked for by its number is first in each. At most one query."""
    if order == Order.BEST:
        return ranked
    if order == Order.NEWEST:
        return sorted(
            ranked, key=lambda hit: (hit.score < _THE_CASE, -(hit.match.document if hit.match else 0))
        )
    rest = solved_among([hit.case for hit in ranked])
    return sorted(ranked, key=lambda hit: (hit.score < _THE_CASE, hit.case in rest))


def _scored(case: int, there: Sequence[Match], words: Sequence[reading.Word]) -> Hit:
    if not there:
        return Hit(case, None, None, 0.0)
    best = max(there, key=lambda match: (match.weight(words), match.document))
    age = max(clock.now() - max(match.at for match in there), timedelta())
    return Hit(case, best, None, round(best.weight(words) + _FRESHNESS * 0.5 ** (age / _HALF_LIFE), 3))


def _gives_away(hit: Hit, words: Sequence[reading.Word], blot: Blotter | None) -> bool:
    """Whether a word that was asked for is what is kept of the customer: that it was found would tell it."""
    return blot is not None and any(DOT in blot(word.written) for word in words)


def _is_empty(hit: Hit, blots: Mapping[int, Blotter]) -> bool:
    """Whether nothing of what was found is left in sight, for it stands in what is kept."""
    blotted = hit.case in blots and hit.snippet is not None and DOT in str(hit.snippet)
    return blotted and not any(piece.hit for piece in hit.snippet.pieces)  # type: ignore[union-attr]


def _shown(hits: Sequence[Hit], words: Sequence[reading.Word], blots: Mapping[int, Blotter]) -> list[Hit]:
    places = {hit.case: (m.kind, m.field, m.source) for hit in hits if (m := hit.match)}
    kept = {place: blots[case] for case, place in places.items() if case in blots}
    texts = snippets_of(places.values(), words, kept=kept)
    return [replace(hit, snippet=texts.get(places[hit.case])) if hit.match else hit for hit in hits]


def _fetch(part: Part) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(part.sql, part.values)
        return cursor.fetchall()
