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
N_ = str  # marks words for the catalogue


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


# What pydantic finds, by its name for it, in words of ours; whatever else it finds it says itself.
_FOUND: Mapping[str, str] = {
    "missing": N_("It is missing."),
    "extra_forbidden": N_("There is no such field here."),
    "string_type": N_("It has to be text."),
    "string_too_short": N_("It needs %(min_length)s characters at least."),
    "string_too_long": N_("It may have %(max_length)s characters at most."),
    "string_pattern_mismatch": N_("It is not written in the form that is wanted here."),
    "int_type": N_("It has to be a whole number."),
    "int_parsing": N_("It has to be a whole number."),
    "int_from_float": N_("It has to be a whole number."),
    "bool_type": N_("It has to be true or false."),
    "bool_parsing": N_("It has to be true or false."),
    "list_type": N_("It has to be a list."),
    "dict_type": N_("It has to be an object."),
    "model_attributes_type": N_("It has to be an object."),
    "model_type": N_("It has to be an object."),
    "too_long": N_("It may have %(max_length)s entries at most."),
    "too_short": N_("It needs %(min_length)s entries at least."),
    "greater_than_equal": N_("It has to be %(ge)s or more."),
    "greater_than": N_("It has to be more than %(gt)s."),
    "less_than_equal": N_("It has to be %(le)s or less."),
    "less_than": N_("It has to be less than %(lt)s."),
    "enum": N_("It has to be one of these: %(expected)s"),
    "literal_error": N_("It has to be one of these: %(expected)s"),
    "datetime_type": N_("It has to be a moment like 2026-12-01T09:00:00+09:00."),
    "datetime_parsing": N_("It has to be a moment like 2026-12-01T09:00:00+09:00."),
    "datetime_from_date_parsing": N_("It has to be a moment like 2026-12-01T09:00:00+09:00."),
    "timezone_aware": N_("It has to name its zone, as in 2026-12-01T09:00:00+09:00."),
    "date_type": N_("It has to be a day like 2026-12-01."),
    "date_parsing": N_("It has to be a day like 2026-12-01."),
    "date_from_datetime_parsing": N_("It has to be a day like 2026-12-01."),
}


def misread(errors: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """The answer to a request whose fields cannot be read; names each of them."""
    told = [{"field": _field(e["loc"]), "detail": _found(e)} for e in errors]
    title = _("The request cannot be read")
    detail = _("Correct the fields named under errors and send it again.")
    return _written({"type": "about:blank", "title": title, "status": 422, "detail": detail, "errors": told})


def _found(error: Mapping[str, Any]) -> str:
    words = _FOUND.get(str(error.get("type", "")))
    return _(words) % error.get("ctx", {}) if words else str(error["msg"])


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
