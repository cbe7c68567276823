"""How good answers are by how long ago their writer joined, with an article and without. No person is told of."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.cases.models import Message
from madoguchi.cases.queries import visible
from madoguchi.delivery.models import ArticleBasis
from madoguchi.desk.article_figures import UNTIL_SOLVED, came_again
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.queries import articles_in_sight

# `came_again` looks back thirty days; of these the last seven are not decided yet.
DAYS, MOST = 30, 5_000
# So few of a stretch would be told of as persons.
LEAST_PEOPLE = 3
# Where stretches begin, in days since somebody joined.
STRETCHES = (0, 30, 90, 180, 365)
NEW_UNTIL = 90
# So few answers of newcomers say nothing of an article.
LEAST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many answers after which the customer did not come back within seven days."""

    solved: int = 0
    all: int = 0

    @property
    def percent(self) -> int | None:
        """In whole percent; None of nothing."""
        return 100 * self.solved // self.all if self.all else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Answers of people who had joined `since` days ago, up to the next stretch (`until`, None: whenever before)."""

    since: int
    until: int | None
    people: int
    with_article: Share = Share()
    without: Share = Share()

    @property
    def told(self) -> bool:
        """Whether it is of enough people to be told."""
        return self.people >= LEAST_PEOPLE

    @property
    def every(self) -> Share:
        """Of all of them."""
        one, other = self.with_article, self.without
        return Share(one.solved + other.solved, one.all + other.all)


@dataclass(frozen=True, slots=True)
class Helped:
    """What newcomers' answers came to that rest on an article."""

    article: int
    title: str
    share: Share


@dataclass(frozen=True, slots=True)
class _Answer:
    message: int
    case: int
    customer: int
    at: datetime
    user: int
    days: int

    @property
    def decided(self) -> tuple[int, int, datetime]:
        return self.case, self.customer, self.at


@dataclass(frozen=True, slots=True)
class Newcomers:
    """The curve of quality, and what articles do for who is new, the most helpful first; `plain` are newcomers' answers
    that rest on none. Nothing of newcomers is told where they are too few.
    """

    curve: list[Stretch]
    plain: Share
    helped: list[Helped]


def newcomers_of(actor: Actor) -> Newcomers:
    """How answers of people did that are seven to thirty days old, in cases that the actor may read. Five queries."""
    answers = _answers(actor)
    again = came_again({one.decided for one in answers})
    rested: dict[int, set[int]] = defaultdict(set)
    bases = ArticleBasis.objects.filter(message__in=[one.message for one in answers])
    for message, article in bases.values_list("message", "version__article"):
        rested[message].add(article)
    solved = {one.message for one in answers if (one.case, one.at) not in again}
    curve = [_stretch(since, until, answers, solved, set(rested)) for since, until in _bounds()]
    new = [one for one in answers if one.days < NEW_UNTIL]
    if len({one.user for one in new}) < LEAST_PEOPLE:
        return Newcomers(curve, Share(), [])
    return Newcomers(
        curve,
        _share([one for one in new if one.message not in rested], solved),
        _helped(new, solved, rested, actor),
    )


def _answers(actor: Actor) -> list[_Answer]:
    now = clock.now()
    ours = Message.objects.filter(
        author=Message.Author.STAFF,
        automatic="",
        user__isnull=False,
        at__gte=now - timedelta(days=DAYS),
        at__lte=now - UNTIL_SOLVED,
        case__in=visible(actor),
    )
    fields = ("pk", "case", "case__customer", "at", "user", "user__date_joined")
    rows = ours.order_by("-at", "-pk").values_list(*fields)[:MOST]
    return [
        _Answer(pk, case, customer, at, user, max(0, (at - joined).days))
        for pk, case, customer, at, user, joined in rows
    ]


def _bounds() -> list[tuple[int, int | None]]:
    return list(zip(STRETCHES, (*STRETCHES[1:], None), strict=True))


def _stretch(
    since: int, until: int | None, answers: Sequence[_Answer], solved: set[int], rested: set[int]
) -> Stretch:
    here = [one for one in answers if one.days >= since and (until is None or one.days < until)]
    founded = [one for one in here if one.message in rested]
    plain = [one for one in here if one.message not in rested]
    people = len({one.user for one in here})
    if people < LEAST_PEOPLE:
        return Stretch(since, until, people)
    return Stretch(since, until, people, _share(founded, solved), _share(plain, solved))


def _share(answers: Sequence[_Answer], solved: set[int]) -> Share:
    return Share(sum(one.message in solved for one in answers), len(answers))


def _helped(
    new: Sequence[_Answer], solved: set[int], rested: dict[int, set[int]], actor: Actor
) -> list[Helped]:
    every, good = Counter[int](), Counter[int]()
    for one in new:
        for article in rested.get(one.message, ()):
            every[article] += 1
            good[article] += one.message in solved
    wanted = [article for article, count in every.items() if count >= LEAST_ANSWERS]
    titles = articles_in_sight(actor).filter(pk__in=wanted).values_list("pk", "title")
    found = [Helped(pk, title, Share(good[pk], every[pk])) for pk, title in titles]
    return sorted(found, key=lambda one: (-(one.share.percent or 0), -one.share.all, one.title))
