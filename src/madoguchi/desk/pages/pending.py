"""Answers that wait: for their time, for a senior, or for who wrote them."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases.actions import drop_said
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.cases.queries import pending_answer
from madoguchi.delivery import actions
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import offered, read_moment
from madoguchi.desk.pages.parts import DeskRequest, acted
from madoguchi.desk.pending import why_held
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.look.moments import full
from madoguchi.people.access import requires
from madoguchi.promises.keeping import withdraw_unsaid

State = PendingAnswer.State


@require_POST
@requires(Permission.CASE_REPLY)
def plan(request: DeskRequest, answer: int) -> HttpResponse:
    """Let an answer that waits leave now, or at another time."""
    case = pending_answer(answer, actor=request.actor).case
    at = None if request.POST.get("later") == "now" else chosen_time(request)
    return told_of(request, case, actions.plan(answer, at=at, by=request.actor))


@require_POST
@requires(Permission.CASE_REPLY)
def withdraw(request: DeskRequest, answer: int) -> HttpResponse:
    """Take an answer that waits, or was thrown away, back into the composer."""
    case = pending_answer(answer, actor=request.actor).case
    with transaction.atomic():
        gone = actions.withdraw(answer, by=request.actor)
        as_notice = withdraw_unsaid(case.pk, answer=answer)
        if as_notice:
            drop_said(case, text=gone.text, by=request.actor)
    told = said_of_notice() if as_notice else _("Taken back. Nothing was sent.")
    return acted(request, case, told, composer=True)


@require_POST
@requires(Permission.CASE_REPLY)
def discard(request: DeskRequest, answer: int) -> HttpResponse:
    """Let an answer that waits never leave, or put away one that came back."""
    case = pending_answer(answer, actor=request.actor).case
    gone = actions.discard(answer, by=request.actor)
    if gone.state != State.DISCARDED:
        return acted(request, case)
    undo = reverse("desk:pending_withdraw", args=[answer])
    return acted(
        request, case, _("Thrown away. It will not be sent."), undo=undo, seconds=settings.UNDO_SECONDS
    )


@require_POST
@requires(Permission.CASE_APPROVE)
def approve(request: DeskRequest, answer: int) -> HttpResponse:
    """A senior lets a colleague's answer leave, with other words where they wrote some."""
    case = pending_answer(answer, actor=request.actor).case
    done = actions.approve(answer, text=request.POST.get("text"), by=request.actor)
    return told_of(request, case, done)


@require_POST
@requires(Permission.CASE_APPROVE)
def give_back(request: DeskRequest, answer: int) -> HttpResponse:
    """A senior returns a colleague's answer with a comment."""
    case = pending_answer(answer, actor=request.actor).case
    actions.give_back(answer, comment=request.POST.get("comment", ""), by=request.actor)
    return acted(request, case, _("Returned, with your comment."), composer=True)


def told_of(request: DeskRequest, case: Case, done: Outgoing | PendingAnswer) -> HttpResponse:
    """What became of an answer, with the way back."""
    seconds = settings.UNDO_SECONDS
    if isinstance(done, Outgoing) and done.channel == Channel.CHAT:
        return acted(request, case, _("Your answer is in the chat."), composer=True)
    if isinstance(done, Outgoing):
        undo = reverse("desk:take_back", args=[done.pk])
        return acted(request, case, _("Sending your answer."), undo=undo, seconds=seconds, composer=True)
    if done.state == State.HELD:
        return acted(request, case, _("It was held, and not sent. %(why)s") % {"why": why_held(done)})
    own = done.user_id == request.actor.id
    undo = reverse("desk:pending_withdraw", args=[done.pk]) if own else ""
    return acted(request, case, _planned(done), undo=undo, seconds=seconds, composer=own)


def said_of_notice() -> str:
    """What is said where an answer that was taken back was a notice of delay."""
    return _("Taken back. Nothing was sent. The notice of delay is a draft again, with its words.")


def chosen_time(request: DeskRequest) -> datetime | None:
    """The time that a form asks for; None where it asks for none. Raises Refused."""
    later = request.POST.get("later", "")
    if later != "own":
        return offered(later, clock.now())
    written = request.POST.get("at", "")
    if not written:
        raise Refused(_("Say when it is to leave."), field="at")
    return read_moment(written)


def _planned(done: PendingAnswer) -> str:
    if done.state == State.AWAITING:
        return _("A senior is asked to approve it.")
    return _("It leaves %(when)s.") % {"when": full(done.due_at) if done.due_at else ""}
