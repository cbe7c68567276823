"""A case that is spam: it is closed, its sender is kept out, and both can be taken back."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Status
from madoguchi.desk.pages.changing import chosen
from madoguchi.desk.pages.parts import DeskRequest, acted, the_case
from madoguchi.desk.queries import first_sender, may_call_spam
from madoguchi.intake.models import SenderRule
from madoguchi.intake.senders import forget_sender, rule_sender, rules_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.access import requires


@require_POST
@requires(Permission.SPAM)
def block(request: DeskRequest, number: str) -> HttpResponse:
    """Close the case, and keep the sender's mail out from now on; the answer offers the way back."""
    case = _to_judge(request, number)
    before, sender = case.status, first_sender(case)
    rule_sender(case.company_id, pattern=sender, kind=SenderRule.Kind.BLOCK, by=request.actor)
    change_status(case, to=Status.CLOSED, by=request.actor, complete=False)
    undo = f"{reverse('desk:no_spam', args=[number])}?status={before}"
    return acted(request, case, _("Closed as spam. Mail from the sender is kept out from now on."), undo=undo)


@require_POST
@requires(Permission.SPAM)
def take_back(request: DeskRequest, number: str) -> HttpResponse:
    """It was no spam: take the sender off the list, and put the case back to where it stood."""
    case, to = _to_judge(request, number), chosen(Status, request.GET.get("status", Status.OPEN))
    rules = rules_of(request.actor).filter(company_id=case.company_id, kind=SenderRule.Kind.BLOCK)
    for rule in rules.filter(pattern=first_sender(case)):
        forget_sender(rule.pk, by=request.actor)
    change_status(case, to=to, by=request.actor, without_words=True, complete=False)
    return acted(request, case, _("The sender's mail is taken in again."))


def _to_judge(request: DeskRequest, number: str) -> Case:
    case = the_case(request, number)
    if not may_call_spam(request.actor, case):
        raise NotAllowed(Permission.SPAM)
    return case
