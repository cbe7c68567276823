"""One translation of our errors to pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import Conflict, MadoguchiError, NotAllowed, NotFound, Refused

STATUS: dict[type[MadoguchiError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Refused: 422,
    Conflict: 409,
    TooOften: 429,
}


class AnswerClearly:
    """Turns an error that a person can act on into a page (or, for htmx, a notice) that says how."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, MadoguchiError):
            return None
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        partial = bool(getattr(request, "htmx", False)) or request.headers.get("X-Requested-With") == "fetch"
        template = "look/notice.html" if partial else f"{status if status in (403, 404) else 'problem'}.html"
        return render(request, template, {"error": error, "status": status}, status=status)
