"""What several commands ask for: who acts, and what is new."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import overload

import click
from django.db.models import QuerySet

from madoguchi.cases.models import Case
from madoguchi.cases.queries import case_by_number
from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.infra.reactions import catch_up
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.errors import AskFirst, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.search.queries import still_indexing
from madoguchi.views.filters import Node, read_filter


def actor_named(email: str) -> Actor:
    """The person of this address, as they may act. Raises BadParameter."""
    user = User.objects.filter(email=canonical(IdentityKind.EMAIL, email), is_active=True).first()
    if user is None:
        raise click.BadParameter(f"Nobody has the address {email}.", param_hint="--as")
    return actor_of(user)


@contextmanager
def agreed_by(option: str) -> Iterator[None]:
    """What is to be said yes to first is told with the option that does. Raises ClickException."""
    try:
        yield
    except AskFirst as asked:
        words = " ".join(str(asked).splitlines())
        raise click.ClickException(f"{words} Nothing was changed: if that is right, add {option}.") from asked


def case_seen_by(actor: Actor, written: str) -> Case:
    """The case of this number, in a scope of the actor's. Raises NotFound, with words that say whose view it is."""
    try:
        return case_by_number(written, actor=actor)
    except NotFound:
        raise NotFound(
            f"There is no case {written} that {actor.name} may see. `madoguchi case list` has the numbers."
        ) from None


def case_anywhere(written: str) -> Case:
    """The case of this number, here or in the system it came from, whosever it is, for the shell of the installation.

    Raises NotFound, also where several were called so elsewhere.
    """
    number = read_case_number(written)
    related = ("company", "desk", "customer", "assignee")
    found = Case.objects.select_related(*related)
    case = found.filter(company__prefix=number.prefix, number=number.count).first() if number else None
    if case is None:
        case = _called_elsewhere(written, found)
    if case is None:
        raise NotFound(f"There is no case {written}.")
    return case


def _called_elsewhere(written: str, found: QuerySet[Case]) -> Case | None:
    former = list(found.filter(former_number__in=[written, f"#{written}"]).exclude(former_number="")[:2])
    if len(former) > 1:
        numbers = " and ".join(case.spoken_number(case.company.prefix) for case in former)
        raise NotFound(f"Several cases were called {written} elsewhere: {numbers} for example.")
    return former[0] if former else None


def read_what_is_new() -> None:
    """Index what no worker has come to yet, and say when cases of before the index are still to come."""
    catch_up("search.index")
    with scope.everywhere(reason="the index is over the cases of all companies"):
        share = still_indexing()
    if share and share.found < share.cases:
        click.echo(f"Still indexing: {share.found:,} of {share.cases:,} cases can be found so far.", err=True)


def person_of(email: str) -> User:
    """The person with this address. Raises NotFound."""
    found = User.objects.filter(email=canonical(IdentityKind.EMAIL, email)).first()
    if found is None:
        raise NotFound(f"there is nobody with the address {email}")
    return found


@overload
def company_of(slug: str) -> int: ...
@overload
def company_of(slug: None) -> None: ...
def company_of(slug: str | None) -> int | None:
    """The company with this short name, by id; None where none is named. Raises NotFound."""
    if slug is None:
        return None
    found = Company.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"there is no company with the short name {slug}")
    return found.pk


def filter_written(written: str) -> Node:
    """A filter as it is typed, in JSON. Raises BadParameter."""
    try:
        return read_filter(json.loads(written))
    except (json.JSONDecodeError, Refused) as error:
        raise click.BadParameter(str(error), param_hint="--filter") from None
