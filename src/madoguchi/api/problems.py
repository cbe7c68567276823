"""Errors as programs are told them: problem+json (RFC 9457), in words that say what to do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from madoguchi.infra.http_status import status_of
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import AskFirst, Conflict, MadoguchiError, NotAllowed, NotFound, Refused

MEDIA_TYPE = "application/problem+json"


class Unauthenticated(MadoguchiError):
    """No token was shown, or one that opens nothing."""


class Changed(MadoguchiError):
    """What was to be changed is no longer as the program has seen it; nothing was done."""


def problem(error: MadoguchiError, *, status: int | None = None) -> HttpResponse:
    """The answer that tells of this error."""
    code = status or _status(error)
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(error),
        "status": code,
        "detail": _detail(error),
    }
    if isinstance(error, Refused) and error.field:
        told["errors"] = [{"field": field, "detail": words} for field, words in error.fields.items()]
    if isinstance(error, AskFirst):
        told["questions"] = [{"key": key, "words": words} for key, words in error.questions]
    answer = _written(told)
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def misread(errors: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """The answer to a request whose fields cannot be read; names each of them."""
    told = [{"field": _field(e["loc"]), "detail": str(e["msg"])} for e in errors]
    title = _("The request cannot be read")
    detail = _("Correct the fields named under errors and send it again.")
    return _written({"type": "about:blank", "title": title, "status": 422, "detail": detail, "errors": told})


def _field(place: Sequence[str | int]) -> str:
    """As the program calls it; a body as a whole has a name with us alone."""
    source, *names = map(str, place)
    return ".".join(names[1:]) or source if source == "body" else ".".join(names)


def _written(told: Mapping[str, Any]) -> HttpResponse:
    body = json.dumps(told, ensure_ascii=False)
    return HttpResponse(body, status=told["status"], content_type=MEDIA_TYPE)


def _status(error: MadoguchiError) -> int:
    if isinstance(error, Changed):
        return 412
    return 401 if isinstance(error, Unauthenticated) else status_of(error)


def _title(error: MadoguchiError) -> str:
    titles: list[tuple[type[MadoguchiError] | tuple[type[MadoguchiError], ...], str]] = [
        (Unauthenticated, _("A token is needed")),
        (NotAllowed, _("The token does not allow this")),
        (NotFound, _("There is nothing here")),
        (TooOften, _("Too many requests")),
        ((Conflict, Changed), _("Somebody else was faster")),
    ]
    return next(
        (words for kind, words in titles if isinstance(error, kind)), _("This cannot be done as asked")
    )


def _detail(error: MadoguchiError) -> str:
    if isinstance(error, Unauthenticated):
        return _("Send “Authorization: Bearer” with a token that has neither expired nor been revoked.")
    if isinstance(error, NotAllowed):
        needed = {"permission": str(error)}
        return _("It needs %(permission)s. Make a token with it, for a person who holds it there.") % needed
    if isinstance(error, NotFound):
        return _("It does not exist, or lies outside of what the token opens. Check the address.")
    if isinstance(error, Changed):
        return _("It is no longer as If-Match says, and nothing was changed. Read it again, then decide.")
    if isinstance(error, TooOften):
        return _("The limit of this token is reached. Try again in %(seconds)s seconds.") % {
            "seconds": error.seconds
        }
    return str(error)
