"""The page of a message slip, for somebody without an account: read, and say so; done, and say what.

Whoever holds its signed link may see the slip, and nothing else of the case. Looking is told once and changes nothing
else, for programs that look through mail open every link.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.escalations import slips
from madoguchi.escalations.actions import answer_by_slip
from madoguchi.escalations.enclosing import fetch_by_slip, files_of
from madoguchi.escalations.links import open_slip
from madoguchi.escalations.models import Slip
from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften, count
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.access import public
from madoguchi.portal.uploads import as_download
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, refusal_words, visitor_key

WINDOW, MOST_OF_VISITOR, MOST_LOOKS = 600, 60, 120


@public("who holds the signed link of a slip is whom it was written for")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_visitors_language
@discreet
def slip(request: HttpRequest, signed: str) -> HttpResponse:
    """The slip; posted, that it was read or is done."""
    if request.method != "POST":
        count(f"portal:slip:look:{visitor_key(request)}", most=MOST_LOOKS, seconds=WINDOW)
    found, problem, status = _opened(signed), "", 200
    if request.method == "POST":
        try:
            _act(request, found)
            return redirect(request.path)
        except (Refused, Conflict, TooOften) as error:
            found, problem, status = open_slip(signed), refusal_words(error), 422
    context = {"problem": problem, "written": request.POST.get("text", ""), "signed": signed}
    return render(request, "portal/slip.html", context | _told(found), status=status)


@public("who holds the signed link of a slip is whom it was written for")
@require_safe
@in_visitors_language
@discreet
def slip_file(request: HttpRequest, signed: str, file: int) -> HttpResponse:
    """A file of the question that a slip brings, to be saved; gone once the slip is done, withdrawn or expired."""
    count(f"portal:slip:look:{visitor_key(request)}", most=MOST_LOOKS, seconds=WINDOW)
    found = open_slip(signed)
    with scope.acting_for([found.company_id]):
        return as_download(fetch_by_slip(found, file))


def _told(found: Slip) -> dict[str, Any]:
    """What a page tells of a slip, with the files that go with it while it is open."""
    with scope.acting_for([found.company_id]):
        files = files_of(found.escalation) if found.escalation and found.is_open else []
    told = {"slip": found, "one": found.escalation, "files": files, "desk": found.home.desk}
    return told | company_head(found.company)


def _opened(signed: str) -> Slip:
    """The slip, and once a link that it was opened. Raises NotFound."""
    found = open_slip(signed)
    if found.is_open and found.opened < found.generation:
        with scope.acting_for([found.company_id]):
            slips.note_opened(found)
        return open_slip(signed)
    return found


def _act(request: HttpRequest, found: Slip) -> None:
    """What somebody says of a slip. Raises Refused, Conflict, TooOften."""
    count(f"portal:slip:{visitor_key(request)}", most=MOST_OF_VISITOR, seconds=WINDOW)
    text = request.POST.get("text", "")
    with scope.acting_for([found.company_id]):
        if request.POST.get("what") != "done":
            slips.read_by_link(found)
        elif not found.escalation_id:
            slips.done_by_link(found, words=text)
        else:
            # The words are kept before the slip is done: what is refused leaves both open.
            answer_by_slip(found, text=text)
            slips.done_by_link(found, words="")
