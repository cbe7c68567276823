"""Parcels of an order, and where an order is that has not come."""

from contextlib import ExitStack
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.cases.actions import note_look
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.models import Case
from madoguchi.commerce.models import Decision
from madoguchi.commerce.queries import order_by_id, parcel_by_id
from madoguchi.desk.identity import sure_for
from madoguchi.desk.merging import number_of
from madoguchi.desk.orders import require_order_taker
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, the_case
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.parcels import change_typed, make_typed
from madoguchi.desk.whereabouts import Place, asked_in, place_of, settle, take_answer
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_POST
@requires(Permission.ORDER_TAKE)
def make(request: DeskRequest, pk: int) -> HttpResponse:
    """Put pieces of an order together as a parcel."""
    parcel = make_typed(order_by_id(pk, actor=request.actor), request.POST, by=request.actor)
    words = {"number": parcel, "state": parcel.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=pk)


@require_POST
@requires(Permission.ORDER_TAKE)
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Say how far a parcel has come, or under which slip it goes."""
    parcel = parcel_by_id(pk, actor=request.actor)
    change_typed(parcel, request.POST, by=request.actor)
    words = {"number": parcel, "state": parcel.get_state_display()}
    say(request, text=_("%(number)s: %(state)s") % words)
    return redirect("desk:order", pk=parcel.order_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def where(request: DeskRequest, number: str) -> HttpResponse:
    """Find out where an order is, and settle what to do."""
    case = the_case(request, number)
    require_order_taker(case, request.actor)
    note_look(case, by=request.actor)
    asked = asked_in(request.POST or request.GET)
    place = place_of(case, asked, actor=request.actor, opening=request.method == "GET")
    return _settle(request, case, place) if request.method == "POST" else _place(request, case, place)


@require_POST
@requires(Permission.ORDER_TAKE)
def answered(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Write down what the carrier or the warehouse answered."""
    case = the_case(request, number)
    require_order_taker(case, request.actor)
    try:
        found = take_answer(case, pk, request.POST.dict(), by=request.actor)
    except (Refused, Conflict) as error:
        place = place_of(case, asked_in(request.POST), actor=request.actor)
        return _place(request, case, replace(place, problem=str(error)))
    say(request, text=_("It is written down: %(cause)s.") % {"cause": found.get_cause_display()})
    return redirect(f"{reverse('desk:where', args=[number])}?order={found.order_id}")


def _place(request: DeskRequest, case: Case, place: Place) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "back": case_url(case), "place": place}
    context["causes"] = Decision.Cause.choices
    return apart(request, "desk/where.html", context, status=place.status)


def _settle(request: DeskRequest, case: Case, place: Place) -> HttpResponse:
    try:
        with ExitStack() as sure:
            for act in place.asked.acts:
                sure.enter_context(sure_for(place.order, act, request.POST, case=case, by=request.actor))
            made = settle(case, place, by=request.actor)
    except Unsure:
        raise
    except Refused as error:
        return _place(request, case, replace(place, problem=str(error)))
    return _settled(request, case_url(case), str(made or ""))


def _settled(request: DeskRequest, back: str, made: str) -> HttpResponse:
    text = _("%(number)s is sent once more. Look over the answer.") % {"number": made}
    say(request, text=text if made else _("It is settled. Look over the answer."))
    return redirect(back)
