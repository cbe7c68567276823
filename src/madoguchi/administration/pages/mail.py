"""Mail on its way: quarantine, the built-in outbox, and what was not delivered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.administration import queries
from madoguchi.administration.pages.frame import page_of, show
from madoguchi.cases.actions import note_reading
from madoguchi.intake import actions as intake
from madoguchi.intake.models import Arrival
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.QUARANTINE)
def quarantine(request: StaffRequest) -> HttpResponse:
    """What arrived and could not be handled."""
    rows = page_of(request, queries.quarantined(request.actor))
    return show(request, "quarantine", section="quarantine", page=rows)


@require_safe
@requires(Permission.QUARANTINE)
def quarantined(request: StaffRequest, pk: int) -> HttpResponse:
    """One arrival: the reason, and the beginning of what came, as text."""
    found = queries.quarantined_one(request.actor, pk)
    raw = queries.raw_text(found, request.actor)
    return show(request, "quarantined", section="quarantine", arrival=found, raw=raw, most=queries.MOST_SHOWN)


@require_POST
@requires(Permission.QUARANTINE)
def quarantine_retry(request: StaffRequest, pk: int) -> HttpResponse:
    """Try to handle an arrival again."""
    found = queries.quarantined_one(request.actor, pk)
    tried = intake.retry(found.pk, by=request.actor)
    if tried.state == Arrival.State.QUARANTINED:
        say(request, text=_("It could not be handled this time either."), level=messages.ERROR)
        return redirect("administration:quarantined", pk=pk)
    said = {
        Arrival.State.HANDLED: _("It was handled: the message is in its case now."),
        Arrival.State.REPEATED: _("It had come before: the message is in its case already."),
    }
    say(request, text=said.get(Arrival.State(tried.state), _("It is being handled.")))
    return redirect("administration:quarantine")


@require_safe
@requires(Permission.OUTBOX)
def outbox(request: StaffRequest) -> HttpResponse:
    """Mail that was kept here instead of being sent."""
    return show(request, "outbox", section="outbox", page=page_of(request, queries.sent_mail(request.actor)))


@require_safe
@requires(Permission.OUTBOX)
def sent_mail(request: StaffRequest, pk: int) -> HttpResponse:
    """One mail of the outbox as its receiver would have got it, but for keys to customers' pages; HTML as source."""
    found = queries.sent_mail_one(request.actor, pk)
    read = queries.read_mail(found)
    message = queries.message_sent(found) if read.bears_key else None
    if message:
        note_reading(message, sent=True, by=request.actor)
    return show(request, "sent_mail", section="outbox", mail=found, read=read)


@require_safe
@requires(Permission.OUTBOX)
def troubled(request: StaffRequest) -> HttpResponse:
    """Messages that did not reach the customer."""
    return show(
        request, "troubled", section="troubled", page=page_of(request, queries.troubled(request.actor))
    )
