"""Recordings that a company's callers hear: uploaded, listened to, put back, deleted."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.announcements import AnnouncementForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.channels.phone import sounds
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.voice import announcements as kept
from madoguchi.voice.speech import spoken


@require_safe
@requires(Permission.DESKS)
def announcements(request: StaffRequest) -> HttpResponse:
    """The companies whose recordings one looks after."""
    page = page_of(request, companies_with(request.actor, Permission.DESKS).order_by("name", "pk"))
    return show(request, "announcements", section="announcements", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def company_announcements(request: StaffRequest, pk: int) -> HttpResponse:
    """The recordings of a company, and uploading one."""
    company = company_with(request.actor, pk, Permission.DESKS)
    form = AnnouncementForm(request.POST or None, request.FILES or None)

    def add(name: str, file: Any, words: str) -> Any:
        content = file.read() if file else spoken(words)
        return kept.add_announcement(pk, name=name, content=content, words=words, by=request.actor)

    if request.POST and carried_out(form, add):
        say(request, text=_("Kept. Callers hear it from the next call on."))
        return redirect("administration:company_announcements", pk=pk)
    shown, own = kept.announcements_of(pk), sorted(sounds.names())
    more = {"company": company, "shown": shown, "comes_along": own}
    return show_form(request, "company_announcements", section="announcements", form=form, **more)


@require_safe
@requires(Permission.DESKS)
def announcement(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """A recording with its versions."""
    company, versions = company_with(request.actor, pk, Permission.DESKS), kept.versions_of(pk, name)
    if not versions:
        raise NotFound(name)
    more: dict[str, Any] = {"used_at": kept.used_at(pk).get(name, ()), "comes_along": sounds.is_there(name)}
    more |= {"company": company, "name": name, "versions": versions}
    return show(request, "announcement", section="announcements", **more)


@require_safe
@requires(Permission.DESKS)
def announcement_sound(request: StaffRequest, pk: int, digest: str) -> HttpResponse:
    """A version of a recording, to be listened to."""
    company_with(request.actor, pk, Permission.DESKS)
    sound = kept.sound_of(pk, digest)
    if sound is None:
        raise NotFound(digest)
    response = HttpResponse(sounds.as_wav(sound), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_POST
@requires(Permission.DESKS)
def announcement_again(request: StaffRequest, pk: int, name: str, number: int) -> HttpResponse:
    """Let an earlier version be heard again."""
    company_with(request.actor, pk, Permission.DESKS)
    made = kept.use_announcement_again(pk, name=name, number=number, by=request.actor)
    say(request, text=_("Version %(number)s is heard now.") % {"number": made.number})
    return redirect("administration:announcement", pk=pk, name=name)


@require_POST
@requires(Permission.DESKS)
def announcement_remove(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Delete a recording with all its versions."""
    company_with(request.actor, pk, Permission.DESKS)
    kept.remove_announcement(pk, name=name, comes_along=sounds.is_there, by=request.actor)
    say(request, text=_("Deleted."))
    return redirect("administration:company_announcements", pk=pk)
