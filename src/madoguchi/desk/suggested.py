"""The articles beside an answer that is being written: what fits, and what it rests on already."""

from collections.abc import Sequence
from dataclasses import dataclass

from madoguchi.cases.models import Case, Draft, Message
from madoguchi.delivery.bases import cited_in
from madoguchi.delivery.models import Cited
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, suggested

_HOW_MANY = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article that fits, the key that chooses it, and whether customers may be led to it."""

    version: ArticleVersion
    key: str
    may_link: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered, and what the answer rests on."""

    articles: Sequence[Suggested]
    cited: Sequence[Cited]


def offered_for(case: Case) -> Offered:
    """The three articles that fit best what the customer wrote last. Five queries."""
    words = Message.Author.CUSTOMER
    last = case.messages.filter(author=words, automatic="").order_by("-at", "-id").first()
    asked = f"{case.subject}\n{last.text if last else ''}"
    draft = Draft.objects.filter(case=case, kind="reply").order_by("-saved_at").first()
    found = suggested(case.desk, asked, most=_HOW_MANY)
    articles = [
        Suggested(version, str(at), version.article.audience in FOR_CUSTOMERS)
        for at, version in enumerate(found, start=1)
    ]
    return Offered(articles, cited_in(case, draft.text if draft else ""))
