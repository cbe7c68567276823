"""The articles beside an answer that is being written: what fits, and what it rests on already."""

from collections.abc import Sequence
from dataclasses import dataclass

from madoguchi.cases.models import Case, Draft, Message
from madoguchi.delivery.bases import cited_in
from madoguchi.delivery.models import Cited
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, suggested
from madoguchi.knowledge.suggesting import is_named_in

_HOW_MANY = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article that fits, the key that chooses it, whether customers may read it (what is for operators only can be
    a basis, never the words), and whether it is chosen beforehand.
    """

    version: ArticleVersion
    key: str
    for_customers: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered, and what the answer rests on."""

    articles: Sequence[Suggested]
    cited: Sequence[Cited]


def offered_for(case: Case) -> Offered:
    """The three articles that fit best what the customer wrote last, those for customers first. The first is chosen
    where customers may read it and its title names what is asked; else whoever writes chooses. Five queries.
    """
    words = Message.Author.CUSTOMER
    last = case.messages.filter(author=words, automatic="").order_by("-at", "-id").first()
    asked = f"{case.subject}\n{last.text if last else ''}"
    draft = Draft.objects.filter(case=case, kind="reply").order_by("-saved_at").first()
    found = suggested(case.desk, asked, most=_HOW_MANY)
    found.sort(key=lambda version: version.article.audience not in FOR_CUSTOMERS)
    articles = [_offered(version, at, asked) for at, version in enumerate(found, start=1)]
    return Offered(articles, cited_in(case, draft.text if draft else ""))


def _offered(version: ArticleVersion, at: int, asked: str) -> Suggested:
    for_customers = version.article.audience in FOR_CUSTOMERS
    is_chosen = at == 1 and for_customers and is_named_in(version.title, asked)
    return Suggested(version, str(at), for_customers, is_chosen)
