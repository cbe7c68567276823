"""How a chat's page and we talk: JSON both ways, from the sites that the chat may stand on, without cookies."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from madoguchi.channels.webchat.models import Widget
from madoguchi.channels.webchat.queries import may_stand_on, widget_of
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.http_status import status_of
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import MadoguchiError, NotFound, Refused
from madoguchi.people.access import public
from madoguchi.portal.chat.passes import PassUnknown
from madoguchi.portal.chat.talk import chat_door
from madoguchi.portal.uploads import files_in, limit_uploads

Asked = dict[str, Any]
Page = Callable[[EntryPoint, Widget, Asked, HttpRequest], dict[str, Any]]
MOST_BYTES = 100_000
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_WHY = "a chat is for anybody on the sites it stands on; who wrote is proven by a signed pass"


class _Garbled(Exception):
    """What was posted is nothing that a chat's page writes."""


def of_a_chat(page: Page) -> Callable[..., HttpResponseBase]:
    """A page for chats alone: finds the chat, looks at the origin, reads what is posted, answers and refuses in JSON.

    It is posted to from a site that the chat stands on and that the browser names: an image or a link on any
    other site, which a browser fetches without naming its own, asks nothing of us.
    """
    return _open_to(page, methods=("POST",))


def told_to_anybody(page: Page) -> Callable[..., HttpResponseBase]:
    """Like `of_a_chat`, for a page that changes nothing and tells no secret: it may be fetched, too, by whoever."""
    return _open_to(page, methods=("GET", "POST"))


def _open_to(page: Page, *, methods: tuple[str, ...]) -> Callable[..., HttpResponseBase]:
    @public(_WHY)
    @csrf_exempt  # no cookie gives any right here
    @wraps(page)
    def answered(request: HttpRequest, address: str) -> HttpResponse:
        try:
            door = chat_door(address)
        except NotFound:
            return JsonResponse({"error": "not found"}, status=404)
        if request.method not in (*methods, "OPTIONS"):
            return JsonResponse({"error": "post this"}, status=405, headers={"Allow": ", ".join(methods)})
        with scope.acting_for([door.company_id]):
            widget = widget_of(door.pk)
        origin = request.headers.get("Origin", "")
        nobodys = not origin and "GET" in methods
        if not nobodys and not may_stand_on(widget, origin, own=settings.BASE_URL):
            return _refused(origin, request)
        response = HttpResponse() if request.method == "OPTIONS" else _answer(page, door, widget, request)
        return _shared_with(origin, response, methods)

    return answered


def _answer(page: Page, door: EntryPoint, widget: Widget, request: HttpRequest) -> HttpResponse:
    try:
        asked = _asked(request)
        with translation.override("en" if asked.get("language") == "en" else "ja"):
            return JsonResponse(page(door, widget, asked, request))
    except _Garbled as error:
        return JsonResponse({"error": str(error)}, status=400)
    except TooOften as limit:
        return JsonResponse({"error": "too often", "seconds": limit.seconds}, status=429)
    except MadoguchiError as error:
        field = error.field if isinstance(error, Refused | PassUnknown) else ""
        return JsonResponse({"error": str(error), "field": field}, status=status_of(error))


def _asked(request: HttpRequest) -> Asked:
    if request.method == "GET":
        return dict(request.GET.items())
    if request.content_type == "multipart/form-data":
        return _with_files(request)
    return _read(lambda: request.body)


def _with_files(request: HttpRequest) -> Asked:
    """What stands in the part `asked`, with the `files` beside it."""
    quota = limit_uploads(request)
    asked = _read(lambda: request.POST.get("asked", "").encode())
    with translation.override("en" if asked.get("language") == "en" else "ja"):
        return {**asked, "files": files_in(request, quota)}


def _read(body: Callable[[], bytes]) -> Asked:
    try:
        written = body()
        asked = json.loads(written) if len(written) <= MOST_BYTES else None
    except (ValueError, RecursionError, RequestDataTooBig, MultiPartParserError, TooManyFilesSent):
        asked = None
    if not isinstance(asked, dict):
        raise _Garbled("This is no JSON object of at most 100 KB.")
    if any(isinstance(words, str) and _LONE_SURROGATES.search(words) for words in asked.values()):
        raise _Garbled("This holds half a character.")
    return asked


def _refused(origin: str, request: HttpRequest) -> HttpResponse:
    """The page there may read that it was refused, and nothing else: it would take it for a lost connection."""
    refused = JsonResponse({"error": "this chat does not stand on that site"}, status=403)
    patch_vary_headers(refused, ["Origin"])
    if origin and request.method != "OPTIONS":
        refused.headers["Access-Control-Allow-Origin"] = origin
    return refused


def _shared_with(origin: str, response: HttpResponse, methods: tuple[str, ...]) -> HttpResponse:
    patch_vary_headers(response, ["Origin"])
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
