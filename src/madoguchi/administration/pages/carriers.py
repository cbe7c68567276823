"""A carrier that holds the calls of a number and asks us over webhooks: its account, and of whom it is known that they
are rung outside.
"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.forms.carriers import CarrierForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.channels.phone.hooks.setting import carrier_of, remove_carrier, set_carrier
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.people.queries import staff_of_desk
from madoguchi.voice.outside import outside_phones


@require_http_methods(["GET", "POST"])
@requires(Permission.MAIL_SERVERS)
def carrier(request: StaffRequest, pk: int) -> HttpResponse:
    """The settings of a number whose calls a carrier holds, with the address to tell the carrier."""
    point = _number(request, pk)
    held = carrier_of(point.pk)
    form = CarrierForm(request.POST or None, instance=held)
    if request.POST and carried_out(form, lambda **_: set_carrier(point, **form.given(), by=request.actor)):
        say(request, text=_("Saved. Call the number to see whether it works."))
        return redirect("administration:carrier", pk=pk)
    more = {"webhook_url": webhook_url(point), "is_secure": settings.BASE_URL.startswith("https://")}
    context = {"form": form, "point": point, "account": held, "outside": _outside(point), **more}
    return show_form(request, "entry_point_carrier", section="entry_points", **context)


@require_POST
@requires(Permission.MAIL_SERVERS)
def carrier_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget the account and its token."""
    remove_carrier(_number(request, pk), by=request.actor)
    say(request, text=_("The token is forgotten. What became of calls stays."))
    return redirect("administration:carrier", pk=pk)


def webhook_url(point: EntryPoint) -> str:
    """Where the carrier tells of calls."""
    return settings.BASE_URL + reverse("portal:call", args=[point.address.removeprefix("+")])


def _outside(point: EntryPoint) -> list[str]:
    """Who of the desk is rung outside, by name: at which number, their employer alone sees."""
    staff = {one.pk: one.name for one in staff_of_desk(point.desk_id, company=point.company_id)}
    return sorted(staff[person] for person in outside_phones(staff))


def _number(request: StaffRequest, pk: int) -> EntryPoint:
    point = entry_point_to_set_up(request.actor, pk, permission=Permission.MAIL_SERVERS)
    if point.kind != Channel.PHONE:
        raise NotFound
    return point
