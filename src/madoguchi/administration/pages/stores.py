"""Stores of companies, and what can be reserved there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.stores import ResourceForm, StoreForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.models import Company
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.reservations.models import Resource, Store
from madoguchi.reservations.stores import SaidOfResource, keep_resource, keep_store


@require_safe
@requires(Permission.SHOP)
def stores(request: StaffRequest) -> HttpResponse:
    """All stores of the companies that one sets up."""
    companies = companies_with(request.actor, Permission.SHOP).order_by("name")
    rows = Store.objects.filter(company__in=companies).select_related("company").prefetch_related("resources")
    page = page_of(request, rows.order_by("company__name", "name"))
    return show(request, "stores", section="stores", page=page, companies=companies)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def store_new(request: StaffRequest, company: int) -> HttpResponse:
    """Set up a store."""
    found = company_with(request.actor, company, Permission.SHOP)
    return _written(request, found, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def store(request: StaffRequest, pk: int) -> HttpResponse:
    """A store with its hours, and what can be had there."""
    found = _store(request, pk)
    return _written(request, found.company, found)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def resource_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Set up what can be had at a store."""
    return _resource(request, _store(request, pk), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def resource(request: StaffRequest, pk: int, resource: int) -> HttpResponse:
    """Change what can be had at a store."""
    found = _store(request, pk)
    one = Resource.objects.filter(store=found, pk=resource).first()
    if one is None:
        raise NotFound(resource)
    return _resource(request, found, one)


def _written(request: StaffRequest, company: Company, found: Store | None) -> HttpResponse:
    form = StoreForm(request.POST or None, company=company, store=found)

    def keep(**_data: Any) -> Store:
        return keep_store(company, form.said(), store=found, by=request.actor)

    if request.POST and (kept := carried_out(form, keep)):
        say(request, text=_("Saved."))
        return redirect("administration:store", kept.pk)
    there = found.resources.order_by("name") if found else ()
    context = {"form": form, "company": company, "store": found, "resources": there}
    return show_form(request, "store", section="stores", **context)


def _resource(request: StaffRequest, found: Store, one: Resource | None) -> HttpResponse:
    form = ResourceForm(request.POST or None, instance=one)

    def keep(**data: Any) -> Resource:
        return keep_resource(found, SaidOfResource(**data), resource=one, by=request.actor)

    if request.POST and carried_out(form, keep):
        say(request, text=_("Saved."))
        return redirect("administration:store", found.pk)
    return show_form(request, "resource", section="stores", form=form, store=found, resource=one)


def _store(request: StaffRequest, pk: int) -> Store:
    companies = companies_with(request.actor, Permission.SHOP)
    found = Store.objects.filter(pk=pk, company__in=companies).select_related("company").first()
    if found is None:
        raise NotFound(pk)
    return found
