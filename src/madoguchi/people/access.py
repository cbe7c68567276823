"""Every page says who may open it: `@requires(permission)`, or `@public(reason)`. A house test finds the rest."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed

Page = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request of a signed-in person, as pages behind `requires` receive it."""

    actor: Actor


def requires(permission: Permission) -> Callable[[Page], Page]:
    """The page is for people who hold this permission somewhere; where exactly, its actions check."""

    def protect(page: Page) -> Page:
        @wraps(page)
        def protected(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.actor.may_anywhere(permission):
                raise NotAllowed(permission)
            return page(request, *args, **kwargs)

        protected.permission = permission  # type: ignore[attr-defined]
        return protected

    return protect


def public(reason: str) -> Callable[[Page], Page]:
    """The page is for anybody, for this reason; it opens its own scope from what the address proves."""

    def open_up(page: Page) -> Page:
        opened = login_not_required(page)
        opened.public = reason  # type: ignore[attr-defined]
        return opened

    return open_up
