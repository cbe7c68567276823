"""What companies offer for a time, and how much of it is left."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.campaigns import CampaignForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.pages.shops import company_of
from madoguchi.commerce.campaigns import campaigns_of, keep_campaign
from madoguchi.commerce.models import Campaign
from madoguchi.companies.models import Company
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SHOP)
def campaigns(request: StaffRequest, pk: int) -> HttpResponse:
    """The campaigns of a company, and how many more orders may have each."""
    company = company_of(request, pk)
    page = page_of(request, campaigns_of(pk))
    return show(request, "campaigns", section="shops", company=company, page=page, today=clock.today())


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def campaign_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Set up a campaign."""
    return _written(request, company_of(request, pk), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def campaign(request: StaffRequest, pk: int, campaign: int) -> HttpResponse:
    """Change a campaign; orders that have it keep what they saved."""
    company = company_of(request, pk)
    found = campaigns_of(pk).filter(pk=campaign).first()
    if found is None:
        raise NotFound(campaign)
    return _written(request, company, found)


def _written(request: StaffRequest, company: Company, found: Campaign | None) -> HttpResponse:
    form = CampaignForm(request.POST or None, company=company, campaign=found)

    def keep(**_data: Any) -> Campaign:
        return keep_campaign(company, form.said(), campaign=found, by=request.actor)

    if request.POST and carried_out(form, keep):
        say(request, text=_("Saved. Orders taken before keep theirs."))
        return redirect("administration:campaigns", company.pk)
    return show_form(request, "campaign", section="shops", form=form, company=company, campaign=found)
