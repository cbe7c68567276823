"""How good answers are by how long ago their writer joined, with an article and without, for those who lead them.

No person is told of: each figure rests on three people or more, and so does whatever is left of one figure when others
are taken off; the reader, who knows their own answers, is not among them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from madoguchi.cases.models import Message
from madoguchi.cases.queries import visible
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.models import ArticleBasis
from madoguchi.desk.article_figures import UNTIL_SOLVED, came_again
from madoguchi.desk.subject_map import LEAST_PEOPLE
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.people.queries import people_led

# `came_again` looks back thirty days; of these the last seven are not decided yet.
DAYS, MOST = 30, 5_000
# Evaluates whom somebody leads; the company's own staff sees, and does not direct.
LEADS = Permission.CALL_WATCH
# Where stretches begin, in days since somebody joined.
STRETCHES = (0, 30, 90, 180, 365)
NEW_UNTIL = 90


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
    """Answers of people who had joined `since` days ago, up to the next stretch (`until`, None: whenever before). What
    they came to in all (`every`) is None for too few people; with an article and without, where either is of too few.
    """

    since: int
    until: int | None
    people: int
    every: Share | None = None
    with_article: Share | None = None
    without: Share | None = None


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

    def is_in(self, since: int, until: int | None) -> bool:
        """Whether its writer had joined so long ago."""
        return self.days >= since and (until is None or self.days < until)

    @property
    def decided(self) -> tuple[int, int, datetime]:
        return self.case, self.customer, self.at


@dataclass(frozen=True, slots=True)
class Newcomers:
    """The curve of quality, and what articles do for who is new, the most helpful first; `plain` are newcomers' answers
    that rest on none. Of newcomers only stretches count whose shares are told, else the sum would tell them.
    """

    curve: list[Stretch]
    plain: Share
    helped: list[Helped]


def newcomers_of(actor: Actor) -> Newcomers:
    """How answers of people did that are seven to thirty days old: of those whom the actor leads, at the desks where
    they do. Eight queries.
    """
    answers = _answers(actor)
    again = came_again({one.decided for one in answers})
    rested: dict[int, set[int]] = defaultdict(set)
    bases = ArticleBasis.objects.filter(message__in=[one.message for one in answers])
    for message, article in bases.values_list("message", "version__article"):
        rested[message].add(article)
    solved = {one.message for one in answers if (one.case, one.at) not in again}
    curve = [_stretch(since, until, answers, solved, set(rested)) for since, until in _bounds()]
    told = [one for one in curve if one.since < NEW_UNTIL and one.without is not None]
    new = [[one for one in answers if one.is_in(each.since, each.until)] for each in told]
    plain = [one for stretch in new for one in stretch if one.message not in rested]
    founded = [[one for one in stretch if one.message in rested] for stretch in new]
    return Newcomers(curve, _share(plain, solved), _helped(founded, solved, rested, actor))


def tellable(
    groups: Mapping[int, frozenset[int]], told: Sequence[frozenset[int]], person: Mapping[int, int]
) -> list[int]:
    """Of these groups of answers those that can be told beside what is (`told`) and one another: each is of enough
    people, and so is what is left where one is taken off another that holds it, or all are off what is told. `person`
    says whose each answer is. The largest are taken first.
    """

    def enough(answers: Collection[int]) -> bool:
        return not answers or len({person[one] for one in answers}) >= LEAST_PEOPLE

    def can_be(one: frozenset[int], beside: Iterable[frozenset[int]]) -> bool:
        nested = (one ^ each for each in beside if one <= each or each <= one)
        return bool(one) and enough(one) and all(map(enough, nested))

    taken: list[int] = []
    for key in sorted(groups, key=lambda one: -len(groups[one])):
        if can_be(groups[key], [*filter(None, told), *(groups[one] for one in taken)]):
            taken.append(key)
    whole = frozenset[int]().union(*told)
    while taken and not enough(whole.difference(*(groups[one] for one in taken))):
        taken.pop()
    return taken


def _answers(actor: Actor) -> list[_Answer]:
    now = clock.now()
    led = people_led(actor, desks_of(actor, permission=LEADS))
    people = set[int]().union(*led.values()) - {actor.id}
    ours = Message.objects.filter(
        author=Message.Author.STAFF,
        automatic="",
        user__in=people,
        at__gte=now - timedelta(days=DAYS),
        at__lte=now - UNTIL_SOLVED,
        case__in=visible(actor).filter(desk__in=led),
    )
    fields = ("pk", "case", "case__customer", "at", "user", "user__date_joined", "case__desk")
    rows = ours.order_by("-at", "-pk").values_list(*fields)[:MOST]
    return [
        _Answer(pk, case, customer, at, user, max(0, (at - joined).days))
        for pk, case, customer, at, user, joined, desk in rows
        if user in led[desk]
    ]


def _bounds() -> list[tuple[int, int | None]]:
    return list(zip(STRETCHES, (*STRETCHES[1:], None), strict=True))


def _stretch(
    since: int, until: int | None, answers: Sequence[_Answer], solved: set[int], rested: set[int]
) -> Stretch:
    here = [one for one in answers if one.is_in(since, until)]
    founded = [one for one in here if one.message in rested]
    plain = [one for one in here if one.message not in rested]
    people = _people(here)
    if people < LEAST_PEOPLE:
        return Stretch(since, until, people)
    if any(0 < _people(each) < LEAST_PEOPLE for each in (founded, plain)):
        return Stretch(since, until, people, _share(here, solved))
    return Stretch(since, until, people, _share(here, solved), _share(founded, solved), _share(plain, solved))


def _people(answers: Iterable[_Answer]) -> int:
    return len({one.user for one in answers})


def _share(answers: Collection[_Answer], solved: set[int]) -> Share:
    return Share(sum(one.message in solved for one in answers), len(answers))


def _helped(
    founded: Sequence[Sequence[_Answer]], solved: set[int], rested: Mapping[int, set[int]], actor: Actor
) -> list[Helped]:
    of: dict[int, set[int]] = defaultdict(set)
    for one in chain(*founded):
        for article in rested[one.message]:
            of[article].add(one.message)
    titles = dict(articles_in_sight(actor).filter(pk__in=of).values_list("pk", "title"))
    groups = {article: frozenset(messages) for article, messages in of.items() if article in titles}
    user = {one.message: one.user for one in chain(*founded)}
    told = [frozenset(one.message for one in stretch) for stretch in founded]
    found = [
        Helped(pk, titles[pk], Share(len(groups[pk] & solved), len(groups[pk])))
        for pk in tellable(groups, told, user)
    ]
    return sorted(found, key=lambda one: (-(one.share.percent or 0), -one.share.all, one.title))
