"""Asking first where less was checked of who the customer is than the company wants."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.identity import Reason
from madoguchi.cases.queries import visible
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart

_OURS = ("csrfmiddlewaretoken", "because")


def asks_who_it_is(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page whose act may want the identity checked: where it was not, it is asked why one goes on, with all that was
    typed.
    """

    @wraps(page)
    def asked(request: DeskRequest, **named: Any) -> HttpResponse:
        try:
            return page(request, **named)
        except Unsure as error:
            return _why(request, error)

    return asked


def _why(request: DeskRequest, error: Unsure) -> HttpResponse:
    where = error.stands.case
    found = visible(request.actor).filter(pk=where.pk) if where else None
    case = found.select_related("company").first() if found else None
    typed = [(name, one) for name, all_ in request.POST.lists() if name not in _OURS for one in all_]
    context = {"error": error, "number": number_of(case) if case else "", "typed": typed}
    context |= {"action": request.get_full_path(), "reasons": Reason.choices}
    return apart(request, "desk/unsure.html", context, status=422)
