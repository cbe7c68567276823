"""Lots and serial numbers of what was sold, and who bought of a suspicious lot."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.commerce.pieces import drop_piece, keep_pieces
from madoguchi.commerce.queries import order_by_id
from madoguchi.desk.pages.orders import order_page
from madoguchi.desk.pages.parts import DeskRequest, private
from madoguchi.desk.sold_pieces import buyers_taken
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.signals.queries import incident_by_id


@require_POST
@requires(Permission.ORDER_TAKE)
def keep(request: DeskRequest, pk: int) -> HttpResponse:
    """Write down of which lot a line of an order is, or the serial numbers of its pieces, one a line. What was just
    taken away is kept once more by the address alone.
    """
    found, form = order_by_id(pk, actor=request.actor), request.GET if "line" in request.GET else request.POST
    line, serials = whole_number(form.get("line", "")) or 0, form.get("serials", "").splitlines()
    try:
        keep_pieces(found, line, lot=form.get("lot", ""), serials=serials, by=request.actor)
    except Refused as error:
        return order_page(request, found, piece_wrong=error)
    say(request, text=_("Saved."))
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
def drop(request: DeskRequest, pk: int, piece: int) -> HttpResponse:
    """Take away what was written down wrongly."""
    gone = drop_piece(order_by_id(pk, actor=request.actor), piece, by=request.actor)
    was = urlencode({"line": gone.line_id, "lot": gone.lot, "serials": gone.serial})
    undo = f"{reverse('desk:pieces', args=[pk])}?{was}"
    say(request, text=_("Took %(piece)s away.") % {"piece": gone}, undo_url=undo)
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.EXPORT)
def buyers_as_file(request: DeskRequest, pk: int) -> HttpResponse:
    """Who bought of the lots of an incident, as a file; of many, the part that is asked for."""
    part = whole_number(request.POST.get("part") or "1") or 0
    content = buyers_taken(incident_by_id(pk, actor=request.actor), part=part, actor=request.actor)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="buyers-{pk}-{part}.csv"'
    return private(request, response)
