"""What is worth knowing about the customer of a case: read, written down, taken away and put back."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.customers.actions import end_note
from madoguchi.customers.needless import doubts_about
from madoguchi.customers.notes import note_of
from madoguchi.customers.policies import may_note
from madoguchi.desk.knowing import (
    NoteForm,
    WishesForm,
    keep_wishes,
    knowing_of,
    wishes_form_of,
    write_typed,
)
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.desk.parcels import is_id
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_READ)
def knowing(request: DeskRequest, number: str) -> HttpResponse:
    """What holds of the customer, and forms to say more; what is pressed is named by `do`."""
    case, writes = the_case(request, number), request.method == "POST"
    if writes and not may_note(request.actor, company=case.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    note_look(case, by=request.actor)
    if not writes:
        return _shown(request, case)
    do = request.POST.get("do", "")
    if do == "wishes":
        return _wished(request, case)
    if do in ("end", "back"):
        return _ended(request, case, ended=do == "end")
    return _noted(request, case)


def _noted(request: DeskRequest, case: Case) -> HttpResponse:
    form = NoteForm(request.POST, asks=bool(doubts_about(request.POST.get("text", ""))))
    try:
        if form.is_valid():
            write_typed(case, form.cleaned_data, by=request.actor)
            return _done(request, case, _("It is written down."))
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return _shown(request, case, form)


def _wished(request: DeskRequest, case: Case) -> HttpResponse:
    form = WishesForm(request.POST)
    if not form.is_valid():
        return _shown(request, case, wishes=form)
    keep_wishes(case.customer, form.cleaned_data, by=request.actor)
    return _done(request, case, _("The wishes are kept."))


def _ended(request: DeskRequest, case: Case, *, ended: bool) -> HttpResponse:
    pk = request.POST.get("note", "")
    if not is_id(pk):
        raise NotFound(pk)
    try:
        end_note(note_of(case.customer, int(pk)), ended=ended, by=request.actor)
    except Refused as error:
        return _done(request, case, str(error))
    done = _("The note is taken away. It can be put back for thirty days.")
    return _done(request, case, done if ended else _("The note is back."))


def _done(request: DeskRequest, case: Case, words: str) -> HttpResponse:
    say(request, text=words)
    return redirect("desk:knowing", number=number_of(case))


def _shown(
    request: DeskRequest, case: Case, form: NoteForm | None = None, *, wishes: WishesForm | None = None
) -> HttpResponse:
    context = {
        "case": case,
        "number": number_of(case),
        "knowing": knowing_of(case.customer, actor=request.actor, most=None, ended=True),
        "form": form or NoteForm(),
        "wishes": wishes or wishes_form_of(case.customer),
    }
    return apart(request, "desk/knowing.html", context, status=422 if form or wishes else 200)
