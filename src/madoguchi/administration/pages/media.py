"""What companies publish in media."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.media import MediaEventForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.pages.shops import company_of
from madoguchi.commerce.media import keep_media_event, media_events_of
from madoguchi.commerce.models import MediaEvent
from madoguchi.companies.models import Company
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SHOP)
def media(request: StaffRequest, pk: int) -> HttpResponse:
    """What a company publishes in media, the newest first."""
    company = company_of(request, pk)
    page = page_of(request, media_events_of(pk))
    return show(request, "media", section="shops", company=company, page=page, told=_told(request, company))


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def media_event_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep that something appears in a medium."""
    return _written(request, company_of(request, pk), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def media_event(request: StaffRequest, pk: int, event: int) -> HttpResponse:
    """Change what is kept of it."""
    company = company_of(request, pk)
    found = media_events_of(pk).filter(pk=event).first()
    if found is None:
        raise NotFound(event)
    return _written(request, company, found)


def _written(request: StaffRequest, company: Company, found: MediaEvent | None) -> HttpResponse:
    form = MediaEventForm(request.POST or None, company=company, event=found)

    def keep(**_data: Any) -> MediaEvent:
        return keep_media_event(company, form.said(), event=found, by=request.actor)

    if request.POST and carried_out(form, keep):
        say(request, text=_("Saved."))
        return redirect("administration:media", company.pk)
    told = {"event": found, "told": _told(request, company)}
    return show_form(request, "media_event", section="shops", form=form, company=company, **told)


def _told(request: StaffRequest, company: Company) -> bool:
    """Whether the reader may see what came of it."""
    return request.actor.may(Permission.MEDIA_READ, company=company.pk)
