"""How articles do: how often answers rest on them, whether customers had to write again, and how much was changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case as Either
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, RowNumber

from madoguchi.bot.deciding import Before, Outcome, at_once
from madoguchi.bot.models import Turn
from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import visible
from madoguchi.delivery.bases import DAYS
from madoguchi.delivery.checks import own_words
from madoguchi.delivery.models import ArticleBasis, How
from madoguchi.helpcentre.models import Judgement
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.likeness import letters_of, likeness_of_letters
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.knowledge.reading import as_words

# Whoever has not written again by then was helped.
UNTIL_SOLVED = timedelta(days=7)
# Of articles that are used more, so many of each tell enough: of answers that are decided, and of those that are not.
MOST_READ = 200
_WORDS = (How.TEXT, How.FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The last 30 days of an article: `answers` of people and of the bot rest on it. After `solved` of `decided`
    answers, those that are seven days old, the customer did not write again within seven days but to thank. `edited`
    is the share of its words that people changed or left out where they put them in, in percent. Both are read from
    the newest 200 answers that are decided, `edited` also from the newest 200 that are not.
    """

    people: int = 0
    bot: int = 0
    solved: int = 0
    decided: int = 0
    edited: int | None = None
    helped: int = 0
    not_helped: int = 0

    @property
    def answers(self) -> int:
        """How many rest on it."""
        return self.people + self.bot

    @property
    def percent_solved(self) -> int | None:
        """The share of them in whole percent; None where nothing is decided."""
        return round(100 * self.solved / self.decided) if self.decided else None


@dataclass(frozen=True, slots=True)
class _Rested:
    """An answer that rests on an article; how many of people and of the bot rest on that in all."""

    article: int
    version: int
    how: str
    case: int
    customer: int
    by_bot: bool
    text: str
    at: datetime
    people: int
    bot: int


def by_use(actor: Actor) -> QuerySet[Article]:
    """The articles in use that the actor sees, those on which most answers rest first."""
    rested = ArticleBasis.objects.filter(version__article=OuterRef("pk"), at__gte=_since())
    mine = rested.filter(message__case__in=visible(actor)).order_by().values("version__article")
    counted = Subquery(mine.annotate(times=Count("pk")).values("times"))
    rows = articles_in_sight(actor).filter(retired_at=None)
    return rows.annotate(used=Coalesce(counted, 0)).order_by("-used", "title", "id")


def uses_of(articles: Sequence[int], *, actor: Actor) -> dict[int, Use]:
    """How these articles did in cases that the actor may read. Six queries, however many there are."""
    rested = _rested(articles, actor)
    again = came_again({(one.case, one.customer, one.at) for one in rested})
    # Of a script only some words are ever said: what is missing was not changed.
    told = ArticleVersion.objects.filter(pk__in={one.version for one in rested})
    bodies = dict(told.filter(article__kind=Article.Kind.ARTICLE).values_list("pk", "body"))
    judged = _judged(articles, actor)
    of: dict[int, list[_Rested]] = defaultdict(list)
    for one in rested:
        of[one.article].append(one)
    return {pk: _use(of[pk], again, bodies, judged.get(pk, (0, 0))) for pk in articles}


def _since() -> datetime:
    return clock.now() - timedelta(days=DAYS)


def _rested(articles: Sequence[int], actor: Actor) -> list[_Rested]:
    """The newest answers on each article, with how many there are: beside one that is used a lot the others are read
    as well.
    """
    rows = ArticleBasis.objects.filter(version__article__in=articles, at__gte=_since())
    article, by_bot = F("version__article"), Q(message__automatic=AUTOMATIC)
    decided = Either(When(at__lte=clock.now() - UNTIL_SOLVED, then=True), default=False)
    told = rows.filter(message__case__in=visible(actor)).annotate(
        said=F("message__text"),
        place=Window(RowNumber(), partition_by=[article, decided], order_by=[F("at").desc(), F("id").desc()]),
        people=Window(Count("pk", filter=~by_bot), partition_by=[article]),
        bot=Window(Count("pk", filter=by_bot), partition_by=[article]),
    )
    fields = ("version__article", "version", "how", "message__case", "message__case__customer")
    found = told.filter(place__lte=MOST_READ).values_list(
        *fields, "message__automatic", "said", "at", "people", "bot"
    )
    return [
        _Rested(article, version, how, case, customer, automatic == AUTOMATIC, said, at, people, bot)
        for article, version, how, case, customer, automatic, said, at, people, bot in found
    ]


def came_again(answers: Collection[tuple[int, int, datetime]]) -> set[tuple[int, datetime]]:
    """Of these (case, customer, moment) those, by case and moment, after which the customer wrote again within seven
    days: there and not but to thank, or in another case. Two queries.
    """
    cases, customers = {case for case, _who, _at in answers}, {who for _case, who, _at in answers}
    words: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    said = Message.objects.filter(
        case__in=cases, author=Message.Author.CUSTOMER, automatic="", at__gte=_since()
    )
    for case, at, new, text in said.values_list("case", "at", "new_text", "text"):
        words[case].append((at, new or text))
    opened: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    later = Case.objects.filter(customer__in=customers, opened_at__gte=_since())
    for pk, who, at in later.values_list("pk", "customer", "opened_at"):
        opened[who].append((pk, at))
    return {
        (case, at)
        for case, who, at in answers
        if any(at < moment <= at + UNTIL_SOLVED and not _is_thanks(text) for moment, text in words[case])
        or any(pk != case and at < moment <= at + UNTIL_SOLVED for pk, moment in opened[who])
    }


def _is_thanks(text: str) -> bool:
    """Whether a message says no more than that it helped, as the bot understands it."""
    decided = at_once(text, Before(offered={}, answered=True))
    return decided is not None and decided.outcome == Outcome.DONE


def _judged(articles: Sequence[int], actor: Actor) -> dict[int, tuple[int, int]]:
    """How many said that it helped, and that it did not: readers of the help centre, and those the bot told it."""
    counted = {"yes": Count("pk", filter=Q(helped=True)), "no": Count("pk", filter=Q(helped=False))}
    readers = Judgement.objects.filter(version__article__in=articles, at__gte=_since())
    told = Turn.objects.filter(version__article__in=articles, at__gte=_since(), case__in=visible(actor))
    sums: dict[int, tuple[int, int]] = {}
    for rows in (readers, told):
        for pk, yes, no in (
            rows.values("version__article").annotate(**counted).values_list("version__article", "yes", "no")
        ):
            before = sums.get(pk, (0, 0))
            sums[pk] = (before[0] + yes, before[1] + no)
    return sums


def _use(
    rested: Sequence[_Rested],
    again: set[tuple[int, datetime]],
    bodies: Mapping[int, str],
    judged: tuple[int, int],
) -> Use:
    old = [one for one in rested if one.at <= clock.now() - UNTIL_SOLVED]
    changed = [
        _edited(one, bodies)
        for one in rested
        if not one.by_bot and one.how in _WORDS and one.version in bodies
    ]
    return Use(
        people=rested[0].people if rested else 0,
        bot=rested[0].bot if rested else 0,
        solved=sum((one.case, one.at) not in again for one in old),
        decided=len(old),
        edited=round(100 * sum(changed) / len(changed)) if changed else None,
        helped=judged[0],
        not_helped=judged[1],
    )


def _edited(one: _Rested, bodies: Mapping[int, str]) -> float:
    words = as_words(bodies.get(one.version, ""))
    return likeness_of_letters(words, letters_of(own_words(one.text))).edited
