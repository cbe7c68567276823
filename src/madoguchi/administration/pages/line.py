"""A LINE account: by which channel we speak for it, whether that works, and how many messages are left."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.forms.line import LineAccountForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.administration.trial import Trial
from madoguchi.channels.line.actions import remove_account, set_account, try_account
from madoguchi.channels.line.models import Account
from madoguchi.channels.line.queries import account_of, standing_of
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_to_set_up
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires(Permission.MAIL_SERVERS)
def line_account(request: StaffRequest, pk: int) -> HttpResponse:
    """The settings of a LINE account, with the address to tell LINE."""
    point = _line_point(request, pk)
    form = LineAccountForm(request.POST or None, instance=account_of(point.pk))
    if request.POST and carried_out(form, lambda **_: set_account(point, **form.given(), by=request.actor)):
        say(request, text=_("Saved. Try it to see whether it works."))
        return redirect("administration:line_account", pk=pk)
    return _page(request, point, form)


@require_POST
@requires(Permission.MAIL_SERVERS)
def line_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask LINE who we are, how many messages are left, and whether it reaches us."""
    point = _line_point(request, pk)
    account = Account.objects.select_related("entry_point").defer("secret", "token").filter(entry_point=point)
    if not account:
        raise NotFound
    trial = _tried(account[0], request)
    return _page(request, point, LineAccountForm(instance=account_of(point.pk)), trial=trial)


@require_POST
@requires(Permission.MAIL_SERVERS)
def line_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget the channel and its secrets."""
    remove_account(_line_point(request, pk), by=request.actor)
    say(request, text=_("The secrets are forgotten. What was said stays."))
    return redirect("administration:line_account", pk=pk)


def webhook_url(point: EntryPoint) -> str:
    """Where LINE hands in what customers say."""
    return settings.BASE_URL + reverse("portal:line_webhook", args=[point.address.removeprefix("@")])


def _line_point(request: StaffRequest, pk: int) -> EntryPoint:
    point = entry_point_to_set_up(request.actor, pk, permission=Permission.MAIL_SERVERS)
    if point.kind != Channel.LINE:
        raise NotFound
    return point


def _tried(account: Account, request: StaffRequest) -> Trial:
    try:
        found = try_account(account, by=request.actor)
    except SecretUnreadable as error:
        return Trial.bad(_("It does not work yet."), str(error))
    answer = "\n".join(found.words)
    return Trial.good(_("It works."), answer) if found.ok else Trial.bad(_("It does not work yet."), answer)


def _page(request: StaffRequest, point: EntryPoint, form: LineAccountForm, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "point": point,
        "account": account_of(point.pk),
        "standing": standing_of(point.pk),
        "webhook_url": webhook_url(point),
        "is_secure": settings.BASE_URL.startswith("https://"),
    }
    return show_form(request, "entry_point_line", section="entry_points", **context, **more)
