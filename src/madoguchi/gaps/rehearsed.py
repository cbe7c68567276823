"""What is asked of rehearsals of leaving: the cases that are tried, and what was found of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Min, OuterRef, QuerySet

from madoguchi.bot.curve import Labelled, Point, curve_of
from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import companies_with
from madoguchi.delivery.models import ArticleBasis
from madoguchi.gaps.leaving import PACE_DAYS, SOLVED, Outcome, Stock, Tried, stock_of
from madoguchi.gaps.models import Rehearsal, Search
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion

DAYS, MOST_CASES, MOST_LETTERS, MOST_KEPT = 30, 2_000, 600, 12


@dataclass(frozen=True, slots=True)
class ToTry:
    """A case as a team would meet it first; `told` are the articles on which answers rested, `alone` where all did."""

    case: int
    desk: int
    text: str
    told: frozenset[int]
    alone: bool


@dataclass(frozen=True, slots=True)
class OfMatter:
    """How the cases of a kind of matter came out; `matter` is None for those without one."""

    matter: int | None
    name: str
    all: int
    solved: int

    @property
    def lacking(self) -> int:
        """How many articles alone do not solve."""
        return self.all - self.solved


def cases_to_try(company: int) -> tuple[list[ToTry], int]:
    """The newest cases of 30 days that somebody of ours or the bot answered, and how many of them began without a
    written word. Four queries.
    """
    answered = _answers().filter(case=OuterRef("pk"))
    rows = Case.objects.filter(company=company, opened_at__gte=clock.now() - timedelta(days=DAYS))
    newest = rows.filter(Exists(answered)).order_by("-opened_at", "-pk").values_list("pk", "desk", "subject")
    cases = {pk: (desk, subject) for pk, desk, subject in newest[:MOST_CASES]}
    texts = _first_words(cases)
    told, alone = _told(cases)
    found = [
        ToTry(pk, desk, f"{subject}\n{texts[pk]}"[:MOST_LETTERS], frozenset(told[pk]), pk in alone)
        for pk, (desk, subject) in cases.items()
        if texts.get(pk)
    ]
    return found, len(cases) - len(found)


def fresh_articles(company: int, articles: Collection[int]) -> set[int]:
    """Those of these that first came into force within `PACE_DAYS`. One query."""
    approved = ArticleVersion.objects.filter(
        company=company, article__in=articles, state=ArticleVersion.State.APPROVED
    )
    since = clock.now() - timedelta(days=PACE_DAYS)
    first = approved.values("article").annotate(first=Min("valid_from")).filter(first__gte=since)
    return set(first.order_by().values_list("article", flat=True))


def companies_to_rehearse(actor: Actor) -> list[Company]:
    """The companies for the whole of which the actor approves. One query."""
    return list(companies_with(actor, Permission.ARTICLES_APPROVE).order_by("name"))


def last_rehearsal(company: Company) -> Rehearsal | None:
    """The rehearsal of a company that began last. One query."""
    return Rehearsal.objects.filter(company=company).order_by("-id").first()


def rehearsals_of(company: Company) -> list[tuple[Rehearsal, Stock]]:
    """The last ones that went through, the newest first, with what they found; their cases are not read. One query, and
    one for each of those that are older than their `stock`.
    """
    done = Rehearsal.objects.filter(company=company, state=Search.State.DONE).order_by("-id")
    return [(one, _stock_of(one)) for one in done.defer("cases")[:MOST_KEPT]]


def forget_old(company: int) -> None:
    """Leave only the last ones that went through, and what came after them. Two queries."""
    done = Rehearsal.objects.filter(company=company, state=Search.State.DONE).order_by("-id")
    oldest = done.values_list("pk", flat=True)[MOST_KEPT - 1 : MOST_KEPT].first()
    if oldest is not None:
        Rehearsal.objects.filter(company=company, pk__lt=oldest).exclude(state=Search.State.RUNNING).delete()


def rehearsal_by_id(actor: Actor, pk: int) -> Rehearsal:
    """One of a company for which the actor approves. Raises NotFound for any other."""
    found = Rehearsal.objects.filter(pk=pk, company__in=companies_to_rehearse(actor)).first()
    if found is None:
        raise NotFound(pk)
    return found


def tried_in(rehearsal: Rehearsal) -> list[Tried]:
    """What was found of each case."""
    return [Tried.read(one) for one in rehearsal.cases]


def by_matter(rows: Sequence[Tried], *, actor: Actor) -> list[OfMatter]:
    """How cases came out by kind of matter, where most is lacking first; as far as the actor reads them. One query."""
    of = {one.case: one for one in rows}
    cases = visible(actor).filter(pk__in=of).order_by()
    all_of, solved_of, names = Counter[int | None](), Counter[int | None](), dict[int | None, str]()
    for pk, matter, name in cases.values_list("pk", "matter", "matter__name"):
        names[matter] = name or ""
        all_of[matter] += 1
        solved_of[matter] += of[pk].outcome in SOLVED
    found = [OfMatter(matter, names[matter], count, solved_of[matter]) for matter, count in all_of.items()]
    return sorted(found, key=lambda one: (-one.lacking, one.name))


def cases_tried(
    rows: Sequence[Tried], *, outcome: str = "", matter: int | None = None, actor: Actor
) -> QuerySet[Case]:
    """The cases of a rehearsal that came out so, or (`alone`) were in fact answered from articles alone, as far as the
    actor may read them, the newest first.
    """
    wanted = [one.case for one in rows if _is_wanted(one, outcome)]
    found = visible(actor).filter(pk__in=wanted)
    if matter is not None:
        found = found.filter(matter=matter or None)
    return found.select_related("company", "matter").order_by("-opened_at", "-pk")


def curve_by_people(desk: Desk) -> tuple[list[Point], Rehearsal | None]:
    """How right a bot of a desk would have been from each confidence on, by the articles on which answers of its cases
    rested, as the last rehearsal of its company found; and that one, None where there is none. Two queries.
    """
    done = Rehearsal.objects.filter(company=desk.company_id, state=Search.State.DONE).order_by("-id").first()
    rows = tried_in(done) if done else []
    here = set(Case.objects.filter(desk=desk, pk__in=[one.case for one in rows]).values_list("pk", flat=True))
    mine = [one for one in rows if one.case in here]
    known = [Labelled(one.confidence, right=one.right) for one in mine if one.right is not None]
    return curve_of(known, [one.confidence for one in mine]), done


def _stock_of(one: Rehearsal) -> Stock:
    return Stock(**one.stock) if one.stock else stock_of(tried_in(one), fresh=one.fresh)


def _is_wanted(one: Tried, outcome: str) -> bool:
    if outcome == "alone":
        return one.alone
    return outcome not in Outcome.values or one.outcome == outcome


def _answers() -> QuerySet[Message]:
    return Message.objects.filter(author=Message.Author.STAFF, automatic__in=["", AUTOMATIC])


def _first_words(cases: Collection[int]) -> dict[int, str]:
    """What customers wrote first, by case."""
    theirs = Message.objects.filter(case__in=cases, author=Message.Author.CUSTOMER, automatic="")
    rows = theirs.order_by("case", "at", "id").distinct("case").values_list("case", "new_text", "text")
    return {case: (new or text).strip() for case, new, text in rows}


def _told(cases: Collection[int]) -> tuple[dict[int, set[int]], set[int]]:
    """The articles on which answers rest, by case; and the cases of which every answer rests on one."""
    told: dict[int, set[int]] = defaultdict(set)
    rested: set[int] = set()
    bases = ArticleBasis.objects.filter(message__case__in=cases)
    for case, message, article in bases.values_list("message__case", "message", "version__article"):
        told[case].add(article)
        rested.add(message)
    answers: dict[int, list[bool]] = defaultdict(list)
    for case, message in _answers().filter(case__in=cases).values_list("case", "pk"):
        answers[case].append(message in rested)
    return told, {case for case, each in answers.items() if all(each)}
