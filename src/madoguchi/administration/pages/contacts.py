"""Whom outside a company's callers may be put through to."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.contacts import ContactForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.voice.outside_contacts import add_contact, contacts_of, remove_contact


@require_safe
@requires(Permission.DESKS)
def contacts(request: StaffRequest) -> HttpResponse:
    """The companies whose contacts one looks after."""
    page = page_of(request, companies_with(request.actor, Permission.DESKS).order_by("name", "pk"))
    return show(request, "contacts", section="contacts", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def company_contacts(request: StaffRequest, pk: int) -> HttpResponse:
    """The contacts of a company, and adding one."""
    company, form = company_with(request.actor, pk, Permission.DESKS), ContactForm(request.POST or None)

    def add(**data: Any) -> Any:
        return add_contact(pk, **data, by=request.actor)

    if request.POST and carried_out(form, add):
        say(request, text=_("Saved."))
        return redirect("administration:company_contacts", pk=pk)
    there = list(contacts_of(pk))
    return show_form(request, "company_contacts", section="contacts", form=form, company=company, there=there)


@require_POST
@requires(Permission.DESKS)
def contact_remove(request: StaffRequest, pk: int, contact: int) -> HttpResponse:
    """Put nobody through there any more."""
    remove_contact(company_with(request.actor, pk, Permission.DESKS).pk, contact, by=request.actor)
    say(request, text=_("Nobody is put through there any more."))
    return redirect("administration:company_contacts", pk=pk)
