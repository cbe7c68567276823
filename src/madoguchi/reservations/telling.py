"""What a customer is told of a reservation: a mail of the case in which it was made, by the road of every answer."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.cases.models import Case, Status
from madoguchi.customers.queries import name_in_words
from madoguchi.delivery.actions import ANYTHING, Reply, submit
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.languages import ours_for
from madoguchi.look.moments import full
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.queries import calendar_of

_State = Reservation.State
_AT_REST = (Status.SOLVED, Status.CLOSED)
_WAITS = (Status.WAITING_CUSTOMER, Status.WAITING_THIRD)


def words_of(one: Reservation, *, by: Actor) -> str:
    """The mail, in the language of the moment: what they have, or that they have it no more. It names nobody whose name
    is kept from who sends it.
    """
    name = name_in_words(one.customer, actor=by)
    greeting = _("Dear %(name)s,") % {"name": name} if name else ""
    store = one.resource.store
    facts = [
        (pgettext("reservation", "Number"), one.spoken_number),
        (pgettext("reservation", "What"), one.resource.name),
        (pgettext("reservation", "When"), span_of(one)),
        (pgettext("reservation", "People"), str(one.people) if one.resource.seats > 1 else ""),
        (pgettext("reservation", "Where"), " ".join(filter(None, (store.name, store.address)))),
        (pgettext("reservation", "Phone"), store.phone),
    ]
    lines = "\n".join(f"{label}: {value}" for label, value in facts if value)
    return "\n\n".join(part for part in (greeting, _opening(one), lines, _ending(one)) if part)


def span_of(one: Reservation) -> str:
    """From when to when, as the store's clock shows it."""
    with timezone.override(calendar_of(one.resource.store).zone):
        last = timezone.localtime(one.ends)
        same = timezone.localtime(one.begins).date() == last.date()
        return f"{full(one.begins)} – {f'{last:%H:%M}' if same else full(one.ends)}"


def moment_of(one: Reservation, moment: datetime) -> str:
    """A moment as the store's clock shows it."""
    with timezone.override(calendar_of(one.resource.store).zone):
        return full(moment)


def tell(one: Reservation, case: Case, *, by: Actor) -> str:
    """Put the mail on its way as an answer in the case; why it could not be, in words, or nothing.

    The reservation stands either way: who is told nothing is told by telephone.
    """
    with translation.override(ours_for(case.language)):
        text = words_of(one, by=by)
    asked = one.state == _State.HELD
    status = Status.WAITING_CUSTOMER if asked else _stands(Status(case.status))
    written = Reply(text=text, status=status, confirmed=ANYTHING)
    try:
        with transaction.atomic():
            submit(case, written, by=by)
    except NotAllowed:
        return _("You do not answer this case.")
    except (Refused, Conflict) as error:
        return str(error)
    return ""


def _stands(before: Status) -> Status:
    """What the case becomes: a confirmation asks nothing of anybody, so what was at rest or waits for somebody does."""
    if before in _AT_REST:
        return Status.SOLVED
    return before if before in _WAITS else Status.OPEN


def _opening(one: Reservation) -> str:
    until = moment_of(one, one.held_until) if one.held_until else ""
    return {
        _State.HELD: _(
            "The time for which you waited is free. We keep it for you until %(until)s. Answer this mail by then if "
            "you want it; after that it goes to who waits next."
        )
        % {"until": until},
        _State.BOOKED: _("Thank you. Your reservation stands as follows."),
        _State.WAITING: _("You are on the waiting list for this time. We write to you when it becomes free."),
        _State.CANCELLED: _("Your reservation was cancelled."),
    }.get(_State(one.state), "")


def _ending(one: Reservation) -> str:
    if one.state != _State.BOOKED:
        return ""
    return _("If you want to change or cancel it, answer this mail and tell us the number.")
