"""Customers who were solicited by phone: that they have the written terms, and that they withdraw."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.models import Solicitation
from madoguchi.commerce.solicitations import keep_papers, solicitation_by_id
from madoguchi.commerce.written_terms import SaidOfTerms, give_terms
from madoguchi.desk.pages.parts import DeskRequest
from madoguchi.desk.subscribing import day_in
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_POST
@requires(Permission.ORDER_TAKE)
def act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Give the written terms (`terms`), say on which day the customer had them (`papers`), or that they withdraw
    (`withdraw`).
    """
    found = solicitation_by_id(pk, actor=request.actor)
    try:
        say(request, text=_done(request, found, what))
    except Refused as error:
        say(request, text=str(error))
    if found.subscription_id:
        return redirect("desk:subscription", pk=found.subscription_id)
    return redirect("desk:order", pk=found.order_id)


def _done(request: DeskRequest, found: Solicitation, what: str) -> str:
    if what == "terms":
        return _given(request, found)
    on = day_in(request.POST.get("on", ""))
    if what not in ("papers", "withdraw"):
        raise NotFound(what)
    if on is None:
        raise Refused(_("Choose a day from that of the order until today."), field="on")
    if what == "papers":
        keep_papers(found, on, by=request.actor)
        return _("Written down. They may withdraw until %(day)s.") % {"day": f"{found.last_day:%Y-%m-%d}"}
    back = withdraw(found, on, by=request.actor)
    if back is None:
        return _("The customer has withdrawn: nothing more is sent.")
    words = _("The customer has withdrawn: all goes back at the company's cost, as return %(number)s.")
    return words % {"number": back}


def _given(request: DeskRequest, found: Solicitation) -> str:
    """The first terms, or (`again`) those once more, whatever is said of them."""
    again = request.POST.get("again") == "1"
    said = SaidOfTerms(**{name: request.POST.get(name, "") for name in ("delivery", "payment")})
    made = give_terms(found, said, again=again, by=request.actor)
    words = _(
        "The written terms %(number)s are there. Send them, then say on which day the customer had them."
    )
    return words % {"number": made.number}
