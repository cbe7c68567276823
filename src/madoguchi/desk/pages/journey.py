"""All that happened between a customer and the company."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import note_look
from madoguchi.commerce.referrals import give_referral
from madoguchi.customers.queries import sees_customers
from madoguchi.desk.journey import kind_names, line_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CUSTOMER_READ)
def journey(request: DeskRequest, number: str) -> HttpResponse:
    """The line of the case's customer, page by page, of all kinds or of one."""
    case, kind = the_case(request, number), request.GET.get("kind", "")
    if not sees_customers(request.actor, company=case.company_id):
        raise NotAllowed(Permission.CUSTOMER_READ)
    note_look(case, by=request.actor)
    context = {"case": case, "number": number_of(case), "kinds": kind_names(), "kind": kind}
    context |= line_of(case, kind, request.GET.get("after", ""), actor=request.actor)
    return apart(request, "desk/journey.html", context)


@require_POST
@requires(Permission.ORDER_TAKE)
def refer(request: DeskRequest, number: str) -> HttpResponse:
    """Give the customer the code by which they recommend the company to others."""
    case = the_case(request, number)
    code = give_referral(case.customer, desk=case.desk, by=request.actor)
    say(request, text=_("The referral code is %(code)s.") % {"code": code})
    return redirect("desk:journey", number=number)
