"""Setting up what customers are asked, and taking what they answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import blot_card_numbers, clean, whole_number
from madoguchi.surveys.events import SurveyAnswered, SurveyKept
from madoguchi.surveys.models import Survey
from madoguchi.surveys.policies import is_content, may_shape
from madoguchi.surveys.queries import SCALES, may_be_asked_for_a_review, questions_for, survey_of

# Within two days one still remembers how one was helped.
MOST_WORDS, MOST_HOURS = 2_000, 48
_CUSTOMER = Actor(kind=ActorKind.CUSTOMER, name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfSurvey:
    """What customers are asked, as it is said."""

    active: bool
    satisfied: bool
    easy: bool
    recommends: bool
    invite_after: int | None = None
    review_url: str = ""


@transaction.atomic
def keep_survey(desk: Desk, said: SaidOfSurvey, *, by: Actor) -> Survey:
    """Say what a desk asks once a case is solved. Raises NotAllowed, and Refused for asking nothing, for hours that are
    none, and for an address of reviews that is not of https.
    """
    if not may_shape(by, desk):
        raise NotAllowed(Permission.DESKS)
    if said.active and not any(getattr(said, name) for name in SCALES):
        raise Refused(_("Choose at least one question."), field="satisfied")
    if said.invite_after is not None and not 1 <= said.invite_after <= MOST_HOURS:
        words = _("Write a number of hours from 1 to %(most)s.") % {"most": MOST_HOURS}
        raise Refused(words, field="invite_after")
    if said.review_url and not _is_of_https(said.review_url):
        raise Refused(_("Write an address that begins with https://."), field="review_url")
    one_at_a_time(f"survey of desk {desk.pk}")
    survey = survey_of(desk)
    if survey.pk is None:
        survey.save()
    changes = set_changed(survey, **asdict(said))
    if changes:
        record(SurveyKept(company=desk.company_id, desk=desk.pk, changes=changes), by=by)
    return survey


@transaction.atomic
def answer_survey(case: Case, given: Mapping[str, str]) -> bool:
    """Take what the customer of a case answers: `solved` (yes, no), a point for each question, `words`. Whether they
    are then asked for a review: only where they say that it is solved and are content, once in a case, and as
    `may_be_asked_for_a_review` says.

    Raises Refused for no answer and for what is none of the points, Conflict where nothing is asked (any more).
    """
    held = Case.objects.select_for_update(no_key=True).select_related("desk").get(pk=case.pk)
    asked = {one.name: one.points for one in questions_for(held)}
    if not asked:
        raise Conflict(_("Thank you. Your answer has been kept already, or the case is open again."))
    points = {name: _point(given.get(name, ""), asked.get(name, range(0)), name) for name in SCALES}
    if given.get("solved") not in ("yes", "no"):
        raise Refused(_("Say whether your matter is solved."), field="solved")
    solved = given["solved"] == "yes"
    content = is_content(solved=solved, points=points)
    review = content and not _was_asked_for_a_review(held) and may_be_asked_for_a_review(held)
    fact = SurveyAnswered(
        **held.where,
        solved=solved,
        satisfied=points["satisfied"],
        easy=points["easy"],
        recommends=points["recommends"],
        review_asked=review,
    )
    words = blot_secrets(blot_card_numbers(clean(given.get("words", "")).strip()))[:MOST_WORDS]
    record(fact, by=_CUSTOMER, words={"words": ["", words]} if words else None)
    return review


def _point(written: str, points: range, name: str) -> int | None:
    if not written.strip():
        return None
    point = whole_number(written)
    if point not in points:
        raise Refused(_("Choose one of the points."), field=name)
    return point


def _was_asked_for_a_review(case: Case) -> bool:
    rows = Event.objects.filter(company=case.company_id, case_id=case.pk, kind=SurveyAnswered.kind)
    return rows.filter(data__review_asked=True).exists()


def _is_of_https(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and bool(parts.hostname)
