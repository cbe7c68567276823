"""The articles beside an answer that is being written: what fits, and what it rests on already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from madoguchi.cases.models import Case, Draft, Message
from madoguchi.delivery.bases import cited_in, is_open
from madoguchi.delivery.models import Cited
from madoguchi.delivery.spoken import said_in
from madoguchi.desk.matter import matter_of, speaking_of
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, contradicted, suggested
from madoguchi.knowledge.suggesting import is_named_in

_HOW_MANY = 3
# So many of their last messages tell whether it is a matter of safety.
_SO_MANY_WORDS = 5
# Of a note the end says what it is about now.
_END_OF_NOTE = 200


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article that fits, the key that chooses it, whether customers may read it (what is for operators only can be
    a basis, never the words), whether it is chosen beforehand, and whether it is known to contradict another one: then
    it is not.
    """

    version: ArticleVersion
    key: str
    for_customers: bool
    is_chosen: bool
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered, what the answer rests on, and what was told by voice (`said`). In a matter of safety
    (`of_safety`) only what speaks of it.
    """

    articles: Sequence[Suggested]
    cited: Sequence[Cited]
    of_safety: bool = False
    said: Sequence[ArticleVersion] = ()


def offered_for(case: Case, *, reader: Actor, all_that_fit: bool = False) -> Offered:
    """The three articles that fit best what the customer wrote last, those for customers first. The first is chosen
    where customers may read it and its title names what is asked; else whoever writes chooses.

    Where they write of safety, health or law (`matter`) what speaks of that comes first and nothing is chosen; of
    safety nothing else is offered, unless it is asked for (`all_that_fit`). Eight queries, eleven of such a matter.
    """
    theirs = case.messages.filter(author=Message.Author.CUSTOMER, automatic="").order_by("-at", "-id")
    last = theirs.first()
    asked = f"{case.subject}\n{last.text if last else ''}"
    draft = Draft.objects.filter(case=case, kind="reply").order_by("-saved_at").first()
    matter = matter_of(case, "\n".join([case.subject, *_lately(theirs)]))
    of_safety = matter is not None and matter.of_safety and not all_that_fit
    found = suggested(case.desk, asked, most=_HOW_MANY, reader=reader)
    found.sort(key=_is_inner)
    if matter is not None:
        speak = speaking_of(matter, case.desk, asked, reader=reader)
        # What whoever answers has to do comes before what customers may read.
        speak.sort(key=_is_inner, reverse=of_safety)
        found = [*speak, *(one for one in found if one not in speak and not of_safety)]
    articles = _all_offered(found[:_HOW_MANY], asked, calm=matter is None)
    cited = [one for one in cited_in(case, draft.text if draft else "") if is_open(one.version, reader)]
    return Offered(articles, cited, of_safety)


def fitting_note(case: Case, typed: str, *, reader: Actor) -> Offered:
    """The three articles that fit what is typed in a note, as in a call, those for operators too; of safety only what
    speaks of it. Those that were told by voice already stand apart. Six queries at most, and some more of such a
    matter.
    """
    said = [one.version for one in said_in(case) if is_open(one.version, reader)]
    asked = typed[-_END_OF_NOTE:]
    if not asked.strip():
        return Offered((), (), said=said)
    matter = matter_of(case, asked)
    of_safety = matter is not None and matter.of_safety
    found = [] if of_safety else suggested(case.desk, asked, most=_HOW_MANY, reader=reader)
    if matter is not None:
        speak = speaking_of(matter, case.desk, asked, reader=reader)
        found = [*speak, *(one for one in found if one not in speak)]
    fits = [one for one in found if one not in said][:_HOW_MANY]
    articles = _all_offered(fits, asked, calm=False)
    return Offered(articles, (), of_safety, said)


def _lately(theirs: QuerySet[Message]) -> list[str]:
    """What they said last, without what they quote: also what was grave before they sent a picture of it."""
    rows = theirs.values_list("new_text", "text")[:_SO_MANY_WORDS]
    return [new or text for new, text in rows]


def _is_inner(version: ArticleVersion) -> bool:
    return version.article.audience not in FOR_CUSTOMERS


def _all_offered(found: Sequence[ArticleVersion], asked: str, *, calm: bool) -> list[Suggested]:
    at_odds = contradicted([one.pk for one in found])
    return [
        _offered(one, at, asked, calm=calm, contradicted=one.pk in at_odds)
        for at, one in enumerate(found, start=1)
    ]


def _offered(version: ArticleVersion, at: int, asked: str, *, calm: bool, contradicted: bool) -> Suggested:
    for_customers = not _is_inner(version)
    is_chosen = calm and at == 1 and for_customers and not contradicted and is_named_in(version.title, asked)
    return Suggested(version, str(at), for_customers, is_chosen, contradicted)
