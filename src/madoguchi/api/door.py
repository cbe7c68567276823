"""The door of the API: who asks, how often, in which language, and within which scope it is answered.

Routes need pydantic and django-ninja; they are imported with the first request, so that a process which serves
pages alone never holds them.
"""

import hashlib
from typing import cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_languages, parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from madoguchi.api.kept import keep_back, require_no_dots
from madoguchi.api.problems import Unauthenticated, problem
from madoguchi.cases.actions.look import whom_it_shows
from madoguchi.infra import limits, scope
from madoguchi.infra.origin import coming_from
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import MadoguchiError, NotFound, Refused
from madoguchi.people.access import public
from madoguchi.people.actions import note_use
from madoguchi.people.models import AccessToken
from madoguchi.people.tokens import actor_by, token_shown

ROUTES = "madoguchi.api.v1"


# A browser's cookie opens nothing here, so no other site can use it: there is nothing to forge.
@csrf_exempt
@public("programs show a token instead of signing in")
def door(request: HttpRequest) -> HttpResponse:
    """Answer a program. Every error is a problem in words for the person who reads the program's log."""
    token, asked = _token_of(request), request.method
    language = _language(request, token)
    with translation.override(language):
        # A head is that of what is read: the same is looked up, counted and kept, and nothing of it said.
        request.method = "GET" if asked == "HEAD" else asked
        answer = _answer_or_problem(request, token)
        request.method = asked
    answer.headers["Content-Language"] = language
    patch_cache_control(answer, no_cache=True, private=True)
    return _without_body(answer) if asked == "HEAD" else answer


def _answer_or_problem(request: HttpRequest, token: AccessToken | None) -> HttpResponse:
    try:
        return _in_words(_answer(request, token), request)
    except MadoguchiError as error:
        return problem(error)
    except Http404:
        return problem(NotFound(request.path))
    except RequestDataTooBig:
        most = {"most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_000_000}
        words = _("A request holds %(most)s MB at most. Send less, such as smaller files.") % most
        return problem(Refused(words), status=413)
    except DataError:
        return problem(Refused(_("No number or text of ours can be like this. Correct it and try again.")))


def _answer(request: HttpRequest, token: AccessToken | None) -> HttpResponse:
    if token is None:
        raise Unauthenticated
    limits.count(f"api {token.pk}", most=settings.API_PER_MINUTE, seconds=60)
    route = resolve(request.path_info, urlconf=ROUTES)
    note_use(token, on=clock.today())
    request.token, request.actor = token, actor_by(token)  # type: ignore[attr-defined]
    where = f"API {request.META.get('REMOTE_ADDR', '')}".strip()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require_no_dots(request, actor=actor)
    with coming_from(where), scope.acting_for(actor.companies), whom_it_shows() as (cases, customers):
        answer = route.func(request, *route.args, **route.kwargs)
        keep_back(answer, cases, customers, actor=actor)
        if answer.status_code >= 400:
            transaction.set_rollback(True)
    return _unless_known(request, answer)


def _in_words(answer: HttpResponse, request: HttpRequest) -> HttpResponse:
    if answer.status_code != 405:
        return answer
    taken = [method.strip() for method in answer.headers["Allow"].split(",")]
    also = [*(["HEAD"] if "GET" in taken else []), "OPTIONS"]
    if request.method == "OPTIONS":
        told = HttpResponse(status=204)
    else:
        told = problem(Refused(_("This address does not take %s.") % request.method), status=405)
    told.headers["Allow"] = ", ".join([*taken, *also])
    return told


def _without_body(answer: HttpResponse) -> HttpResponse:
    if answer.status_code not in (204, 304):
        answer.headers["Content-Length"] = str(len(answer.content))
    answer.content = b""
    return answer


def _unless_known(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """What is read bears a mark of what it says (ETag); who shows it gets 304 for as long as that holds.

    What can be changed has its version in front, by which If-Match is judged.
    """
    if request.method not in ("GET", "PATCH") or answer.status_code != 200:
        return answer
    mark = f'"{answer.headers.get("ETag", "")}{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    answer.headers["ETag"] = mark
    if request.method == "PATCH":
        return answer
    return cast(HttpResponse, get_conditional_response(request, etag=mark, response=answer))


def _token_of(request: HttpRequest) -> AccessToken | None:
    scheme, _space, words = request.headers.get("Authorization", "").partition(" ")
    return token_shown(words.strip()) if scheme.lower() == "bearer" else None


def _language(request: HttpRequest, token: AccessToken | None) -> str:
    """What the program asks for, else its person's language."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted.partition("-")[0] in get_languages():
            return wanted.partition("-")[0]
    return token.user.language if token else settings.LANGUAGE_CODE
