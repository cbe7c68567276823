"""What is asked of gaps: which are open, how long it took from word to article, and what was read to find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery

from madoguchi.bot.models import Talk
from madoguchi.bot.queries import unanswered_of
from madoguchi.cases.models import Message, Status
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Company
from madoguchi.delivery.models import ArticleBasis
from madoguchi.gaps.models import Gap, Search
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion

WEEK, BEFORE = timedelta(days=7), timedelta(days=28)
# A search reads the newest of each stretch: more tells hardly more, and costs minutes.
MOST_NOW, MOST_BEFORE, MOST_UNANSWERED = 3_000, 6_000, 2_000
# What was not found again for so long is past.
FADES = timedelta(days=14)
MEASURED = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a customer: its id, when it was written, and whose it is."""

    id: int
    at: datetime
    customer: int


def companies_to_settle(actor: Actor) -> QuerySet[Company]:
    """The companies for whose articles the actor may write."""
    ids = {grant.company for grant in actor.grants if grant.allows(Permission.ARTICLES_WRITE)}
    return Company.objects.filter(pk__in=ids).order_by("name")


def gaps_of(company: Company, *, state: str) -> QuerySet[Gap]:
    """What no article of a company says: of open ones those that were found lately
    or asked for by somebody, the newest found first, words
    before questions; each with `published_at`, when an article begun of it first came into force.
    """
    begun = ArticleVersion.objects.filter(article=OuterRef("article"), state=ArticleVersion.State.APPROVED)
    first = begun.order_by().values("article").annotate(at=Min("valid_from")).values("at")
    rows = Gap.objects.filter(company=company, state=state).select_related("article")
    if state == Gap.State.OPEN:
        rows = rows.filter(Q(seen_at__gt=clock.now() - FADES) | Q(kind=Gap.Kind.ASKED))
    return rows.annotate(published_at=Subquery(first)).order_by("-seen_at", "-kind", "id")


def gap_by_id(actor: Actor, pk: int) -> Gap:
    """One of a company for whose articles the actor may write. Raises NotFound for any other."""
    found = Gap.objects.filter(pk=pk, company__in=companies_to_settle(actor)).select_related(
        "company", "article"
    )
    gap = found.first()
    if gap is None:
        raise NotFound(pk)
    return gap


def asked_in(gap: Gap, *, actor: Actor) -> list[Message]:
    """What was written, as far as the actor may read it, the newest first. One query."""
    rows = Message.objects.filter(pk__in=gap.messages, case__in=visible(actor))
    return list(rows.select_related("case__company").order_by("-at", "-id"))


def time_to_article(company: Company) -> tuple[timedelta | None, int]:
    """The middle time from the first word of a customer to the article in force, and of how many in half a year. One
    query.
    """
    drafted: QuerySet[Any] = gaps_of(company, state=Gap.State.DRAFTED)
    rows = drafted.filter(settled_at__gt=clock.now() - MEASURED)
    took = sorted(
        published - first
        for first, published in rows.values_list("first_at", "published_at")
        if published is not None and published > first
    )
    return (took[len(took) // 2] if took else None), len(took)


def last_search(company: Company) -> Search | None:
    """The search of a company that began last. One query."""
    return Search.objects.filter(company=company).order_by("-id").first()


def search_by_id(actor: Actor, pk: int) -> Search:
    """One of a company for whose articles the actor may write. Raises NotFound for any other."""
    found = (
        Search.objects.filter(pk=pk, company__in=companies_to_settle(actor)).select_related("company").first()
    )
    if found is None:
        raise NotFound(pk)
    return found


def written_between(company: int, since: datetime, until: datetime, *, most: int) -> list[Said]:
    """The newest messages of customers of a company in a stretch of time, the oldest first. One query."""
    theirs = Message.objects.filter(company=company, author=Message.Author.CUSTOMER, automatic="")
    rows = theirs.filter(at__gt=since, at__lte=until).order_by("-at", "-id")
    found = rows.values_list("pk", "at", "case__customer_id")[:most]
    return [Said(pk, at, customer) for pk, at, customer in reversed(found)]


def unanswered_since(company: int, since: datetime) -> list[Said]:
    """What customers asked the bots of a company that no article answered, the first asked first. One query."""
    rows = unanswered_of(company, since).values_list("asked_id", "asked__at", "case__customer_id")
    return [Said(pk, at, customer) for pk, at, customer in reversed(rows[:MOST_UNANSWERED])]


def unfounded_since(company: int, since: datetime) -> list[Said]:
    """What began cases that are solved by now and that people answered from no article, the first asked first; of cases
    with a bot's talk its own questions stand in their place. One query.
    """
    theirs = Message.objects.filter(author=Message.Author.CUSTOMER, automatic="", case=OuterRef("case"))
    first = theirs.order_by("at", "id").values("pk")[:1]
    ours = Message.objects.filter(author=Message.Author.STAFF, automatic="", case=OuterRef("case"))
    rested = ArticleBasis.objects.filter(message__case=OuterRef("case"))
    talk = Talk.objects.filter(case=OuterRef("case"))
    rows = Message.objects.filter(
        company=company, at__gte=since, case__status__in=[Status.SOLVED, Status.CLOSED]
    )
    rows = rows.filter(Exists(ours), ~Exists(rested), ~Exists(talk), pk=Subquery(first))
    found = rows.order_by("-at", "-id").values_list("pk", "at", "case__customer")[:MOST_UNANSWERED]
    return [Said(pk, at, customer) for pk, at, customer in reversed(found)]


def texts_of(messages: Sequence[int], *, most: int) -> list[str]:
    """The words of messages, in their order, each cut after so many letters. One query."""
    rows = Message.objects.filter(pk__in=messages).values_list("pk", "new_text", "text")
    found = {pk: (new or text)[:most] for pk, new, text in rows}
    return [found.get(pk, "") for pk in messages]
