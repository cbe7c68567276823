"""What a customer is asked of a case, and what they said."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor

from django.db.models import Count, Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Desk
from madoguchi.complaints.models import Complaint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.shares import share_lies_between
from madoguchi.shield.models import Mark
from madoguchi.surveys.events import SurveyAnswered, SurveyInvited
from madoguchi.surveys.models import Survey

_COUNTED, _READ_WITHIN = timedelta(days=90), timedelta(days=2)
AT_REST = (Status.SOLVED, Status.CLOSED)
# Each question: its name, its words, what its least and greatest point mean.
_Scale = tuple[range, str | Promise, str | Promise, str | Promise]
SCALES: dict[str, _Scale] = {
    "satisfied": (
        range(1, 6),
        _("How satisfied are you with how we helped you?"),
        _("Not at all"),
        _("Very"),
    ),
    "easy": (range(1, 8), _("How easy was it to have your matter settled?"), _("Very hard"), _("Very easy")),
    "recommends": (
        range(11),
        _("How likely are you to recommend us to a friend or colleague?"),
        _("Not likely"),
        _("Very likely"),
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its points, and what the least and the greatest of them mean."""

    name: str
    words: str
    points: range
    least: str
    most: str


@dataclass(frozen=True, slots=True)
class AnswerRate:
    """How many of those who were asked by mail answered, and in which range that lies (95 %, in whole percent)."""

    asked: int
    answered: int

    @property
    def percent(self) -> int:
        """The share that answered, rounded."""
        return round(100 * self.answered / self.asked) if self.asked else 0

    @property
    def low(self) -> int:
        """Where the range begins, rounded down."""
        return floor(round(100 * share_lies_between(self.answered, self.asked)[0], 6))

    @property
    def high(self) -> int:
        """Where it ends, rounded up."""
        return ceil(round(100 * share_lies_between(self.answered, self.asked)[1], 6))


def answer_rate(desk: Desk) -> AnswerRate:
    """Of those whom a desk asked by mail in the last 90 days, without the last two, in which many have still to read
    it. One query.
    """
    now = clock.now()
    rows = Event.objects.filter(company=desk.company_id, desk_id=desk.pk, kind=SurveyInvited.kind)
    rows = rows.filter(at__gte=now - _COUNTED, at__lt=now - _READ_WITHIN)
    later = Event.objects.filter(
        company=desk.company_id,
        case_id=OuterRef("case_id"),
        kind=SurveyAnswered.kind,
        at__gte=OuterRef("at"),
    )
    found = rows.aggregate(asked=Count("id"), answered=Count("id", filter=Exists(later)))
    return AnswerRate(**found)


def survey_of(desk: Desk) -> Survey:
    """What a desk asks; one that asks nothing yet where none was set up. One query."""
    return Survey.objects.filter(desk=desk).first() or Survey(company_id=desk.company_id, desk=desk)


def questions_for(case: Case) -> list[Question]:
    """What the customer of a case is asked now: once each time it was solved. Two queries at most."""
    if case.status not in AT_REST or case.continued_in_id:
        return []
    survey = Survey.objects.filter(desk=case.desk_id, active=True).first()
    if survey is None or last_answer(case) is not None:
        return []
    return questions_of(survey)


def questions_of(survey: Survey) -> list[Question]:
    """The questions that a survey asks beside whether it is solved, in words. Pure."""
    return [
        Question(name, str(words), points, str(least), str(most))
        for name, (points, words, least, most) in SCALES.items()
        if getattr(survey, name)
    ]


def last_answer(case: Case) -> Event | None:
    """What the customer said since the case was solved last. One query."""
    rows = Event.objects.filter(company=case.company_id, case_id=case.pk, kind=SurveyAnswered.kind)
    if case.solved_at:
        rows = rows.filter(at__gte=case.solved_at)
    return rows.order_by("-id").first()


def may_be_asked_for_a_review(case: Case) -> bool:
    """Whether the customer of a case may be asked for a review: the company wants it, they complained of nothing, no
    manner of theirs is in question in any case, and their data is in use. Three queries at most.
    """
    return bool(survey_of(case.desk).review_url) and not is_at_odds(case)


def is_at_odds(case: Case) -> bool:
    """Whether the customer of a case complained of anything, their manner is in question in any case, or their data is
    not to be used. Two queries at most.
    """
    if case.customer.use_stopped_at:
        return True
    theirs = {"company": case.company_id, "case__customer": case.customer_id}
    suspected = Mark.objects.filter(**theirs).exclude(state=Mark.State.CLEARED)
    return suspected.exists() or bool(Complaint.objects.filter(**theirs).exists())
