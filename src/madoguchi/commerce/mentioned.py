"""What somebody orders in words of their own: products that they name, and how many of each."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Length, StrIndex

from madoguchi.commerce.models import Variant
from madoguchi.commerce.squashed import as_squashed, beginnings_in, squashed

MOST_FOUND, MOST_COUNTED, _FEWEST_LETTERS, _MOST_VARIANTS = 10, 999, 2, 3
_MOST_ROWS = 200
_KANJI = {sign: place for place, sign in enumerate("一二三四五六七八九", start=1)}
_NUMBER = r"(\d{1,3}|[一二三四五六七八九])"
_COUNTER = r"(?:個|コ|ケ|点|本|袋|箱|枚|台|缶|組|冊|足|着|つ|セット|パック|ケース|ダース)"
# After the name stands how many, by a sign (×2) or a word for pieces (2個), never a price or a size.
_AFTER = re.compile(
    rf"[^\d\n一二三四五六七八九]{{0,6}}?(?:[x×✕*]{_NUMBER}(?![\d,.]|円|g|ml|cm|mm)|{_NUMBER}{_COUNTER})"
)
_BEFORE = re.compile(rf"{_NUMBER}{_COUNTER}の?$")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A variant on sale that is named, and how many of it; one where no number is said."""

    variant: Variant
    count: int


def products_mentioned(text: str, *, company: int) -> list[Mentioned]:
    """Variants on sale that a text names by the whole name of their product or by their code, in the order in which it
    does; of a product in several variants those that it names, else some. Two queries.
    """
    plain = squashed(text)
    rows = _named_in(plain, company) if plain else Variant.objects.none()
    named = list(_longest(plain, rows))
    found: dict[int, Mentioned] = {}
    for begins, ends, variants in named:
        stops = min((other for other, _ends, _its in named if other >= ends), default=len(plain))
        for one in variants:
            found.setdefault(one.pk, Mentioned(one, _count(plain, begins, ends, stops)))
    return list(found.values())[:MOST_FOUND]


def _named_in(plain: str, company: int) -> QuerySet[Variant]:
    """Whose name or code stands in it, by the database: of a catalogue only what begins like something that stands in
    it is looked at.
    """
    within = Value(plain, output_field=TextField())
    begins = Value(beginnings_in(plain), output_field=ArrayField(TextField()))
    ours = Variant.objects.filter(company=company, active=True).order_by()
    named_so = ours.filter(product__company=company, product__begins__among=begins).values("pk")
    coded_so = ours.filter(begins__among=begins).values("pk")
    # Asked for first, lest every name of the catalogue is compared with the text before it is known which begin so.
    near = [pk for (pk,) in named_so.union(coded_so).values_list("pk")]
    rows = Variant.objects.filter(pk__in=near, company=company, product__active=True)
    rows = rows.annotate(called=as_squashed("product__name"), coded=as_squashed("code"))
    rows = rows.annotate(letters=Length("called"))
    rows = rows.annotate(at=StrIndex(within, F("called")), code_at=StrIndex(within, F("coded")))
    named = Q(at__gt=0, letters__gte=_FEWEST_LETTERS) | Q(code_at__gt=0)
    return rows.filter(named).select_related("product").order_by("-letters", "pk")[:_MOST_ROWS]


def _longest(plain: str, rows: Iterable[Variant]) -> Iterator[tuple[int, int, Sequence[Variant]]]:
    """Where each is named, the longest name of all that stand there, in the order of the text."""
    spans: dict[tuple[int, int], list[Variant]] = {}
    for one in rows:
        for word in filter(None, {squashed(one.product.name), squashed(one.code)}):
            for found in re.finditer(_whole(word), plain):
                spans.setdefault(found.span(), []).append(one)
    taken: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if not any(span[0] < ends and begins < span[1] for begins, ends in taken):
            taken.append(span)
    for begins, ends in sorted(taken):
        yield begins, ends, _those_named(plain, ends, spans[begins, ends])


def _whole(word: str) -> str:
    """A code or a name in letters is a word of its own: A-1 is none in A-12."""
    first = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", word) else ""
    last = r"(?![a-z0-9-])" if re.search(r"[a-z0-9]$", word) else ""
    return first + re.escape(word) + last


def _those_named(plain: str, ends: int, variants: Sequence[Variant]) -> Sequence[Variant]:
    rest = plain[ends:].partition("\n")[0]
    named = [one for one in variants if one.name and squashed(one.name) in rest]
    return named[:1] or list(variants)[:_MOST_VARIANTS]


def _count(plain: str, begins: int, ends: int, stops: int) -> int:
    before = _BEFORE.search(plain[:begins].rpartition("\n")[2])
    after = _AFTER.match(plain[ends:stops])
    said = (after[1] or after[2]) if after else before[1] if before else "1"
    return min(MOST_COUNTED, max(1, _KANJI.get(said) or int(said)))
