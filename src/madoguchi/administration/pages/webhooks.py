"""Webhooks: which of a company's own systems are told of what happens, and what became of each time."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import once
from madoguchi.administration.forms.webhooks import EndpointForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.trial import Trial
from madoguchi.administration.wording import event_name
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.webhooks import actions
from madoguchi.webhooks.models import Delivery, Endpoint
from madoguchi.webhooks.queries import (
    companies_to_tell,
    deliveries_of,
    delivery_of,
    endpoint_of,
    endpoints_of,
    is_left,
    said,
    why_off,
)
from madoguchi.webhooks.signing import host_of

KEPT = "webhook_secret_shown_once"


@require_safe
@requires(Permission.WEBHOOKS)
def webhooks(request: StaffRequest) -> HttpResponse:
    """The endpoints of the actor's companies, each by its server alone."""
    page = page_of(request, endpoints_of(request.actor).defer("secret", "old_secret"))
    rows = [(each, host_of(each.url), why_off(each)) for each in page]
    return show(request, "webhooks", section="webhooks", page=page, rows=rows)


@require_http_methods(["GET", "POST"])
@requires(Permission.WEBHOOKS)
def webhook_new(request: StaffRequest) -> HttpResponse:
    """Have a system told; the next page shows the secret."""
    form = EndpointForm(request.POST or None, companies=companies_to_tell(request.actor))
    added = carried_out(form, lambda **data: actions.add_endpoint(**data, by=request.actor))
    if added:
        _show_once(request, added)
        return redirect("administration:webhook", pk=added.pk)
    return show_form(request, "webhook", section="webhooks", form=form)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.WEBHOOKS)
def webhook(request: StaffRequest, pk: int) -> HttpResponse:
    """One endpoint: its address, what it is told of, whether it answers."""
    found = endpoint_of(pk, actor=request.actor)
    form = EndpointForm(request.POST or None, initial={"url": found.url, "kinds": found.kinds})
    if request.POST and carried_out(
        form, lambda **data: actions.change_endpoint(found, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:webhook", pk=pk)
    return _page(request, found, form)


@require_POST
@requires(Permission.WEBHOOKS)
def webhook_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Send something now and show what the other side says."""
    found = endpoint_of(pk, actor=request.actor)
    tried = actions.try_out(found, by=request.actor)
    words = said(tried.status, tried.words)
    answer = "\n".join(str(each) for each in (tried.status, words) if each)
    trial = (
        Trial.good(_("Your system took the test."), answer)
        if tried.taken
        else Trial.bad(_("Your system did not take the test."), answer)
    )
    return _page(request, found, _form_of(found), trial=trial)


@require_POST
@requires(Permission.WEBHOOKS)
def webhook_rotate(request: StaffRequest, pk: int) -> HttpResponse:
    """Give it a new secret; the next page shows it."""
    found = endpoint_of(pk, actor=request.actor)
    actions.rotate_secret(found, by=request.actor)
    _show_once(request, found)
    return redirect("administration:webhook", pk=pk)


@require_POST
@requires(Permission.WEBHOOKS)
def webhook_switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch it on or off."""
    on = request.POST.get("on") == "1"
    actions.switch(endpoint_of(pk, actor=request.actor), on=on, by=request.actor)
    say(request, text=_("What happens from now on is sent.") if on else _("It is told nothing any more."))
    return redirect("administration:webhook", pk=pk)


@require_POST
@requires(Permission.WEBHOOKS)
def webhook_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Tell it nothing any more, for good."""
    actions.remove_endpoint(endpoint_of(pk, actor=request.actor), by=request.actor)
    say(request, text=_("The webhook is removed."))
    return redirect("administration:webhooks")


@require_safe
@requires(Permission.WEBHOOKS)
def webhook_log(request: StaffRequest, pk: int) -> HttpResponse:
    """What was sent to it, the newest first, and what it said."""
    found = endpoint_of(pk, actor=request.actor)
    page = page_of(request, deliveries_of(found))
    rows = [(each, event_name(each.kind), _state(each), said(each.status, each.response)) for each in page]
    context: dict[str, Any] = {
        "endpoint": found,
        "page": page,
        "rows": rows,
        "where": host_of(found.url),
    }
    return show(request, "webhook_log", section="webhooks", **context)


@require_POST
@requires(Permission.WEBHOOKS)
def webhook_replay(request: StaffRequest, pk: int, delivery: int) -> HttpResponse:
    """Send one of them once more."""
    found = delivery_of(delivery, actor=request.actor)
    if found.endpoint_id != pk:
        raise NotFound
    actions.replay(found, by=request.actor)
    say(request, text=_("It is sent once more."))
    return redirect("administration:webhook_log", pk=pk)


def _show_once(request: StaffRequest, endpoint: Endpoint) -> None:
    once.keep(request, KEPT, endpoint=endpoint.pk, secret=endpoint.secret)


def _secret_to_show(request: StaffRequest, endpoint: Endpoint) -> str:
    return str(once.take(request, KEPT, endpoint=endpoint.pk).get("secret", ""))


def _form_of(found: Endpoint) -> EndpointForm:
    return EndpointForm(initial={"url": found.url, "kinds": found.kinds})


def _page(
    request: StaffRequest, found: Endpoint, form: EndpointForm, *, trial: Trial | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"endpoint": found, "form": form, "trial": trial, "off": why_off(found)}
    context |= {"where": host_of(found.url), "secret": _secret_to_show(request, found)}
    return show_form(request, "webhook", section="webhooks", **context)


def _state(delivery: Delivery) -> str:
    words = {
        Delivery.State.QUEUED: _("On its way"),
        Delivery.State.SENDING: _("Being sent"),
        Delivery.State.DELIVERED: _("Taken"),
        Delivery.State.FAILED: _("Given up"),
    }
    return _("Given up: the webhook was off") if is_left(delivery) else words[Delivery.State(delivery.state)]
