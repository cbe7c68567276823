"""What every page of administration shares: the frame around it, and forms whose action may refuse."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import BaseForm, BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from madoguchi.administration.menu import menu_for
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest

PER_PAGE = 50


def show(
    request: StaffRequest, template: str, /, *, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of this app within its menu; `section` is the one that is marked as current."""
    is_told = request.actor.may_anywhere(Permission.ARTICLES_READ)
    context.update(section=section, menu=menu_for(request.actor), is_told=is_told)
    return render(request, f"administration/{template}.html", context, status=status)


def show_form(request: StaffRequest, template: str, /, *, section: str, **context: Any) -> HttpResponse:
    """The same for a page around a form: 422 when what was sent could not be taken."""
    forms = (value for value in context.values() if isinstance(value, BaseForm | BaseFormSet))
    refused = any(form.is_bound and not form.is_valid() for form in forms)
    return show(request, template, section=section, status=422 if refused else 200, **context)


def carried_out(form: BaseForm, act: Callable[..., Any]) -> Any:
    """Call the action with the form's data and return what it returns, or True.

    None when the form or the action refuses; each reason then stands beside the field it is about.
    """
    if not form.is_valid():
        return None
    try:
        done = act(**form.cleaned_data)
    except Refused as error:
        for name, words in (error.fields or {"": str(error)}).items():
            form.add_error(name if name in form.fields else None, words)
        return None
    return True if done is None else done


def version_back(
    request: StaffRequest, found: Any, number: int, restore: Callable[..., None], *, to: str
) -> HttpResponse:
    """Let something be again what it once was, and show it. Raises NotFound for a version that it never had."""
    if not found.versions.filter(number=number).exists():
        raise NotFound(number)
    restore(found, number, by=request.actor)
    say(request, text=_("Version %(number)s is back, as a new version.") % {"number": number})
    return redirect(f"administration:{to}", pk=found.pk)


def page_of(request: StaffRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page of a list that the address asks for; the nearest one when there is no such page."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
