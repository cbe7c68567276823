"""What every request of a signed-in person gets: their language, and the scope of what they may see."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from madoguchi.infra import scope
from madoguchi.infra.origin import coming_from
from madoguchi.people.queries import actor_of

Handler = Callable[[HttpRequest], HttpResponse]


class ChosenLanguage:
    """The language somebody chose (a cookie), else Japanese."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(known):
            request.LANGUAGE_CODE = known
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", known)
        return response


class WithinScope:
    """Runs the request of a signed-in person, rendering included, in one transaction on their companies."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.actor = actor_of(request.user)  # type: ignore[attr-defined]
        where = f"page {request.META.get('REMOTE_ADDR', '')}".strip()
        with coming_from(where), scope.acting_for(request.actor.companies):  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        # Whatever a signed-in person is shown may be about customers or staff: no cache keeps it.
        patch_cache_control(response, no_store=True, private=True)
        return response
