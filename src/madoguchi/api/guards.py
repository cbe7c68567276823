"""What stands before the routes: the permission that each names, the key under which something is made once, and how
far one page of many goes.
"""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Header
from ninja import Status as Answered
from pydantic import Field

from madoguchi.api.once import HEADER, once
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.access import StaffRequest
from madoguchi.people.models import AccessToken

Route = Callable[..., Any]
Limit = Annotated[int, Field(ge=1, le=100)]
Positive = Annotated[int, Field(ge=0, lt=2**63)]
Key = Annotated[str, Header(alias=HEADER, min_length=1, max_length=200, pattern="^[!-~]+$")]
PREFIX = "/api/v1/"


def first_of(rows: QuerySet[Any], limit: int, *, by: str = "pk") -> tuple[list[Any], int | None]:
    """So many rows in the order of their ids, and after which the next ones come, if there are any. One query."""
    found = list(rows.order_by(by)[: limit + 1])
    return found[:limit], getattr(found[limit - 1], by) if len(found) > limit else None


def needs(permission: Permission) -> Callable[[Route], Route]:
    """The route is for tokens that carry this permission somewhere; where exactly, its query or action checks."""

    def protect(route: Route) -> Route:
        @wraps(route)
        def protected(request: StaffRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.actor.may_anywhere(permission):
                raise NotAllowed(permission)
            return route(request, *args, **kwargs)

        protected.permission = permission  # type: ignore[attr-defined]
        return protected

    return protect


class ProgramRequest(StaffRequest):
    """A request of a program, as routes receive it."""

    token: AccessToken


def makes(place: str) -> Callable[[Route], Route]:
    """The route makes something, once for each Idempotency-Key; `place` is its address, filled in with the answer."""

    def keep(route: Route) -> Route:
        @wraps(route)
        def kept(request: ProgramRequest, response: HttpResponse, *, key: str, **given: Any) -> Any:
            answer, again = once(
                request,
                token=request.token,
                key=key,
                make=lambda: cast(dict[str, Any], route(request, response, key=key, **given)),
            )
            response.headers["Location"] = PREFIX + place.format(**given, **answer)
            if again:
                response.headers["Idempotency-Replayed"] = "true"
            return Answered(201, answer)

        return kept

    return keep
