"""How we know that the addresses of a case's customer are theirs: shown, said, and taken back."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.cases.actions import check_identity, note_look
from madoguchi.cases.models import Case
from madoguchi.customers.actions import verify_identity
from madoguchi.customers.models import Identity
from madoguchi.customers.places import places_shown
from madoguchi.customers.policies import may_verify
from madoguchi.customers.queries import view_of
from madoguchi.desk.identity import said_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.desk.parcels import is_id
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

_How = Identity.How
_NOT_OF = {"email": (_How.CALL,), "phone": (_How.MAIL,), "member": (_How.MAIL, _How.CALL, _How.CODE)}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_READ)
def verifying(request: DeskRequest, number: str) -> HttpResponse:
    """The mail addresses, phone and member numbers with how sure each is; a POST says so of one."""
    case, writes = the_case(request, number), request.method == "POST"
    if writes and not any(may_verify(request.actor, company=case.company_id, kind=kind) for kind in _NOT_OF):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    note_look(case, by=request.actor)
    if not writes:
        return _shown(request, case)
    return _said(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def checked(request: DeskRequest, number: str) -> HttpResponse:
    """Say what was compared with the record in this case."""
    case = the_case(request, number)
    check_identity(case, items=request.POST.getlist("items"), by=request.actor)
    say(request, text=_("It is kept what was checked."))
    return redirect("desk:verifying", number=number_of(case))


def _said(request: DeskRequest, case: Case) -> HttpResponse:
    pk, how = request.POST.get("address", ""), request.POST.get("how", "")
    if not is_id(pk):
        raise NotFound(pk)
    try:
        if not how and "back" not in request.POST:
            raise Refused(_("Choose how you know that it is theirs."), field="how")
        where = {"customer": case.customer_id, "company": case.company_id}
        verify_identity(int(pk), how="" if "back" in request.POST else how, by=request.actor, **where)
    except Refused as error:
        return _shown(request, case, problem=str(error))
    say(request, text=_("It is kept how we know this address."))
    return redirect("desk:verifying", number=number_of(case))


def _shown(request: DeskRequest, case: Case, *, problem: str = "") -> HttpResponse:
    actor, company = request.actor, case.company_id
    rows = [
        (one, [way for way in Identity.How if way not in _NOT_OF[one.kind]])
        if may_verify(actor, company=company, kind=one.kind)
        else (one, [])
        for one in view_of(case.customer, actor=actor).addresses
    ]
    context = {"case": case, "number": number_of(case), "rows": rows, "problem": problem}
    context["places"] = places_shown(case.customer, actor=actor)
    context["sure"] = said_of(case, actor=actor)
    return apart(request, "desk/verifying.html", context, status=422 if problem else 200)
