"""How a chat looks, what it asks, and where it may stand."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.administration.forms.chat import ChatForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.channels.webchat.actions import shape_chat
from madoguchi.channels.webchat.queries import widget_of
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def entry_point_chat(request: StaffRequest, pk: int) -> HttpResponse:
    """The settings of a chat, with the line that brings it onto a page."""
    found = entry_point_to_set_up(request.actor, pk)
    if found.kind != Channel.CHAT:
        raise NotFound
    form = ChatForm(request.POST or None, instance=widget_of(found.pk))
    if request.POST and carried_out(form, lambda **data: shape_chat(found, **data, by=request.actor)):
        say(request, text=_("Saved. Have a look at the chat as customers see it."))
        return redirect("administration:entry_point_chat", pk=pk)
    context = {"form": form, "point": found, "tag": tag_of(found), "sample_url": sample_url(found)}
    return show_form(request, "entry_point_chat", section="entry_points", **context)


def tag_of(point: EntryPoint) -> str:
    """The line that brings a chat onto a page."""
    source = f"{settings.BASE_URL}{static('portal/chat/widget.js')}?at={point.address}"
    return f'<script type="module" src="{source}"></script>'


def sample_url(point: EntryPoint) -> str:
    """A page of ours on which the chat can be tried."""
    return settings.BASE_URL + reverse("portal:chat_sample", args=[point.address])
