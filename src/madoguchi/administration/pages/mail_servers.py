"""Mail servers: set up, tried out, with the servers' own words."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from imapclient.exceptions import IMAPClientError

from madoguchi.administration import queries
from madoguchi.administration.forms import MailboxForm, SmtpForm, TestMailForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.trial import Trial
from madoguchi.channels.email import actions, imap, transport
from madoguchi.channels.email.models import Mailbox
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel, DeliveryFailure
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.MAIL_SERVERS)
def mail_servers(request: StaffRequest) -> HttpResponse:
    """Every mail address with how its mail comes and goes."""
    rows = page_of(request, queries.mail_entry_points(request.actor))
    return show(request, "mail_servers", section="mail_servers", page=rows)


@require_http_methods(["GET", "POST"])
@requires(Permission.MAIL_SERVERS)
def mailbox(request: StaffRequest, pk: int) -> HttpResponse:
    """Where an address's mail is read."""
    point = mail_point(request, pk)
    form = MailboxForm(request.POST or None, instance=queries.mailbox_of(point))
    if request.POST and carried_out(form, lambda **_data: _set_mailbox(request, point, form)):
        say(request, text=_("Saved. Try it with “Check the connection”."))
        return redirect("administration:mailbox", pk=pk)
    return _mailbox_page(request, point, form=form)


@require_POST
@requires(Permission.MAIL_SERVERS)
def mailbox_check(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign in to the mailbox and show what the server says."""
    return _try_mailbox(request, pk, lambda box: (_("The mailbox can be read."), imap.check(box)))


@require_POST
@requires(Permission.MAIL_SERVERS)
def mailbox_fetch(request: StaffRequest, pk: int) -> HttpResponse:
    """Read the mailbox now and show what came."""
    return _try_mailbox(request, pk, _fetched)


@require_POST
@requires(Permission.MAIL_SERVERS)
def mailbox_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget the mailbox."""
    actions.remove_mailbox(mail_point(request, pk), by=request.actor)
    say(request, text=_("The mailbox is no longer read. What was read stays."))
    return redirect("administration:mail_servers")


@require_http_methods(["GET", "POST"])
@requires(Permission.MAIL_SERVERS)
def smtp_server(request: StaffRequest, pk: int) -> HttpResponse:
    """By which server an address's mail leaves."""
    point = mail_point(request, pk)
    form = SmtpForm(request.POST or None, instance=queries.smtp_server_of(point))
    if request.POST and carried_out(form, lambda **_data: _set_smtp(request, point, form)):
        say(request, text=_("Saved. Send a test to see whether it works."))
        return redirect("administration:smtp_server", pk=pk)
    return _smtp_page(request, point, form=form, test_form=_test_form(request))


@require_POST
@requires(Permission.MAIL_SERVERS)
def smtp_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a short mail and show the server's answer."""
    point = mail_point(request, pk)
    server, test_form = queries.smtp_server_of(point), TestMailForm(request.POST)
    if server is None:
        raise NotFound
    trial = None
    if test_form.is_valid():
        try:
            trial = Trial.good(
                _("The server took the test."), transport.send_test(server, test_form.cleaned_data["to"])
            )
        except DeliveryFailure as failure:
            trial = Trial.bad(_("The server did not take the test."), failure.response)
    return _smtp_page(request, point, form=SmtpForm(instance=server), test_form=test_form, trial=trial)


@require_POST
@requires(Permission.MAIL_SERVERS)
def smtp_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget the server."""
    actions.remove_smtp_server(mail_point(request, pk), by=request.actor)
    say(request, text=_("Mail from this address no longer leaves through that server."))
    return redirect("administration:mail_servers")


def mail_point(request: StaffRequest, pk: int) -> EntryPoint:
    """The mail address whose servers are set up. Raises NotFound."""
    point = entry_point_to_set_up(request.actor, pk, permission=Permission.MAIL_SERVERS)
    if point.kind != Channel.EMAIL:
        raise NotFound
    return point


def _set_mailbox(request: StaffRequest, point: EntryPoint, form: MailboxForm) -> object:
    return actions.set_mailbox(point, settings=form.settings(), password=form.secret(), by=request.actor)


def _set_smtp(request: StaffRequest, point: EntryPoint, form: SmtpForm) -> object:
    return actions.set_smtp_server(point, settings=form.settings(), password=form.secret(), by=request.actor)


def _try_mailbox(
    request: StaffRequest, pk: int, attempt: Callable[[Mailbox], tuple[str, str]]
) -> HttpResponse:
    point = mail_point(request, pk)
    box = queries.mailbox_of(point)
    if box is None:
        raise NotFound
    try:
        trial = Trial.good(*attempt(box))
    except (OSError, IMAPClientError) as error:
        trial = Trial.bad(_("The mailbox cannot be read."), imap.in_words(error))
    return _mailbox_page(request, point, form=MailboxForm(instance=box), trial=trial)


def _fetched(box: Mailbox) -> tuple[str, str]:
    result = imap.fetch(box)
    said = ngettext("%d new mail came in.", "%d new mails came in.", result.stored) % result.stored
    return said, result.answer


def _test_form(request: StaffRequest) -> TestMailForm:
    return TestMailForm(initial={"to": getattr(request.user, "email", "")})


def _mailbox_page(
    request: StaffRequest, point: EntryPoint, *, form: MailboxForm, trial: Trial | None = None
) -> HttpResponse:
    stored = queries.mailbox_of(point)
    context = {"form": form, "point": point, "stored": stored, "trial": trial}
    return show_form(request, "mailbox", section="mail_servers", **context)


def _smtp_page(
    request: StaffRequest,
    point: EntryPoint,
    *,
    form: SmtpForm,
    test_form: TestMailForm,
    trial: Trial | None = None,
) -> HttpResponse:
    stored = queries.smtp_server_of(point)
    context = {"form": form, "test_form": test_form, "point": point, "stored": stored, "trial": trial}
    context |= {"keys": queries.dkim_keys_of(point), "domain": point.address.rpartition("@")[2]}
    return show_form(request, "smtp_server", section="mail_servers", **context)
