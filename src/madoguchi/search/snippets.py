"""What stands where a search found something: a few words of the original, with the hits marked."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.blotting import NOTHING, Blotter
from madoguchi.kernel.case_number import CaseNumber
from madoguchi.kernel.folding import fold
from madoguchi.search.asked import Word

BEFORE, LENGTH = 24, 120
_MOST_MARKS = 40
_STRIDE, _OVERLAP = 2_000, 300
_BLANK = re.compile(r"\s+")
_ORIGINALS = {
    "message": """
        SELECT id, subject, text, sender_name, sender_address, ("to" || cc)::text FROM cases_message
        WHERE id = ANY (%s::bigint[])
    """,
    "note": "SELECT id, text FROM cases_note WHERE id = ANY (%s::bigint[])",
    "file": """
        SELECT a.id, a.filename, t.text
        FROM cases_attachment AS a LEFT JOIN search_filetext AS t ON t.attachment_id = a.id
        WHERE a.id = ANY (%s::bigint[])
    """,
    "case": """
        SELECT c.id, company.prefix, c.number, c.former_number, c.subject, c.tags
        FROM cases_case AS c JOIN companies_company AS company ON company.id = c.company_id
        WHERE c.id = ANY (%s::bigint[])
    """,
    "customer": """
        SELECT c.id, concat_ws(' ', c.name, nullif(replace(c.former_names, E'\n', ' '), '')), c.kana,
            array_prepend(
                c.address, ARRAY(SELECT written FROM customers_postaladdress WHERE customer_id = c.id ORDER BY id)
            ), c.memo,
            ARRAY(SELECT written FROM customers_identity WHERE customer_id = c.id AND kind = 'email' ORDER BY id),
            ARRAY(SELECT written FROM customers_identity WHERE customer_id = c.id AND kind = 'phone' ORDER BY id),
            ARRAY(SELECT written FROM customers_identity WHERE customer_id = c.id AND kind = 'member' ORDER BY id)
        FROM customers_customer AS c WHERE c.id = ANY (%s::bigint[])
    """,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a snippet's text, and whether it is a hit."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words around a hit, in pieces."""

    pieces: tuple[Piece, ...]

    def __str__(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def snippets_of(
    wanted: Iterable[tuple[str, str, int]],
    words: Sequence[Word],
    *,
    kept: Mapping[tuple[str, str, int], Blotter] = MappingProxyType({}),
) -> dict[tuple[str, str, int], Snippet]:
    """The snippet of each document (kind, field, source), without what is `kept`. One query for each kind there is."""
    wanted = list(wanted)
    found: dict[tuple[str, str, int], Snippet] = {}
    for kind, statement in _ORIGINALS.items():
        ids = sorted({source for of, _field, source in wanted if of == kind})
        rows = {row[0]: row for row in fetch_all(statement, [ids])} if ids else {}
        for key in wanted:
            if key[0] == kind and key[2] in rows:
                found[key] = snippet(kept.get(key, NOTHING)(_text(kind, key[1], rows[key[2]])), words)
    return found


def snippet(text: str, words: Sequence[Word]) -> Snippet:
    """The words of a text where most of what was asked for stands together, with every hit in them marked."""
    skipped, text = _near(text, words)
    found = sorted(_found(text, words))[:_MOST_MARKS]
    marks = _marks(found)
    start = max(_fullest(found) - BEFORE, 0)
    end = min(start + LENGTH, len(text))
    pieces = [Piece("…", False)] if start or skipped else []
    place = start
    for first, last in marks:
        if place <= first < end:
            pieces += [
                Piece(_plain(text[place:first]), False),
                Piece(_plain(text[first : min(last, end)]), True),
            ]
            place = min(last, end)
    pieces += [Piece(_plain(text[place:end]), False), Piece("…" if end < len(text) else "", False)]
    return Snippet(tuple(piece for piece in pieces if piece.text))


def _near(text: str, words: Sequence[Word]) -> tuple[int, str]:
    """Of a long text the part with most of the words, and where that begins: marking goes character by character."""
    best, most = 0, 0
    for start in range(0, len(text), _STRIDE):
        folded = fold(text[start : start + _STRIDE + _OVERLAP])
        there = sum(any(all(piece in folded for piece in way) for way in word.spellings) for word in words)
        if there > most:
            best, most = start, there
        if most == len(words):
            break
    part = text[best : best + _STRIDE + _OVERLAP]
    return best, part + "…" if best + len(part) < len(text) else part


def _plain(text: str) -> str:
    """Line ends and runs of spaces as one space."""
    return _BLANK.sub(" ", text)


def _found(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int, int]]:
    """Where in the text the words stand, from and to, and which word it is."""
    folded, origins = _folded_with_origins(text)
    for which, word in enumerate(words):
        way = next((way for way in word.spellings if all(piece in folded for piece in way)), ())
        for first, last in (place for piece in way for place in _places(folded, piece)):
            end = origins[last - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            yield origins[first], end, which


def _fullest(found: Sequence[tuple[int, int, int]]) -> int:
    """From where on a snippet shows most of the words; the first such place, or 0."""

    def shown(begin: int) -> int:
        return len(
            {which for first, last, which in found if begin <= first and last <= begin + LENGTH - BEFORE}
        )

    return max((first for first, _last, _which in found), key=shown, default=0)


def _marks(found: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """The same without overlap."""
    marks: list[tuple[int, int]] = []
    for begin, end, _which in found:
        if marks and begin < marks[-1][1]:
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
        else:
            marks.append((begin, end))
    return marks


def _places(folded: str, piece: str) -> Iterator[tuple[int, int]]:
    place = folded.find(piece)
    for _ in range(_MOST_MARKS):
        if place < 0:
            return
        yield place, place + len(piece)
        place = folded.find(piece, place + len(piece))


def _folded_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place it came from."""
    folded, origins = [], []
    place = 0
    for cluster in _clusters(text):
        part = fold(cluster)
        folded.append(part)
        origins += [place] * len(part)
        place += len(cluster)
    return "".join(folded), origins


def _clusters(text: str) -> Iterator[str]:
    """Characters with what combines with them: NFKC makes one of ｶ and ﾞ."""
    cluster = ""
    for character in text:
        if cluster and not (unicodedata.combining(character) or character in "ﾞﾟ"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _text(kind: str, field: str, row: tuple) -> str:  # type: ignore[type-arg]
    if kind == "message":
        return _of_message(field, *row[1:])
    if kind == "case":
        _id, prefix, number, former, subject, tags = row
        return {
            "number": " ".join(filter(None, (str(CaseNumber(prefix, number)), former))),
            "tags": " ".join(tags),
        }.get(field, subject)
    if kind == "customer":
        names = ("name", "kana", "address", "memo", "email", "phone", "member")
        values = dict(zip(names, row[1:], strict=True))
        value = values.get(field, "")
        return value if isinstance(value, str) else " ".join(value)
    if kind == "file":
        return str((row[2] if field == "content" else row[1]) or "")
    return str(row[1])


def _of_message(field: str, subject: str, text: str, name: str, address: str, parties: str) -> str:
    if field == "sender":
        return f"{name} {address}".strip()
    if field == "recipients":
        return " ".join(f"{p.get('name', '')} {p.get('address', '')}".strip() for p in json.loads(parties))
    return f"{subject}\n{text}"
