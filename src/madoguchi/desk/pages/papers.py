"""Papers about orders: given, opened, looked for."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import note_look_at_customer, note_search
from madoguchi.cases.identity import Act
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.queries import order_by_id, paper_by_id
from madoguchi.desk.identity import sure_for
from madoguchi.desk.pages.parts import DeskRequest, apart, private
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.papers import given_before, kind_in, looked_for, may_open, names_of_kinds
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_POST
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def give(request: DeskRequest, pk: int) -> HttpResponse:
    """Give a paper about an order; one that was given already only when that is asked for (`sure`)."""
    order, kind = order_by_id(pk, actor=request.actor), kind_in(request.POST.get("kind", ""))
    sure, before = request.POST.get("sure") == "1", given_before(order, kind, actor=request.actor)
    if before and not sure:
        return apart(request, "desk/paper_again.html", {"order": order, "paper": before})
    with sure_for(order, Act.DETAILS, request.POST, by=request.actor):
        made = issue(order, kind, by=request.actor, again=sure)
    words = {"name": names_of_kinds()[kind], "number": made.number}
    say(request, text=_("%(name)s %(number)s is there.") % words)
    return redirect("desk:order", pk=pk)


@require_safe
@requires(Permission.CUSTOMER_READ)
def paper(request: DeskRequest, pk: int, name: str) -> HttpResponse:
    """A paper as it was given, to be saved."""
    found = paper_by_id(pk, actor=request.actor)
    if not may_open(found, actor=request.actor):
        raise NotAllowed(Permission.CUSTOMER_READ)
    note_look_at_customer(found.order.customer_id, by=request.actor)
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return private(request, response)


@require_safe
@requires(Permission.CUSTOMER_READ)
def papers(request: DeskRequest) -> HttpResponse:
    """Papers by day, amount and the other side."""
    looked = looked_for(request.GET.dict(), actor=request.actor)
    note_search(customers={one.document.order.customer_id for one in looked.found}, by=request.actor)
    return apart(request, "desk/papers.html", {"looked": looked})
