"""The household or firm of a case's customer: shown, found, made, joined and left."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.customers.actions import belong, belong_to_new, leave, set_sort
from madoguchi.customers.belonging import belonging_of
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import customer_by_id
from madoguchi.desk.accounts import AccountForm, kept, the_account
from madoguchi.desk.household import NewGroupForm, SortForm, asked_for, household_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.one_person import require_whole_sight
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.desk.parcels import is_id
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_READ)
def household(request: DeskRequest, number: str) -> HttpResponse:
    """Who belongs together; what a POST says more is named by `do`: sort, new, belong or leave."""
    case = the_case(request, number)
    if request.method != "POST":
        note_look(case, by=request.actor)
        return _shown(request, case, q=asked_for(request.GET.get("q", "")))
    require_whole_sight(case.customer, actor=request.actor)
    note_look(case, by=request.actor)
    do = request.POST.get("do", "")
    return {"sort": _sorted, "new": _made, "leave": _left}.get(do, _belongs)(request, case)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_READ)
def account(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """The rank of an account of the case's customer, and who is told at once of severe trouble there."""
    case = the_case(request, number)
    shown = the_account(case, pk)
    require_whole_sight(shown, actor=request.actor)
    note_look(case, by=request.actor)
    form = AccountForm(request.POST if request.method == "POST" else None, account=shown)
    if form.is_valid() and kept(form, case, shown, by=request.actor):
        return _done(request, case, _("It is kept who is told of severe trouble there."))
    context = {"case": case, "number": number_of(case), "account": shown, "form": form}
    context["may"] = may_join(request.actor, company=case.company_id)
    return apart(request, "desk/account.html", context, status=422 if form.errors else 200)


def _sorted(request: DeskRequest, case: Case) -> HttpResponse:
    try:
        set_sort(case.customer, request.POST.get("sort", ""), by=request.actor)
    except Refused as error:
        return _shown(request, case, problem=str(error))
    return _done(request, case, _("It is kept what the record is of."))


def _made(request: DeskRequest, case: Case) -> HttpResponse:
    form = NewGroupForm(request.POST)
    try:
        if form.is_valid():
            belong_to_new(case.customer, by=request.actor, **form.cleaned_data)
            return _done(request, case, _("They belong together now."))
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return _shown(request, case, form=form)


def _belongs(request: DeskRequest, case: Case) -> HttpResponse:
    other, role = request.POST.get("other", ""), request.POST.get("role", "")
    try:
        if not is_id(other):
            raise Refused(_("Choose a record."), field="other")
        chosen = customer_by_id(int(other), actor=request.actor)
        person, group = (chosen, case.customer) if case.customer.sort else (case.customer, chosen)
        belong(person, to=group, role=role, by=request.actor)
    except Refused as error:
        return _shown(request, case, problem=str(error))
    return _done(request, case, _("They belong together now."))


def _left(request: DeskRequest, case: Case) -> HttpResponse:
    pk = request.POST.get("belonging", "")
    if not is_id(pk):
        raise NotFound(pk)
    leave(belonging_of(case.customer_id, int(pk)), by=request.actor)
    return _done(request, case, _("They belong together no longer."))


def _done(request: DeskRequest, case: Case, words: str) -> HttpResponse:
    say(request, text=words)
    return redirect("desk:household", number=number_of(case))


def _shown(
    request: DeskRequest, case: Case, *, q: str = "", form: NewGroupForm | None = None, problem: str = ""
) -> HttpResponse:
    try:
        shown = household_of(case, q=q, actor=request.actor)
    except Refused as error:
        shown, problem = household_of(case, actor=request.actor), str(error)
    context = {
        "case": case,
        "number": number_of(case),
        "q": q,
        "household": shown,
        "problem": problem,
        "form": form or NewGroupForm(),
        "sorts": SortForm(initial={"sort": case.customer.sort}),
    }
    return apart(request, "desk/household.html", context, status=422 if form or problem else 200)
