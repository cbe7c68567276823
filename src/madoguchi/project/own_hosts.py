"""Help centres under addresses of companies' own: there they are read, and nothing else of the installation is."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.http.request import split_domain_port

from madoguchi.helpcentre.hosts import is_ours
from madoguchi.helpcentre.queries import centre_at
from madoguchi.kernel import clock

# What was proven or withdrawn is known so soon everywhere.
_SECONDS = 30


class OwnHosts:
    """Serves a help centre under its company's own address, by one query in half a minute for each name.

    Whatever else is asked for there is not found, so no session begins and no form is sent under a name that is not the
    installation's. To what comes after, the request is one to the installation itself: ALLOWED_HOSTS need not change.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if not host or is_ours(host):
            return self.get_response(request)
        slug = _slug_at(host, int(clock.now().timestamp()) // _SECONDS)
        if not slug:
            return self.get_response(request)
        home = f"/help/{slug}/"
        if request.path_info == "/":
            return HttpResponseRedirect(home)
        if not request.path_info.startswith((home, settings.STATIC_URL)):
            return HttpResponseNotFound(content_type="text/plain")
        request.META["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        request.META.pop("HTTP_X_FORWARDED_HOST", None)
        request.own_host = host  # type: ignore[attr-defined]
        return self.get_response(request)


@lru_cache(maxsize=512)
def _slug_at(host: str, _moment: int) -> str:
    return centre_at(host)
