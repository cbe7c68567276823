"""The routes of version 1. Each names the permission it needs; a test finds the rest."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import Header, NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import AwareDatetime, Field

import madoguchi
from madoguchi.api import queries, schemas
from madoguchi.api.changing import change_case, mark_of
from madoguchi.api.problems import misread, problem
from madoguchi.cases.lists import View
from madoguchi.cases.queries import case_by_number
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import MadoguchiError, NotAllowed, Refused
from madoguchi.people.access import StaffRequest

Route = Callable[..., Any]
PREFIX = "/api/v1/"
api = NinjaAPI(
    title="Madoguchi",
    version=madoguchi.__version__,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
    openapi_extra={
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    },
)


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


@api.exception_handler(MadoguchiError)
def tell_at_the_door(request: HttpRequest, error: MadoguchiError) -> HttpResponse:
    """Errors go on to the door, past the transaction, which they undo."""
    raise error


@api.exception_handler(ValidationError)
def name_the_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What cannot be read has changed nothing yet."""
    return misread(error.errors)


@api.exception_handler(HttpError)
def explain(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON at all, and the like."""
    return problem(Refused(str(error)), status=error.status_code)


@api.get("/openapi.json", include_in_schema=False)
@needs(Permission.SELF)
def description(request: StaffRequest) -> dict[str, Any]:
    """The description of all routes, in OpenAPI 3.1."""
    return api.get_openapi_schema(path_prefix=PREFIX)


@api.get("/me", response=schemas.Me, summary="Whom the token acts for")
@needs(Permission.SELF)
def me(request: StaffRequest) -> dict[str, Any]:
    """The name of the person, the permissions that the token carries anywhere, the companies it opens."""
    return queries.me(request.actor)


@api.get("/desks", response=list[schemas.DeskOut], summary="The desks")
@needs(Permission.CASE_READ)
def desks(request: StaffRequest) -> list[dict[str, Any]]:
    """Every desk at which the token reads cases."""
    return queries.desks(request.actor)


@api.get("/cases", response=schemas.CasesOut, summary="Cases by view and desk")
@needs(Permission.CASE_READ)
def cases(
    request: StaffRequest,
    view: View = View.ALL,
    desk: int | None = None,
    cursor: str = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """A page of cases, the one touched last first. `view` is one of the console's lists."""
    return queries.cases(request.actor, view=view, desk=desk, cursor=cursor, limit=limit)


@api.get("/cases/{number}", response=schemas.WholeCaseOut, summary="One case")
@needs(Permission.CASE_READ)
def case(
    request: StaffRequest, response: HttpResponse, number: str, before: AwareDatetime | None = None
) -> dict[str, Any]:
    """The case of this number with what was said last."""
    found = case_by_number(number, actor=request.actor)
    response.headers["ETag"] = mark_of(found)
    return queries.whole_case(found, actor=request.actor, before=before)


@api.patch("/cases/{number}", response=schemas.WholeCaseOut, summary="Change a case")
@needs(Permission.CASE_UPDATE)
def changed_case(
    request: StaffRequest,
    response: HttpResponse,
    number: str,
    wanted: schemas.CaseIn,
    if_match: Annotated[str, Header(alias="If-Match")] = "",
) -> dict[str, Any]:
    """Set status, priority and tags, all that is given or nothing. With If-Match only if the case is still so."""
    found = case_by_number(number, actor=request.actor)
    change_case(found, wanted=wanted, if_match=if_match, by=request.actor)
    response.headers["ETag"] = mark_of(found)
    return queries.whole_case(found, actor=request.actor, before=None)


@api.get("/cases/{number}/customer", response=schemas.CustomerOut, summary="The customer of a case")
@needs(Permission.CUSTOMER_READ)
def customer(request: StaffRequest, number: str) -> Any:
    """The customer through the data scope of the person whom the token acts for."""
    return queries.customer_of(case_by_number(number, actor=request.actor), actor=request.actor)


urlpatterns = [path(PREFIX.removeprefix("/"), api.urls)]
