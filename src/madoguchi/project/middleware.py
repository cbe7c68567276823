"""One translation of our errors to pages, and the address from which files alone are handed out."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.utils.translation import gettext as _

from madoguchi.customers.attempts import gathered, tell
from madoguchi.infra.http_status import status_of
from madoguchi.kernel.errors import MadoguchiError, Refused


class AnswerClearly:
    """Turns an error that a person can act on into a page (or, for htmx, a notice) that says how."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if _is_nonsense(error):
            error = Refused(_("This address or entry cannot be read. Correct it and try again."))
        return refusal(request, error) if isinstance(error, MadoguchiError) else None


def refusal(request: HttpRequest, error: MadoguchiError) -> HttpResponse:
    """The page (or, for htmx, the notice) that says what was refused and how to go on."""
    status = status_of(error)
    partial = bool(getattr(request, "htmx", False)) or request.headers.get("X-Requested-With") == "fetch"
    template = "look/notice.html" if partial else f"{status if status in (403, 404) else 'problem'}.html"
    return render(request, template, {"error": error, "status": status}, status=status)


def _is_nonsense(error: Exception) -> bool:
    """Whether somebody sent what no number or text of ours can be: NUL, or a number beyond every column."""
    too_long = isinstance(error, ValueError) and "integer string conversion" in str(error)
    return too_long or isinstance(error, DataError) or "NUL" in str(error)


class TellsOfAttempts:
    """Has the company's log say what somebody tried although it is kept from them, on pages and by the API: once the
    transaction of the request is over, which a refusal takes back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with gathered() as tried:
            response = self.get_response(request)
        tell(tried)
        return response


class FilesAlone:
    """At the address that files have for themselves nothing else is served, so that what a file might do there
    reaches no page and no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = urlsplit(settings.FILES_ORIGIN).netloc
        if host and request.get_host() == host and not request.path.startswith("/handed/"):
            return HttpResponseNotFound(content_type="text/plain")
        return self.get_response(request)
