"""What a customer bought, one order, and taking one beside a case."""

from collections.abc import Mapping

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_look, note_look_at_customer
from madoguchi.cases.identity import Act
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import WAYS, WAYS_TO_PAY, move_order
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.models import Order
from madoguchi.commerce.paying import mark_paid, mark_unpaid
from madoguchi.commerce.queries import order_by_id
from madoguchi.commerce.solicitations import solicitation_of
from madoguchi.desk.asked import asked_in, with_place
from madoguchi.desk.identity import sure_for
from madoguchi.desk.merging import number_of
from madoguchi.desk.orders import (
    Taking,
    Typed,
    declined,
    first_typed,
    named_of_others,
    number_of_case,
    offered,
    places_to_send,
    purchases_of,
    read_back,
    require_order_taker,
    sells_here,
    send_link,
    shown,
    step,
    take,
    typed_in,
    whole_order,
)
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, private, the_case
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.papers import kinds_offered, papers_given
from madoguchi.desk.parcels import sending_of
from madoguchi.desk.reserving import reserved_of
from madoguchi.desk.returns import returning_of
from madoguchi.desk.soliciting import solicited
from madoguchi.desk.subscribing import subscribed_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

_ACTS = {Order.State.CANCELLED.value: Act.CANCEL}


@require_safe
@requires(Permission.CUSTOMER_READ)
def purchases(request: DeskRequest, number: str) -> HttpResponse:
    """What the case's customer bought last: a part beside it, or a page."""
    case = the_case(request, number)
    note_look(case, by=request.actor)
    context = {"case": case, "number": number_of(case), "bought": purchases_of(case, actor=request.actor)}
    context |= {
        "sells": sells_here(case, actor=request.actor),
        "reserved": reserved_of(case, actor=request.actor),
        "subscribed": subscribed_of(case, actor=request.actor),
        "others": named_of_others(case, actor=request.actor),
    }
    if not request.htmx:
        return apart(request, "desk/purchases.html", context)
    return private(request, render(request, "desk/purchases_part.html", context))


@require_safe
@requires(Permission.CUSTOMER_READ)
def order(request: DeskRequest, pk: int) -> HttpResponse:
    """One order."""
    return order_page(request, order_by_id(pk, actor=request.actor))


def order_page(
    request: DeskRequest,
    found: Order,
    *,
    wrong: Mapping[str, str] | None = None,
    piece_wrong: Refused | None = None,
) -> HttpResponse:
    """An order's page, with what was typed in for a return where something is `wrong` with that, by field, or for lots
    and serial numbers (`piece_wrong`).
    """
    note_look_at_customer(found.customer_id, by=request.actor)
    form = request.POST if wrong else None
    papers = papers_given(found, actor=request.actor)
    receipt = any(paper.document.kind == Kind.RECEIPT.value for paper in papers)
    context = {"order": found, "bought": whole_order(found, actor=request.actor, receipt_given=receipt)}
    context["sending"] = sending_of(found, actor=request.actor)
    context["returning"] = returning_of(found, actor=request.actor, form=form, wrong=wrong)
    context |= {"papers": papers, "kinds": kinds_offered(found, papers)}
    context |= {
        "solicited": solicited(solicitation_of(found.pk), actor=request.actor),
        "today": clock.today(),
    }
    context["number"] = number_of_case(found, actor=request.actor)
    context |= {"piece_wrong": piece_wrong, "piece_typed": request.POST if piece_wrong else {}}
    return apart(request, "desk/order.html", context, status=422 if wrong or piece_wrong else 200)


@require_POST
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def move(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that an order was shipped, has come or is cancelled; the last only when that is asked for (`sure`)."""
    found, state = order_by_id(pk, actor=request.actor), request.POST.get("state", "")
    if state == Order.State.CANCELLED and state in WAYS[found.state] and request.POST.get("sure") != "1":
        context = {"order": found, "papers": papers_given(found, actor=request.actor)}
        return apart(request, "desk/order_cancel.html", context)
    with sure_for(found, _ACTS.get(state), request.POST, by=request.actor):
        move_order(found, state, by=request.actor)
    say(request, text=_("%(number)s: %(state)s") % {"number": found, "state": Order.State(found.state).label})
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
def paid(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that the money for an order has come (`paid` is 1), or has not after all."""
    found = order_by_id(pk, actor=request.actor)
    if request.POST.get("paid") == "1":
        mark_paid(found, by=request.actor)
        say(request, text=_("The money for %(number)s has come.") % {"number": found})
    else:
        mark_unpaid(found, by=request.actor)
        say(request, text=_("%(number)s is not paid.") % {"number": found})
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
def link(request: DeskRequest, pk: int) -> HttpResponse:
    """Put where the order is paid into the answer being written in its case."""
    case = send_link(order_by_id(pk, actor=request.actor), by=request.actor)
    say(request, text=_("The payment link stands in the answer. Go over it and send it."))
    return redirect(f"{case_url(case)}#composer")


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_TAKE)
def ordering(request: DeskRequest, number: str) -> HttpResponse:
    """Take an order: products are put down, it is read back, then taken."""
    case = the_case(request, number)
    require_order_taker(case, request.actor)
    note_look(case, by=request.actor)
    if request.method == "GET":
        typed = first_typed(case.customer, actor=request.actor)
        return _form(request, case, shown(case, typed, actor=request.actor))
    typed = typed_in(request.POST)
    try:
        return _pressed(request, case, typed)
    except (Refused, Conflict) as error:
        return _form(request, case, shown(case, typed, actor=request.actor, error=error))


@require_safe
@requires(Permission.ORDER_TAKE)
def products(request: DeskRequest, number: str) -> HttpResponse:
    """The products that fit what is being typed in the order form."""
    case = the_case(request, number)
    require_order_taker(case, request.actor)
    found = offered(request.GET.get("q", "")[:100], company=case.company_id)
    words = _("%(n)s found. Choose with the arrow keys and Enter.") % {"n": len(found)}
    return private(request, JsonResponse({"products": found, "words": words}))


def _pressed(request: DeskRequest, case: Case, typed: Typed) -> HttpResponse:
    by = request.actor
    if typed.do == "declined":
        left = declined(case, typed, by=by)
        say(request, text=_("It is written down: this customer is not solicited by phone any more."))
        return _form(request, case, shown(case, left, actor=by))
    if typed.do == "their_place":
        return _form(request, case, shown(case, with_place(case, typed, actor=by), actor=by))
    if typed.do != "place":
        return _form(request, case, step(case, typed, actor=by))
    try:
        return _taken(request, case, take(case, typed, by=by))
    except Refused as error:
        if error.field != "duties":
            raise
        return _form(request, case, read_back(case, typed, actor=by, error=error))


def _taken(request: DeskRequest, case: Case, order: Order) -> HttpResponse:
    say(request, text=_("The order %(number)s is taken.") % {"number": order})
    return redirect(case_url(case))


def _form(request: DeskRequest, case: Case, taking: Taking) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "back": case_url(case), "taking": taking}
    if not taking.quote:
        context["asked"] = asked_in(case, taking.typed, actor=request.actor)
        context["places"] = places_to_send(case.customer, actor=request.actor)
    context["payments"] = [one for one in Order.Payment.choices if one[0] in WAYS_TO_PAY]
    return apart(request, "desk/ordering.html", context, status=taking.status)
