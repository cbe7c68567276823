"""The keys by which mail of an address's domain is signed: made, published, taken into use, forgotten."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.administration import queries
from madoguchi.administration.pages.mail_servers import mail_point
from madoguchi.channels.email import actions
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_POST
@requires(Permission.MAIL_SERVERS)
def make(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a key. It signs nothing until its record is published and it is taken into use."""
    actions.make_dkim_key(mail_point(request, pk), by=request.actor)
    say(request, text=_("A key is made. Publish its record in the DNS, then take it into use."))
    return _at_the_keys(pk)


@require_POST
@requires(Permission.MAIL_SERVERS)
def use(request: StaffRequest, pk: int, key: int) -> HttpResponse:
    """Sign with this key from now on."""
    point = mail_point(request, pk)
    actions.sign_with(queries.dkim_key_of(point, key), point, by=request.actor)
    say(request, text=_("Mail from this domain is signed with this key from now on."))
    return _at_the_keys(pk)


@require_POST
@requires(Permission.MAIL_SERVERS)
def remove(request: StaffRequest, pk: int, key: int) -> HttpResponse:
    """Forget a key."""
    point = mail_point(request, pk)
    actions.remove_dkim_key(queries.dkim_key_of(point, key), point, by=request.actor)
    say(request, text=_("The key is forgotten."))
    return _at_the_keys(pk)


def _at_the_keys(pk: int) -> HttpResponse:
    return redirect(f"{reverse('administration:smtp_server', args=[pk])}#dkim")
