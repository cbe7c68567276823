"""The page on which somebody who wrote by LINE shows, by a code sent to them by mail, which customer they are.

From there they go on to LINE, which tells us by the webhook that the account is theirs, too.

Whoever holds its signed link got it by LINE. Looking changes nothing; no cookie is read, so no CSRF token is asked.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madoguchi.channels.line.linking import Invitation, confirm, open_invitation, send_code
from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften, count
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.access import public
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, visitor_key

WINDOW, MOST_OF_VISITOR = 600, 60


@public("who holds the signed link of an invitation got it by LINE")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_visitors_language
@discreet
def linking(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask for a mail address, then for the code that was sent there, and show the way to LINE."""
    count(f"portal:line:{visitor_key(request)}", most=MOST_OF_VISITOR, seconds=WINDOW)
    invited, step, problem, way = open_invitation(signed), request.POST.get("what", ""), "", ""
    try:
        way = _act(invited, request)
    except (Refused, TooOften, NotAllowed) as error:
        problem, step = _words(error), "" if step == "send" else "send"
    context = {"friend": invited.friend, "step": step, "problem": problem, "said": request.POST, "way": way}
    context |= {"desk": invited.friend.entry_point.desk, **company_head(invited.friend.company)}
    return render(request, "portal/line_linking.html", context, status=422 if problem else 200)


def _act(invited: Invitation, request: HttpRequest) -> str:
    if request.POST.get("what") == "send":
        with scope.acting_for([invited.friend.company_id]):
            send_code(invited, address=request.POST.get("address", ""))
    elif request.POST.get("what") == "confirm":
        return confirm(invited, code=request.POST.get("code", ""))
    return ""


def _words(error: Refused | TooOften | NotAllowed) -> str:
    if isinstance(error, TooOften):
        return _("That was very often. Try again later.")
    if isinstance(error, NotAllowed):
        return _("This invitation counts no more. Ask us for a new one by LINE.")
    return str(error)
