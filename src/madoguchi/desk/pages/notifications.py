"""What one is told: the bell, the list, reading; following a case; and what one wishes to be told."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list
from madoguchi.companies.queries import desks_of
from madoguchi.desk.notifications import bell_of, kinds_of, lines_of, place_of, told_by
from madoguchi.desk.pages.parts import DeskRequest, acted, case_url, frame_context, private, the_case
from madoguchi.following import actions
from madoguchi.following.queries import notification_of, wishes_of
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.people.queries import people_by_id

MOST_DIGITS = 18


@require_safe
@requires(Permission.ARTICLES_READ)
def notifications(request: DeskRequest) -> HttpResponse:
    """What one is told, the newest first; `before` pages."""
    before = request.GET.get("before", "")
    place = int(before) if before.isdecimal() and len(before) <= MOST_DIGITS else None
    lines, follow = lines_of(request.actor, before=place)
    note_list(cases=[line.case for line in lines if line.subject and line.case], by=request.actor)
    context = frame_context(request, desks_of(request.actor)) | {"lines": lines, "next": follow}
    return private(request, render(request, "desk/notifications.html", context | {"before": place}))


@require_safe
@requires(Permission.ARTICLES_READ)
def bell(request: DeskRequest) -> HttpResponse:
    """The bell, for a page that stands; `news` asks what the browser may say."""
    shown = bell_of(request.actor, name_newest=bool(request.GET.get("news")))
    return private(request, render(request, "desk/bell.html", {"bell": shown}))


@require_safe
@requires(Permission.ARTICLES_READ)
def go(request: DeskRequest, pk: int) -> HttpResponse:
    """It leads to its case, its article, or to what one's desk is asked. Whether it is read is said by `mark`, for what
    is merely asked for changes nothing.
    """
    one = notification_of(pk, actor=request.actor)
    if one.question_id:
        return redirect("desk:escalation", one.question_id)
    return redirect(case_url(one.case)) if one.case else redirect(place_of(one))


@require_POST
@requires(Permission.ARTICLES_READ)
def mark(request: DeskRequest, pk: int) -> HttpResponse:
    """Mark one as read, or as unread again, without going there."""
    one = notification_of(pk, actor=request.actor)
    actions.mark_read([one], by=request.actor, read=request.POST.get("read") == "yes")
    return redirect("desk:notifications")


@require_POST
@requires(Permission.ARTICLES_READ)
def mark_all(request: DeskRequest) -> HttpResponse:
    """Mark all as read."""
    actions.mark_all_read(by=request.actor)
    say(request, text=_("All are marked as read."))
    return redirect("desk:notifications")


@require_http_methods(["GET", "POST"])
@requires(Permission.ARTICLES_READ)
def wishes(request: DeskRequest) -> HttpResponse:
    """What one wishes to be told."""
    if request.method == "POST":
        said = {name: name in request.POST for name in ("follows_own", "in_browser")}
        actions.wish(by=request.actor, told=told_by(request.POST), **said)
        say(request, text=_("Saved."))
        return redirect("desk:notification_wishes")
    context = frame_context(request, desks_of(request.actor))
    person = request.actor.id or 0
    wishes = wishes_of(person)
    context |= {"wishes": wishes, "kinds": kinds_of(wishes), "address": people_by_id([person])[person].email}
    return private(request, render(request, "desk/notification_wishes.html", context))


@require_POST
@requires(Permission.CASE_NOTE)
def follow(request: DeskRequest, number: str) -> HttpResponse:
    """Follow a case or leave it."""
    case = the_case(request, number)
    leaves = request.POST.get("follow") == "no"
    (actions.unfollow if leaves else actions.follow)(case, by=request.actor)
    text = _("You no longer follow this case.") if leaves else _("You follow this case.")
    return acted(request, case, text)
