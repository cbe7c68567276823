"""What was taken for spam, and whose mail a company always takes or keeps out."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import queries
from madoguchi.administration.forms import SenderForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.intake import actions as intake
from madoguchi.intake import senders
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SPAM)
def spam(request: StaffRequest) -> HttpResponse:
    """What was kept out at the actor's desks, newest first."""
    return show(request, "spam", section="spam", page=page_of(request, queries.kept_out(request.actor)))


@require_safe
@requires(Permission.SPAM)
def spam_one(request: StaffRequest, pk: int) -> HttpResponse:
    """One of them: the reason, and the beginning of what came, as text."""
    found = queries.kept_out_one(request.actor, pk)
    raw = queries.raw_text(found, request.actor)
    return show(request, "spam_one", section="spam", arrival=found, raw=raw, most=queries.MOST_SHOWN)


@require_POST
@requires(Permission.SPAM)
def spam_take_in(request: StaffRequest, pk: int) -> HttpResponse:
    """It was no spam: take it in, and (`allow`) the sender's mail from now on."""
    found = queries.kept_out_one(request.actor, pk)
    tried = intake.take_in(found.pk, by=request.actor)
    if tried.state == Arrival.State.HANDLED and request.POST.get("allow"):
        sender = intake.sender_of(tried)
        senders.rule_sender(tried.company_id, pattern=sender, kind=SenderRule.Kind.ALLOW, by=request.actor)
    say(request, text=_outcome(tried))
    return redirect("administration:spam")


def _outcome(tried: Arrival) -> str:
    said = {
        Arrival.State.HANDLED: _("It was taken in: the message is in its case now."),
        Arrival.State.REPEATED: _("It had come before: the message is in its case already."),
    }
    return said.get(Arrival.State(tried.state), _("It could not be handled and is in quarantine now."))


@require_http_methods(["GET", "POST"])
@requires(Permission.SPAM)
def senders_list(request: StaffRequest) -> HttpResponse:
    """The lists of senders, and a form to add to one."""
    form = SenderForm(request.POST or None, companies=queries.companies_for_senders(request.actor))
    if request.POST and carried_out(form, lambda **data: senders.rule_sender(**data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:senders")
    rows = page_of(request, senders.rules_of(request.actor))
    return show_form(request, "senders", section="senders", form=form, page=rows)


@require_POST
@requires(Permission.SPAM)
def sender_forget(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a sender off the list; the answer offers the way back."""
    rule = queries.sender_rule(request.actor, pk)
    undo = reverse("administration:sender_put_back", args=[senders.forget_sender(rule.pk, by=request.actor)])
    shown = queries.without_addresses(rule.pattern, company=rule.company_id, reader=request.actor)
    say(request, text=_("“%(pattern)s” is no longer on the list.") % {"pattern": shown}, undo_url=undo)
    return redirect("administration:senders")


@require_POST
@requires(Permission.SPAM)
def sender_put_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo the taking off, by the id of its event."""
    senders.put_sender_back(pk, by=request.actor)
    say(request, text=_("The sender is on the list again."))
    return redirect("administration:senders")
