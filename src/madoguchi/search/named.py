"""Whoever looks for a customer by a name, a reading or a postal address that is kept from them: it is an attempt."""

from collections.abc import Iterator, Sequence

from madoguchi.customers.lookups import kept_from, note_found, words_typed
from madoguchi.customers.models import Customer
from madoguchi.customers.places import places_of
from madoguchi.customers.queries import former_names_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.folding import fold
from madoguchi.kernel.places import house_of, place_of
from madoguchi.search.alike import customers_called

_FIELDS = ("name", "kana", "address")
# So many words of a search are read, and so many of them are taken together: 〒 東京都 千代田区 1-2-3 ビル.
_MOST_WORDS, _LONGEST = 8, 6
# What has fewer letters is a word like any other (返品), or a family name that thousands bear.
_FEWEST_LETTERS = 3
_MOST = 8


def note_named(text: str, *, actor: Actor) -> None:
    """Remember that somebody typed the whole name, former name, reading or one of the postal addresses of a customer
    from whom it is kept, however it is written and whatever stands around it. A part of one names nobody, but a house
    does. No query where nothing is kept from them, else four a company; of a name that more bear, those who came last.
    """
    for company in sorted(actor.companies):
        kept = [field for field in _FIELDS if field in kept_from(actor, company)]
        asked = frozenset(_runs(words_typed(text)[:_MOST_WORDS])) if kept else frozenset()
        ids = customers_called(asked, company=company, most=_MOST) if asked else []
        found = Customer.objects.filter(company=company, pk__in=ids) if ids else []
        places = places_of(ids) if ids and "address" in kept else {}
        named = [
            (one, field)
            for one in found
            for field in kept
            if asked & _said(one, field, [place.written for place in places.get(one.pk, ())])
        ]
        note_found(named, actor=actor)


def _runs(words: Sequence[str]) -> Iterator[str]:
    """What neighbouring words say together, folded."""
    for begin in range(len(words)):
        for end in range(begin + 1, min(begin + _LONGEST, len(words)) + 1):
            said = " ".join(words[begin:end])
            yield from (one for one in (fold(said), place_of(said)) if len(one) >= _FEWEST_LETTERS)


def _said(customer: Customer, field: str, places: Sequence[str]) -> set[str]:
    if field == "name":
        return {fold(one) for one in (customer.name, *former_names_of(customer))}
    if field == "kana":
        return {fold(customer.kana)}
    written = (customer.address, *places)
    return {form for one in written for form in (fold(one), place_of(one), house_of(one)) if form}
