"""OAuth 2 for an address's mail account: who asks, whether somebody has consented, and what to do if not."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration import queries
from madoguchi.administration.forms import OAuthForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.administration.pages.mail_servers import mail_point
from madoguchi.channels.email import actions
from madoguchi.channels.email.oauth import Provider, Trouble, in_words
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires(Permission.MAIL_SERVERS)
def oauth(request: StaffRequest, pk: int) -> HttpResponse:
    """Who asks the provider for tokens, and how it stands with the consent."""
    point = mail_point(request, pk)
    stored = queries.oauth_account_of(point)
    form = OAuthForm(request.POST or None, instance=stored)
    if request.POST and carried_out(form, lambda **_data: _set(request, point, form)):
        say(request, text=_("Saved. Now somebody has to consent, with the command below."))
        return redirect("administration:oauth", pk=pk)
    said = in_words(Trouble(stored.problem), address=point.address) if stored and stored.problem else ""
    context = {"form": form, "point": point, "stored": stored, "problem": said, "other": Provider.OTHER}
    return show_form(request, "oauth", section="mail_servers", **context)


@require_POST
@requires(Permission.MAIL_SERVERS)
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget the client and all tokens."""
    actions.remove_oauth(mail_point(request, pk), by=request.actor)
    say(request, text=_("The client and its tokens are forgotten."))
    return redirect("administration:oauth", pk=pk)


def _set(request: StaffRequest, point: EntryPoint, form: OAuthForm) -> object:
    secret = form.cleaned_data["secret"] or None
    return actions.set_oauth_client(point, settings=form.settings(), secret=secret, by=request.actor)
