"""A subscription that goes on otherwise: typed, read to the customer, then changed."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look_at_customer
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.identity import act_of_change
from madoguchi.commerce import policies
from madoguchi.commerce.altering import alter
from madoguchi.commerce.models import Subscription
from madoguchi.commerce.subscriptions import subscription_by_id
from madoguchi.desk.altering import (
    Altering,
    first_typed,
    otherwise_of,
    read_back,
    typed_again,
)
from madoguchi.desk.identity import sure_for
from madoguchi.desk.pages.parts import DeskRequest, apart
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def altering(request: DeskRequest, pk: int) -> HttpResponse:
    """How much, how often, when, where to and how it is paid: chosen, read to the customer, then so."""
    one = subscription_by_id(pk, actor=request.actor)
    if not policies.may_take_orders(request.actor, company=one.company_id, desk=one.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    note_look_at_customer(one.customer_id, by=request.actor)
    if request.method != "POST":
        return _shown(request, first_typed(one, actor=request.actor))
    try:
        return _typed(request, one)
    except Unsure:
        raise
    except (Refused, Conflict) as error:
        found = typed_again(one, request.POST.dict(), actor=request.actor, error=error)
        return _shown(request, found, status=409 if isinstance(error, Conflict) else 422)


def _typed(request: DeskRequest, one: Subscription) -> HttpResponse:
    form, by = request.POST.dict(), request.actor
    if form.get("do") == "edit":
        return _shown(request, typed_again(one, form, actor=by))
    read = read_back(one, form, actor=by)
    if form.get("do") != "agreed":
        return _shown(request, read)
    if str(read.total) != form.get("total"):
        return _shown(request, read, status=409)  # what is to be read again stands there at once
    with sure_for(one, act_of_change(read.new), form, by=by):
        alter(one, otherwise_of(one, form, actor=by, said=read.read), by=by)
    say(request, text=_("It goes on as it was read."))
    return redirect("desk:subscription", pk=one.pk)


def _shown(request: DeskRequest, found: Altering, *, status: int = 200) -> HttpResponse:
    context = {"found": found, "one": found.one, "typed": found.typed}
    return apart(request, "desk/altering.html", context, status=status)
