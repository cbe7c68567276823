"""Finding cases by what somebody remembers of them: a number, an address, a name, words that were said."""

import re
import unicodedata
from collections.abc import Sequence

import jaconv
from django.db.models import Q, QuerySet

from madoguchi.cases.lists import CasePage, Place
from madoguchi.cases.models import Case, Message, Note
from madoguchi.cases.queries import PAGE, page_among
from madoguchi.customers.models import Identity
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import clean

MOST_WORDS = 8
_LETTERS_THEN_DIGITS = re.compile(r"([A-Z]{1,3})([0-9]{3,9})")


def search(
    text: str, *, actor: Actor, desks: Sequence[int], before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of the cases at these desks that a text names, newest activity first.

    Every word must be found: in the subject, the tags, the customer's name, reading or addresses, a message
    or a note. What the actor's data scope masks or hides is not searched, for a hit would give it away.
    """
    unseen = _unseen(actor)
    return page_among(find_cases(text, desks=desks, unseen=unseen), before=before, size=size)


def find_cases(text: str, *, desks: Sequence[int], unseen: frozenset[str] = frozenset()) -> QuerySet[Case]:
    """The cases of these desks that a text names; customer fields named in `unseen` are left out."""
    cases = Case.objects.filter(desk_id__in=desks)
    numbered = _numbered(cases, text)
    if numbered is not None:
        return numbered
    for word in clean(text).split()[:MOST_WORDS]:
        cases = cases.filter(_said(word) | _known(word, unseen))
    return cases


def _numbered(cases: QuerySet[Case], text: str) -> QuerySet[Case] | None:
    """The case of this number, typed with its hyphen or (where there is such a case) without; else None."""
    number = read_case_number(text)
    if number:
        return cases.filter(company__prefix=number.prefix, number=number.count)
    together = _LETTERS_THEN_DIGITS.fullmatch(unicodedata.normalize("NFKC", text.strip()).upper())
    if not together:
        return None
    found = cases.filter(company__prefix=together[1], number=together[2])
    return found if found.exists() else None


def _spellings(word: str) -> set[str]:
    """The word as typed, and in the width that most people write: ｷｬﾝｾﾙ is キャンセル, ２６ is 26."""
    return {word, clean(unicodedata.normalize("NFKC", word))}


def _said(word: str) -> Q:
    found = Q(pk__in=[])
    for spelling in _spellings(word):
        messages = Message.objects.filter(text__icontains=spelling).values("case_id")
        notes = Note.objects.filter(text__icontains=spelling).values("case_id")
        found |= Q(subject__icontains=spelling) | Q(tags__contains=[spelling])
        found |= Q(pk__in=messages) | Q(pk__in=notes)
    return found


def _known(word: str, unseen: frozenset[str]) -> Q:
    found = Q(pk__in=[])
    for spelling in _spellings(word):
        if "name" not in unseen:
            found |= Q(customer__name__icontains=spelling)
        if "kana" not in unseen:
            found |= Q(customer__kana__icontains=jaconv.kata2hira(spelling))
    for kind in {IdentityKind.EMAIL, IdentityKind.PHONE} - unseen:
        value = canonical(kind, word)
        same = Identity.objects.filter(kind=kind.value, value__contains=value).values("customer_id")
        found |= Q(customer_id__in=same)
    return found


def _unseen(actor: Actor) -> frozenset[str]:
    """Fields that any of the actor's companies keeps from them: one search runs over all of them at once."""
    scopes = [actor.data_scope(company=company) for company in actor.companies]
    return frozenset().union(*(s.masked | s.hidden for s in scopes))
