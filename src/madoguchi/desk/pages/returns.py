"""Goods of an order that come back."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import note_list
from madoguchi.cases.identity import Act
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.queries import order_by_id, refunds_waiting, return_by_id
from madoguchi.desk.identity import sure_for
from madoguchi.desk.pages.orders import order_page
from madoguchi.desk.pages.parts import DeskRequest, apart
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.returns import ask_typed, settle_typed
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

PER_PAGE = 50
_ACTS = {"refund": Act.REFUND, "exchange": Act.REFUND, "slip": Act.DETAILS}


@require_safe
@requires(Permission.CASE_APPROVE)
def waiting(request: DeskRequest) -> HttpResponse:
    """Refunds that wait for a second person: those that the reader may agree to."""
    page = Paginator(refunds_waiting(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    note_list(customers={one.order.customer_id for one in page}, by=request.actor)
    rows = [(one, yen(one.total), one.refund_by_id == request.actor.id) for one in page]
    return apart(request, "desk/refunds_waiting.html", {"page": page, "rows": rows})


@require_POST
@requires(Permission.ORDER_TAKE)
def ask(request: DeskRequest, pk: int) -> HttpResponse:
    """Take down that goods come back."""
    order = order_by_id(pk, actor=request.actor)
    try:
        back = ask_typed(order, request.POST, by=request.actor)
    except Refused as error:
        return order_page(request, order, wrong=error.fields or {"pieces": str(error)})
    words = {"number": back, "state": back.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def settle(request: DeskRequest, pk: int) -> HttpResponse:
    """Look over what came back, give the money back, exchange it, refuse it, or give the slip."""
    back = return_by_id(pk, actor=request.actor)
    with sure_for(back.order, _ACTS.get(request.POST.get("do", "")), request.POST, by=request.actor):
        settle_typed(back, request.POST, by=request.actor)
    words = {"number": back, "state": back.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=back.order_id)
