"""For how long companies keep recordings of calls."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.recordings import RecordingForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.models import Company
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.voice.keeping import set_recording_days
from madoguchi.voice.queries import KeptFor, kept_for, recordings_older_than


@require_safe
@requires(Permission.RIGHTS)
def recordings(request: StaffRequest) -> HttpResponse:
    """The companies for whose recordings one says so, and what counts there."""
    page = page_of(request, companies_with(request.actor, Permission.RIGHTS))
    terms = kept_for(one.pk for one in page)
    rows = [(company, terms.get(company.pk, KeptFor())) for company in page]
    return show(request, "recordings", section="recordings", page=page, rows=rows)


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def recording_term(request: StaffRequest, pk: int) -> HttpResponse:
    """How long one company keeps them, once what goes by it was told; a shorter term can be taken back for a while."""
    company, kept = company_with(request.actor, pk, Permission.RIGHTS), kept_for([pk]).get(pk, KeptFor())
    if "take_back" in request.POST:
        return _taken_back(request, company, kept)
    return _asked(request, company, kept)


def _asked(request: StaffRequest, company: Company, kept: KeptFor) -> HttpResponse:
    form = RecordingForm(request.POST or None, initial={"days": kept.said})
    gone = _gone(form, kept, company.pk)
    if form.is_bound and (not gone or request.POST.get("sure") == str(form.cleaned_data["days"])):
        if carried_out(form, lambda days: set_recording_days(company, days=days, by=request.actor)):
            say(request, text=_("Saved."))
            return redirect("administration:recordings")
        gone = 0
    shown = {"company": company, "gone": gone, "kept": kept}
    return show_form(request, "recording_term", section="recordings", form=form, **shown)


def _taken_back(request: StaffRequest, company: Company, kept: KeptFor) -> HttpResponse:
    set_recording_days(company, days=kept.now, by=request.actor)
    say(request, text=_("Taken back."))
    return redirect("administration:recordings")


def _gone(form: RecordingForm, kept: KeptFor, company: int) -> int:
    """How many recordings go by a term that is shorter than the one of now."""
    days = form.cleaned_data["days"] if form.is_bound and form.is_valid() else None
    shorter = days != kept.said and kept.is_shortened_by(days)
    return recordings_older_than(company, days=days) if days and shorter else 0
