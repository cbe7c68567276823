"""Every page says who may open it, and a stranger or another company's person finds nothing behind it."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from madoguchi.kernel.actor import Permission
from madoguchi.people.access import public, requires

# Libraries guard their own pages: allauth by login_required and its flows.
GUARD_THEMSELVES = ("allauth.",)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def unguarded(found: Iterator[tuple[str, URLPattern]] | list[tuple[str, URLPattern]]) -> list[str]:
    """Addresses whose page names neither a permission nor a reason to be public."""
    return [address for address, pattern in found if not _says_who(pattern.callback)]


def _says_who(page: Any) -> bool:
    if (page.__module__ or "").startswith(GUARD_THEMSELVES):
        return True
    return isinstance(getattr(page, "permission", None), Permission) or bool(getattr(page, "public", ""))


def test_every_page_names_a_permission_or_a_reason_to_be_public() -> None:
    every = list(patterns(get_resolver()))
    assert len(every) > 30
    assert unguarded(every) == []


def test_planted_pages_without_a_guard_are_found() -> None:
    def open_page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def other_page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    planted = [
        ("open/", path("open/", open_page)),
        ("guarded/", path("guarded/", requires(Permission.CASE_READ)(open_page))),
        ("public/", path("public/", public("a customer has no account")(other_page))),
    ]
    assert unguarded(planted) == ["open/"]
