"""Goods of an order that come back."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.commerce.queries import order_by_id, return_by_id
from madoguchi.desk.pages.orders import order_page
from madoguchi.desk.pages.parts import DeskRequest
from madoguchi.desk.returns import ask_typed, settle_typed
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_POST
@requires(Permission.ORDER_TAKE)
def ask(request: DeskRequest, pk: int) -> HttpResponse:
    """Take down that goods come back."""
    order = order_by_id(pk, actor=request.actor)
    try:
        back = ask_typed(order, request.POST, by=request.actor)
    except Refused as error:
        return order_page(request, order, problem=str(error))
    words = {"number": back, "state": back.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
def settle(request: DeskRequest, pk: int) -> HttpResponse:
    """Look over what came back, give the money back, exchange it, refuse it, or give the slip."""
    back = return_by_id(pk, actor=request.actor)
    settle_typed(back, request.POST, by=request.actor)
    words = {"number": back, "state": back.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=back.order_id)
