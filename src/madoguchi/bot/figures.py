"""How the bot of a desk does, scored like anybody who answers there."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from madoguchi.bot.curve import Point, curve_of, labelled
from madoguchi.bot.models import Bot, Reason, Talk, Turn, Verdict
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk
from madoguchi.delivery.models import ArticleBasis
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.knowledge.models import ArticleVersion

DAYS = 30
# Whoever has not come back by then, and was answered by no person, was helped.
UNTIL_SOLVED = timedelta(days=7)
_DAYS_OF_CURVE, _MOST_OF_CURVE = 180, 5_000
Outcome = Turn.Outcome
# Said by the chat, which lies above this package.
_JUDGED = "chat.judged"


@dataclass(frozen=True, slots=True)
class Content:
    """What customers said at the end of talks, from 1 to 5: the mean of how many."""

    mean: float = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The last 30 days of one desk. `solved` of `decided` talks with an answer, those that began seven days ago or
    earlier, needed no person within seven days; `wrong` answers rest on a version that was corrected since; `wait` is
    the middle of the seconds from handing over to a person's first word. `content` is of talks that it had
    alone, beside those `content_with_people`; `yen` is what one resolution costs (`cost_of_one`), None where
    that is not known.
    """

    talks: int
    asked: int
    answered: int
    suggested: int
    handed: int
    helped: int
    not_helped: int
    solved: int
    decided: int
    wrong: int
    wait: int | None
    reasons: list[tuple[str, int]] = field(default_factory=list)
    content: Content = Content()
    content_with_people: Content = Content()
    yen: int | None = None
    yen_by_people: int = 0

    @property
    def percent_of_people(self) -> int | None:
        """What a resolution of its own costs, in whole percent of one by people; None where either is not known."""
        return round(100 * self.yen / self.yen_by_people) if self.yen and self.yen_by_people else None

    @property
    def percent_solved(self) -> int | None:
        """The share of them in whole percent; None where nothing is decided."""
        return round(100 * self.solved / self.decided) if self.decided else None

    @property
    def percent_helped(self) -> int | None:
        """The share of those who said so among those who said anything."""
        said = self.helped + self.not_helped
        return round(100 * self.helped / said) if said else None


def cost_of_one(yen: int, *, led: int, solved: int, decided: int) -> int | None:
    """What one resolution costs in whole yen, half a yen upwards: what the bot costs in 30 days, by the talks that it
    answered in (`led`) and the share of those that needed no person. None where nothing was said of what it costs, or
    nothing is solved yet.
    """
    if not yen or not led or not solved:
        return None
    return (2 * yen * decided + led * solved) // (2 * led * solved)


def figures_of(bot: Bot) -> Figures:
    """How the bot of a desk did in the last 30 days. Eleven queries, however many talks there were."""
    desk = bot.desk
    since = clock.now() - timedelta(days=DAYS)
    turns = Turn.objects.filter(desk=desk, at__gte=since)
    told = turns.aggregate(
        asked=Count("pk"),
        answered=Count("pk", filter=Q(outcome=Outcome.ANSWER)),
        suggested=Count("pk", filter=Q(outcome=Outcome.SUGGEST)),
        handed=Count("pk", filter=Q(outcome=Outcome.PERSON)),
        yes=Count("pk", filter=Q(helped=True)),
        no=Count("pk", filter=Q(helped=False)),
        led=Count("case", filter=Q(outcome=Outcome.ANSWER), distinct=True),
    )
    solved, decided = _solved(desk, since)
    alone, with_people = _content(desk, since)
    counted = turns.filter(outcome=Outcome.PERSON).values("reason").annotate(times=Count("pk"))
    reasons = counted.order_by("-times", "reason").values_list("reason", "times")
    talks, led = Talk.objects.filter(desk=desk, began_at__gte=since).count(), told.pop("led")
    return Figures(
        talks=talks,
        helped=told.pop("yes"),
        not_helped=told.pop("no"),
        **told,
        solved=solved,
        decided=decided,
        wrong=_wrong(turns),
        wait=_wait(desk, since),
        content=alone,
        content_with_people=with_people,
        yen_by_people=bot.yen_by_people,
        yen=cost_of_one(bot.yen_a_month + bot.yen_a_talk * talks, led=led, solved=solved, decided=decided),
        reasons=[(str(Reason(reason).label), times) for reason, times in reasons],
    )


def curve_at(desk: Desk) -> list[Point]:
    """How right the bot of a desk is from each confidence on, by the newest questions of half a year. Two queries."""
    since = clock.now() - timedelta(days=_DAYS_OF_CURVE)
    asked = Turn.objects.filter(desk=desk, at__gte=since).annotate(found=F("verdict__found"))
    ranked = asked.order_by("-pk")[:_MOST_OF_CURVE]
    turns = sorted(ranked, key=lambda turn: (turn.case_id, turn.pk))
    told = {turn.version_id for turn in turns if turn.version_id}
    wrong = ArticleVersion.objects.filter(pk__in=told, wrong_at__isnull=False).values_list("pk", flat=True)
    sure = [turn.confidence for turn in turns if turn.confidence is not None]
    told_right = {Verdict.Found.RIGHT: True, Verdict.Found.WRONG: False}
    judged = {turn.pk: told_right[turn.found] for turn in turns if turn.found in told_right}
    return curve_of(labelled(turns, corrected=wrong, judged=judged), sure)


def _solved(desk: Desk, since: datetime) -> tuple[int, int]:
    """Talks in which it answered and no person did within seven days of the last answer, nor did the customer ask anew
    in another case; and all that can be judged by now.
    """
    answers = Turn.objects.filter(desk=desk, outcome=Outcome.ANSWER, at__gte=since)
    told = answers.values_list("case", "case__customer").annotate(last=Max("at")).order_by("case")
    judged = {case: (who, last) for case, who, last in told if last < clock.now() - UNTIL_SOLVED}
    people = Message.objects.filter(case__in=judged, author=Message.Author.STAFF).values_list("case", "at")
    handed = Turn.objects.filter(case__in=judged, outcome=Outcome.PERSON).values_list("case", "at")
    needed = {case for case, at in [*people, *handed] if at <= judged[case][1] + UNTIL_SOLVED}
    customers = {who for who, _last in judged.values()}
    opened: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    later = Case.objects.filter(customer__in=customers, opened_at__gt=since)
    for pk, who, at in later.values_list("pk", "customer", "opened_at"):
        opened[who].append((pk, at))
    again = {
        case
        for case, (who, last) in judged.items()
        if any(pk != case and last < at <= last + UNTIL_SOLVED for pk, at in opened[who])
    }
    return len(judged) - len(needed | again), len(judged)


def _content(desk: Desk, since: datetime) -> tuple[Content, Content]:
    """What customers said at the end of the talks that began since: of those it had alone, and of the others."""
    talks = dict(Talk.objects.filter(desk=desk, began_at__gte=since).values_list("case", "held_by"))
    judged = Event.objects.filter(company_id=desk.company_id, kind=_JUDGED, case_id__in=talks, at__gte=since)
    scores: dict[bool, list[int]] = {True: [], False: []}
    for case, data in judged.values_list("case_id", "data"):
        scores[talks[case] == Talk.With.BOT].append(data["score"])
    alone, others = (
        Content(sum(told) / len(told), len(told)) if told else Content() for told in scores.values()
    )
    return alone, others


def _wrong(turns: QuerySet[Turn]) -> int:
    """How many answers rest on a version that was found wrong."""
    told = ArticleBasis.objects.filter(message__in=turns.filter(outcome=Outcome.ANSWER).values("said"))
    return told.exclude(version__wrong_at=None).count()


def _wait(desk: Desk, since: datetime) -> int | None:
    """The middle of the seconds from handing over to a person's first word."""
    said = Message.objects.filter(
        case=OuterRef("case"), author=Message.Author.STAFF, at__gt=OuterRef("handed_at")
    )
    handed = Talk.objects.filter(desk=desk, handed_at__gte=since).exclude(reason=Reason.TAKEN_OVER)
    answered = handed.annotate(first=Subquery(said.order_by("at").values("at")[:1])).exclude(first=None)
    waits = sorted((first - at).total_seconds() for at, first in answered.values_list("handed_at", "first"))
    return round(waits[len(waits) // 2]) if waits else None
