"""Subscriptions: begun from an order, looked at, left out once, paused, cancelled; and all that there are."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look_at_customer
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.identity import Act
from madoguchi.cases.queries import visible
from madoguchi.commerce import policies
from madoguchi.commerce.models import Order, Subscription
from madoguchi.commerce.queries import order_by_id
from madoguchi.commerce.solicitations import solicitation_of_subscription
from madoguchi.commerce.subscriptions import (
    REASONS,
    begin_subscription,
    cancel,
    keep_on,
    pause,
    reasons_counted,
    resume,
    skip,
    subscription_by_id,
    subscriptions_seen,
)
from madoguchi.desk.identity import sure_for
from madoguchi.desk.pages.parts import DeskRequest, apart
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.soliciting import refuse_offers, ticked_in
from madoguchi.desk.subscribing import (
    Typed,
    again_of,
    agreed_of,
    beginning,
    day_in,
    first_typed,
    heard_with,
    read_back,
    shown,
    typed_in,
    whole,
)
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.tasks.written_terms import remind_of_terms

PER_PAGE, _DAYS_COUNTED = 50, 90
# Who leaves an order out or lets all rest takes from the customer what was agreed, as who cancels does.
_ACTS = dict.fromkeys(("skip", "pause", "cancel"), Act.CANCEL)


@require_safe
@requires(Permission.CUSTOMER_READ)
def subscriptions(request: DeskRequest) -> HttpResponse:
    """All that are sent again and again, by how they stand, and why others were cancelled lately."""
    state = request.GET.get("state", "")
    rows = subscriptions_seen(request.actor)
    rows = rows.filter(state=state) if state in Subscription.State.values else rows
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    note_list(customers={one.customer_id for one in page}, by=request.actor)
    lines = [shown(one, actor=request.actor) for one in page]
    since = clock.today() - timedelta(days=_DAYS_COUNTED)
    reasons = reasons_counted(request.actor, since=since)
    context = {"page": page, "lines": lines, "state": state, "reasons": reasons, "days": _DAYS_COUNTED}
    return apart(request, "desk/subscriptions.html", context | {"states": Subscription.State.choices})


@require_safe
@requires(Permission.CUSTOMER_READ)
def subscription(request: DeskRequest, pk: int) -> HttpResponse:
    """One subscription with what was said, and the orders that were made."""
    return _page(request, subscription_by_id(pk, actor=request.actor))


@require_POST
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Leave the next order out, pause, take up again, cancel, or take a cancellation back."""
    found, form = subscription_by_id(pk, actor=request.actor), request.POST
    try:
        with sure_for(found, _ACTS.get(what), form, by=request.actor):
            said = _done(found, what, form.dict(), request)
    except Unsure:
        raise
    except (Refused, Conflict) as error:
        return _page(request, subscription_by_id(pk, actor=request.actor), problem=str(error))
    say(request, text=said)
    return redirect("desk:subscription", pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_TAKE)
def begin(request: DeskRequest, pk: int) -> HttpResponse:
    """Have something of an order sent again and again: chosen, read to the customer, then begun."""
    order = order_by_id(pk, actor=request.actor)
    if not policies.may_take_orders(request.actor, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    note_look_at_customer(order.customer_id, by=request.actor)
    typed = _typed(request) if request.POST else first_typed(order)
    try:
        return _beginning(request, order, typed)
    except (Refused, Conflict) as error:
        return _stopped(request, order, typed, error)


def _typed(request: DeskRequest) -> Typed:
    return typed_in(request.POST.dict(), duties=ticked_in(request.POST))


def _beginning(request: DeskRequest, order: Order, typed: Typed) -> HttpResponse:
    if typed.do == "begin":
        return _begun(request, order, typed)
    if typed.do == "declined":
        return _declined(request, order, typed)
    read = typed.do == "read"
    found = (
        read_back(order, typed, actor=request.actor) if read else beginning(order, typed, actor=request.actor)
    )
    return apart(request, "desk/subscribing.html", {"order": order, "found": found})


def _stopped(request: DeskRequest, order: Order, typed: Typed, error: Refused | Conflict) -> HttpResponse:
    if getattr(error, "field", "") == "terms":
        say(request, text=str(error))
        return redirect("desk:order", pk=order.pk)
    # What is to be read again stands there at once, as it is by now.
    changed = isinstance(error, Conflict)
    again = changed or (typed.do == "begin" and getattr(error, "field", "") == "duties")
    try:
        found = read_back(order, typed, actor=request.actor, error=error) if again else None
    except Refused as other:
        found, error = None, other
    found = found or beginning(order, typed, actor=request.actor, error=error)
    context = {"order": order, "found": found}
    return apart(request, "desk/subscribing.html", context, status=409 if changed else 422)


def _declined(request: DeskRequest, order: Order, typed: Typed) -> HttpResponse:
    telling = read_back(order, typed, actor=request.actor).telling
    if telling:
        refuse_offers(order.customer, telling.names, by=request.actor)
        say(request, text=_("It is written down: this customer is not solicited by phone any more."))
    return redirect("desk:order", pk=order.pk)


def _begun(request: DeskRequest, order: Order, typed: Typed) -> HttpResponse:
    said = read_back(order, typed, actor=request.actor).said
    heard = heard_with(order, typed, actor=request.actor)
    with transaction.atomic():
        made = begin_subscription(order, agreed_of(typed, said=said, heard=heard), by=request.actor)
        _remind(made, request.actor)
    say(request, text=_("The subscription %(number)s has begun.") % {"number": made})
    return redirect("desk:subscription", pk=made.pk)


def _remind(made: Subscription, by: Actor) -> None:
    case = visible(by).filter(pk=made.case_id or 0).first()
    found = solicitation_of_subscription(made.pk) if case else None
    if case and found:
        remind_of_terms(case, found)


def _done(found: Subscription, what: str, form: dict[str, str], request: DeskRequest) -> str:
    by = request.actor
    if what == "skip":
        skip(found, day_in(form.get("due", "")) or found.next_on, by=by)
        return _("The next order is on %(day)s.") % {"day": f"{found.next_on:%Y-%m-%d}"}
    if what == "pause":
        until = form.get("until", "").strip()
        if until and day_in(until) is None:
            raise Refused(_("Choose a day from tomorrow on, within a year."), field="until")
        pause(found, until=day_in(until), by=by)
        return _("It pauses.")
    if what == "resume":
        said = again_of(found).said if found.state == Subscription.State.HELD else ""
        resume(found, total=whole_number(form.get("total", ""), most_digits=10), said=said, by=by)
        return _("The next order is on %(day)s.") % {"day": f"{found.next_on:%Y-%m-%d}"}
    if what == "keep":
        keep_on(found, by=by)
        return _("It goes on.")
    if what != "cancel":
        raise NotFound(what)
    last = cancel(found, reason=form.get("reason", ""), at_once=form.get("at_once") == "1", by=by)
    if last is None:
        return _("It is cancelled. No more orders are made.")
    if found.state == Subscription.State.HELD:
        words = _("It is cancelled. No order is made until it is let go on, and none after %(day)s.")
        return words % {"day": f"{last:%Y-%m-%d}"}
    return _("It is cancelled. The last order is that of %(day)s.") % {"day": f"{last:%Y-%m-%d}"}


def _page(request: DeskRequest, found: Subscription, *, problem: str = "") -> HttpResponse:
    note_look_at_customer(found.customer_id, by=request.actor)
    made = found.made.select_related("order").order_by("-due")[:PER_PAGE]
    known = whole(found, actor=request.actor)
    context = {"shown": known, "one": found, "made": made, "problem": problem}
    context |= {"solicited": known.solicited, "today": clock.today()}
    context["reasons"] = [one for one in Subscription.Reason.choices if one[0] in REASONS]
    return apart(request, "desk/subscription.html", context, status=422 if problem else 200)
