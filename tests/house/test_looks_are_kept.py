"""Whoever is shown a customer's data by a page has looked at it, and that is kept: of every page of staff. What lies in
quarantine belongs to no customer yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path

from madoguchi.cases.models import Look
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires
from madoguchi.people.factories import World
from madoguchi.search.factories import index_everything
from tests.house.test_doors_are_guarded import patterns
from tests.house.test_strangers import OPEN_TO_STRANGERS, addresses, furnish

pytestmark = pytest.mark.django_db
# What `furnish` has customers say and be called, and staff write of them: a page with any of it shows their data.
THEIRS = ("髙橋 美咲", "美咲様", "misaki@home.example", "電源が入りません", "炊飯器について")


def pages(found: Sequence[tuple[str, URLPattern]], ours: dict[str, dict[str, object]]) -> list[str]:
    """Every address of staff that can be opened, filled in where it takes something."""
    found = [(address, pattern) for address, pattern in found if _opens(pattern)]
    plain = [address for address, pattern in found if not pattern.pattern.converters]
    outside = ("account/", *OPEN_TO_STRANGERS)
    return [*addresses(found, ours), *(f"/{one}" for one in plain if not one.startswith(outside))]


def _opens(pattern: URLPattern) -> bool:
    """Whether a page takes more than posts, which is asked before anything of the request."""
    request = HttpRequest()
    request.method = "GET"
    try:
        return pattern.callback(request).status_code != HTTPStatus.METHOD_NOT_ALLOWED
    except Exception:  # noqa: BLE001 - it would have needed more of the request
        return True


def shown_unkept(readers: Sequence[Client], found: Sequence[str]) -> list[str]:
    """Addresses that show whoever may read them first what is a customer's, and keep no look."""
    wrong = []
    for address in found:
        plain = _shown(readers, address, {})
        if plain.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            continue
        # A part of a page, which the page asks for, is shown by another way.
        part = plain if address.startswith("/administration/") else _shown(readers, address, HTMX)
        wrong += [address] if plain.unkept or part.unkept else []
    return wrong


@dataclass(frozen=True)
class Shown:
    """What became of the request of the first who may make it, and whether it showed anything and kept no look."""

    status: int
    unkept: bool


def _shown(readers: Sequence[Client], address: str, headers: dict[str, str]) -> Shown:
    with scope.everywhere(reason="each page is tried alone"):
        Look.objects.all().delete()
    for reader in readers:
        answer: Any = reader.get(address, headers=headers)
        if answer.status_code not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            break
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    page = body.decode(errors="replace")
    shows = answer.status_code == HTTPStatus.OK and any(words in page for words in THEIRS)
    return Shown(answer.status_code, shows and not _kept())


def _kept() -> bool:
    with scope.everywhere(reason="a test looks at what is kept"):
        return Look.objects.exists()


def test_every_page_that_shows_a_customers_data_keeps_who_looked(world: World) -> None:
    ours = furnish(world)
    index_everything()
    side = world.ours
    readers = [signed_in(one) for one in (side.agent, side.supervisor, side.company_manager)]
    found = pages(list(patterns(get_resolver())), ours)
    assert len(found) > 200

    assert shown_unkept(readers, found) == []


def test_a_planted_page_that_keeps_no_look_is_found(world: World, settings: Any) -> None:
    def careless(request: HttpRequest, number: str) -> HttpResponse:
        return HttpResponse("髙橋 美咲")

    def harmless(request: HttpRequest, number: str) -> HttpResponse:
        return HttpResponse("窓口")

    settings.ROOT_URLCONF = type(
        "Planted",
        (),
        {
            "urlpatterns": [
                path("cases/<str:number>/planted/", requires(Permission.CASE_READ)(careless)),
                path("cases/<str:number>/harmless/", requires(Permission.CASE_READ)(harmless)),
            ]
        },
    )
    found = pages(list(patterns(get_resolver())), {"cases": {"number": "A-1001"}})

    assert shown_unkept([signed_in(world.ours.agent)], found) == ["/cases/A-1001/planted/"]
