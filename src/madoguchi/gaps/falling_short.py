"""Articles that fall short: customers say that they did not help, or leave the bot at them and come again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from madoguchi.bot.models import Talk, Turn
from madoguchi.cases.models import Case
from madoguchi.gaps.models import Gap
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.knowledge.queries import published

# So many customers, and as many as say the contrary, are no chance; the same of who left.
LEAST_CUSTOMERS, MOST_EXAMPLES = 3, 20
# Of five: from there down nobody is content.
LOW_SCORE = 2
# Whoever is silent for an hour has left.
GONE = timedelta(hours=1)
UNTIL_AGAIN = timedelta(days=7)
# Said by the chat, which lies above this package.
_JUDGED = "chat.judged"
Outcome = Turn.Outcome


@dataclass(slots=True)
class _Heard:
    """What is known of one article: customers by what they said or did, with when they asked what (message ids)."""

    no: set[int] = field(default_factory=set)
    yes: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    asked: dict[str, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))


def falling_short(company: int, since: datetime) -> list[Gap]:
    """The articles in force that fall short by what bots told from them since, not kept yet, those of most customers
    first. Five queries.
    """
    versions = {one.pk: one for one in published(company)}
    turns = Turn.objects.filter(company=company, at__gte=since, outcome__in=[Outcome.ANSWER, Outcome.SUGGEST])
    low = _judged_low(company, since)
    ended, again = _ended(company, since), _came_again(company, since)
    heard: dict[int, _Heard] = defaultdict(_Heard)
    for turn in turns.select_related("case").order_by("pk"):
        left = turn.pk in ended
        offered = [turn.version_id] if turn.version_id else turn.offered
        for article in {versions[one].article_id for one in offered if one in versions}:
            _note(heard[article], turn, low=left and turn.case_id in low, left=left, again=again)
    titles = {one.article_id: one.title for one in versions.values()}
    found = [gap for article, one in heard.items() for gap in _gaps(company, article, titles[article], one)]
    return sorted(found, key=lambda gap: -gap.figures["customers"])


def _note(one: _Heard, turn: Turn, *, low: bool, left: bool, again: dict[int, list[datetime]]) -> None:
    """An answer did not help where its customer says so, or judges the talk that ends with it badly; they left at it
    where they come again, and at suggestions in any case.
    """
    who, asked = turn.case.customer_id, (turn.at, turn.asked_id)
    if turn.outcome == Outcome.ANSWER and turn.helped:
        one.yes.add(who)
    elif turn.outcome == Outcome.ANSWER and (turn.helped is False or low):
        one.no.add(who)
        one.asked[Gap.Kind.UNHELPFUL].append(asked)
    elif left and (turn.outcome == Outcome.SUGGEST or _comes(again.get(who, []), turn.at)):
        one.left.add(who)
        one.asked[Gap.Kind.LEFT].append(asked)


def _gaps(company: int, article: int, title: str, heard: _Heard) -> Iterable[Gap]:
    kinds = ((Gap.Kind.UNHELPFUL, heard.no, heard.yes), (Gap.Kind.LEFT, heard.left, set[int]()))
    for kind, who, contrary in kinds:
        if len(who) < max(LEAST_CUSTOMERS, len(contrary)):
            continue
        asked = sorted(heard.asked[kind])
        yield Gap(
            company_id=company,
            kind=kind,
            improves_id=article,
            words=[title[:100]],
            figures={"customers": len(who), "helped": len(contrary)},
            messages=[pk for _at, pk in reversed(asked)][:MOST_EXAMPLES],
            first_at=asked[0][0],
        )


def _judged_low(company: int, since: datetime) -> set[int]:
    judged = Event.objects.filter(company_id=company, kind=_JUDGED, at__gte=since, data__score__lte=LOW_SCORE)
    return set(judged.exclude(case_id=None).values_list("case_id", flat=True))


def _ended(company: int, since: datetime) -> set[int]:
    """With what the talks ended that the bot had alone and in which nobody says any more."""
    alone = Talk.objects.filter(case=OuterRef("case"), held_by=Talk.With.BOT)
    later = Turn.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    turns = Turn.objects.filter(company=company, at__gte=since, at__lte=clock.now() - GONE)
    return set(turns.filter(Exists(alone), ~Exists(later)).values_list("pk", flat=True))


def _came_again(company: int, since: datetime) -> dict[int, list[datetime]]:
    """When customers of the bot opened cases, by customer."""
    led = Talk.objects.filter(case__customer=OuterRef("customer"))
    opened: dict[int, list[datetime]] = defaultdict(list)
    cases = Case.objects.filter(Exists(led), company=company, opened_at__gte=since)
    for who, at in cases.values_list("customer", "opened_at"):
        opened[who].append(at)
    return opened


def _comes(opened: list[datetime], at: datetime) -> bool:
    return any(at < one <= at + UNTIL_AGAIN for one in opened)
