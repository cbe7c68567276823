"""Tokens by which programs act for people: one's own, and those of people whose accounts one looks after."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import once
from madoguchi.administration.forms.tokens import TokenForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.wording import permission_name
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people import actions
from madoguchi.people.access import StaffRequest, requires
from madoguchi.people.models import AccessToken, User
from madoguchi.people.tokens import OF_USE, token_in_sight, tokens_in_sight

WORDS = "token_shown_once"
# Customers belong to all desks of their company, so no desk narrows these.
OF_CUSTOMERS = frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT})


@never_cache
@require_safe
@requires(Permission.SELF)
def tokens(request: StaffRequest) -> HttpResponse:
    """The tokens in sight; one that was just made is shown, this once."""
    page = page_of(request, tokens_in_sight(request.actor))
    rows = _rows(page.object_list)
    made = once.take(request, WORDS)
    return show(request, "tokens", section="tokens", page=page, rows=rows, made=made)


@require_http_methods(["GET", "POST"])
@requires(Permission.SELF)
def token_new(request: StaffRequest) -> HttpResponse:
    """Make a token of one's own; the next page shows its words."""
    form = TokenForm(request.POST or None, held=_held(request), desks=desks_of(request.actor))
    if request.POST and carried_out(form, lambda **data: _make(request, **data)):
        say(request, text=_("The token is made."))
        return redirect("administration:tokens")
    return show_form(request, "token", section="tokens", form=form)


@require_POST
@requires(Permission.SELF)
def token_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    found = token_in_sight(request.actor, pk)
    actions.revoke_token(found, by=request.actor)
    say(request, text=_("The token “%(name)s” opens nothing any more.") % {"name": found.name})
    return redirect("administration:tokens")


def _held(request: StaffRequest) -> list[Permission]:
    actor = request.actor
    offered = [each for each in OF_USE if actor.may_anywhere(each)]
    # Who sees no customer, as an administrator, has no program decide on the use of their data.
    return (
        offered
        if actor.may_anywhere(Permission.CUSTOMER_READ)
        else [e for e in offered if e != Permission.RIGHTS]
    )


def _make(request: StaffRequest, **data: Any) -> AccessToken:
    person = User.objects.get(pk=request.actor.id or 0)
    made, words = actions.make_token(person, by=request.actor, **data)
    once.keep(request, WORDS, name=made.name, words=words)
    return made


def _rows(found: Iterable[AccessToken]) -> list[dict[str, Any]]:
    """Tokens with what they may and where, in words. One query for the desks of all."""
    found = list(found)
    names = dict(
        Desk.objects.filter(pk__in={desk for token in found for desk in token.desks}).values_list(
            "pk", "name"
        )
    )
    return [
        {
            "token": token,
            "may": [permission_name(each) for each in token.permissions],
            "desks": [names[desk] for desk in token.desks if desk in names],
            "all_customers": bool(token.desks) and not OF_CUSTOMERS.isdisjoint(token.permissions),
        }
        for token in found
    ]
