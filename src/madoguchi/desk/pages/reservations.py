"""Reservations: a time is chosen beside a case, held and read back; one reservation; who comes on a day."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look, note_look_at_customer
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.identity import Act
from madoguchi.cases.models import Case
from madoguchi.desk.identity import sure_for
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, case_url, lead_to, private, the_case
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.reserved_table import taken_along
from madoguchi.desk.reserving import (
    Typed,
    act,
    case_of,
    choosing,
    days_in,
    lines_of,
    met_by,
    moved,
    queue_behind,
    require_reserver,
    shown,
    store_of,
    taken,
    told,
    typed_in,
)
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.policies import may_read_note, may_reserve
from madoguchi.reservations.queries import reservation_by_id, reservations_on, stores_seen

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_TAKE)
def reserving(request: DeskRequest, number: str) -> HttpResponse:
    """Choose a time for the case's customer; pressed, it is held for ten minutes and read back."""
    case = the_case(request, number)
    require_reserver(case, request.actor)
    note_look(case, by=request.actor)
    typed = typed_in(request.POST.dict())
    if not typed.at:
        return _form(request, case, typed)
    try:
        made = taken(case, typed, by=request.actor)
    except (Refused, Conflict) as error:
        return _form(request, case, typed, error=error)
    return redirect("desk:reservation", pk=made.pk)


@require_safe
@requires(Permission.CUSTOMER_READ)
def reservation(request: DeskRequest, pk: int) -> HttpResponse:
    """One reservation; one that is held, to be read back."""
    found = reservation_by_id(pk, actor=request.actor)
    note_look_at_customer(found.customer_id, by=request.actor)
    case = case_of(found, actor=request.actor)
    context: Context = {"shown": shown(found, actor=request.actor), "one": found, "case": case}
    context |= {
        "number": number_of(case) if case else "",
        "waiting": queue_behind(found, actor=request.actor),
        "beside": met_by(found, actor=request.actor),
    }
    return apart(request, "desk/reservation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Choose another time for who has one."""
    found = reservation_by_id(pk, actor=request.actor)
    if not may_reserve(request.actor, company=found.company_id, desk=found.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    typed = typed_in(request.POST.dict() or _as_it_is(found, request.actor))
    if not typed.at:
        return _change_form(request, found, typed)
    try:
        return _moved(request, found, typed)
    except Unsure:
        raise
    except (Refused, Conflict) as error:
        return _change_form(request, found, typed, error=error)


def _moved(request: DeskRequest, found: Reservation, typed: Typed) -> HttpResponse:
    # Who takes another time gives this one up.
    with sure_for(found, Act.CANCEL, request.POST, by=request.actor):
        news = moved(found, typed, by=request.actor)
    words = _("%(number)s has another time.") if news else _("%(number)s stands like this already.")
    now = reservation_by_id(found.pk, actor=request.actor)
    return _said(request, now, words % {"number": now}, undo=news, tells=news and _is_to_be_told(request))


@require_POST
@requires(Permission.ORDER_TAKE)
@asks_who_it_is
def acted_on(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Have what is held, let it go, cancel, undo, or hold for who waited."""
    found = reservation_by_id(pk, actor=request.actor)
    with sure_for(found, Act.CANCEL if what == "cancel" else None, request.POST, by=request.actor):
        now, words, news = act(found, what, by=request.actor)
    wanted = what in ("book", "cancel", "undo") and _is_to_be_told(request)
    return _said(
        request, now, words, undo=what == "cancel", back=what in ("book", "drop"), tells=news and wanted
    )


@require_safe
@requires(Permission.CUSTOMER_READ)
def listed(request: DeskRequest) -> HttpResponse:
    """Who comes on a day, who stays, and who waits."""
    days, wanted = days_in(request.GET.get("day", "")), whole_number(request.GET.get("store", ""))
    rows = reservations_on(days.day, actor=request.actor, store=wanted)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    note_list(customers={one.customer_id for one in page}, by=request.actor)
    context: Context = {"page": page, "lines": lines_of(list(page), actor=request.actor), "store": wanted}
    takes = any(grant.allows(Permission.EXPORT) for grant in request.actor.grants)
    context |= {"days": days, "stores": stores_seen(request.actor), "takes": takes}
    return apart(request, "desk/reservations.html", context)


@require_POST
@requires(Permission.EXPORT)
def taken_along_as_file(request: DeskRequest) -> HttpResponse:
    """The list of a day as a file, as it was narrowed."""
    day, store = days_in(request.POST.get("day", "")).day, whole_number(request.POST.get("store", ""))
    content = taken_along(day, store=store, actor=request.actor)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="reservations-{day:%Y%m%d}.csv"'
    return private(request, response)


def _form(
    request: DeskRequest, case: Case, typed: Typed, *, error: Refused | Conflict | None = None
) -> HttpResponse:
    context: Context = {"case": case, "number": number_of(case), "back": case_url(case)}
    context["choosing"] = choosing(case.company_id, typed, store=store_of(case), error=error)
    context["begun"] = request.method == "POST"
    return apart(request, "desk/reserving.html", context, status=context["choosing"].status)


def _change_form(
    request: DeskRequest, found: Reservation, typed: Typed, *, error: Refused | Conflict | None = None
) -> HttpResponse:
    note_look_at_customer(found.customer_id, by=request.actor)
    context: Context = {
        "changed": found,
        "shown": shown(found, actor=request.actor),
        "begun": request.method == "POST",
    }
    context["back"] = reverse("desk:reservation", args=[found.pk])
    context["note_kept"] = not may_read_note(request.actor, company=found.company_id)
    context["choosing"] = choosing(found.company_id, typed, changed=found, error=error)
    return apart(request, "desk/reserving.html", context, status=context["choosing"].status)


def _as_it_is(found: Reservation, actor: Actor) -> dict[str, str]:
    """What the form of a change begins with; without a remark that the reader may not read whole."""
    nights = (found.ends - found.begins).days + 1 if found.resource.by_night else 1
    note = found.note if may_read_note(actor, company=found.company_id) else ""
    return {"people": str(found.people), "note": note, "nights": str(nights)}


def _is_to_be_told(request: DeskRequest) -> bool:
    """By the tick of the form; an undo beside what was said tells whom that told."""
    return "1" in (request.POST.get("tell"), request.GET.get("tell"))


def _said(
    request: DeskRequest,
    now: Reservation,
    words: str,
    *,
    tells: bool,
    undo: bool = False,
    back: bool = False,
) -> HttpResponse:
    """Say what was done, tell the customer where that is wanted, and go on: to the case, or to the reservation."""
    text = f"{words} {told(now, by=request.actor)}" if tells else words
    back_again = reverse("desk:reservation_act", args=[now.pk, "undo"]) + ("?tell=1" if tells else "")
    say(request, text=text, undo_url=back_again if undo else "")
    case = case_of(now, actor=request.actor) if back else None
    return lead_to(request, case_url(case) if case else reverse("desk:reservation", args=[now.pk]))
