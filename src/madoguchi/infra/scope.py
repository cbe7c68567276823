"""Whose data a piece of work may touch.

A scope is a set of companies and one transaction. Managers of scoped models filter by it, and PostgreSQL's
row-level security enforces it once more beneath them (`app.companies`, set for the transaction). Without a
scope a query raises `Unscoped`: forgetting is loud.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import connection, models, transaction

from madoguchi.infra.prepared import fetch_all

EVERY_COMPANY = "*"
Row = TypeVar("Row", bound=models.Model)

_current: ContextVar[frozenset[int] | str | None] = ContextVar("companies_in_scope", default=None)
_left_open: ContextVar[models.Expression | None] = ContextVar("companies_left_open", default=None)


class Unscoped(RuntimeError):
    """Work on company data was attempted outside any scope, or on a row outside the scope."""


def current() -> frozenset[int] | str:
    """The companies in scope, or `EVERY_COMPANY`; raises `Unscoped` when there is no scope."""
    scope = _current.get()
    if scope is None:
        raise Unscoped("no scope is active: wrap the work in scope.acting_for(...)")
    return scope


def known() -> frozenset[int] | str | None:
    """The scope as it is; None outside of any."""
    return _current.get()


@contextmanager
def left_open(place: models.Expression) -> Iterator[None]:
    """Within, managers filter by a place that the companies of a scope are put into later, each time anew."""
    token = _left_open.set(place)
    try:
        yield
    finally:
        _left_open.reset(token)


def includes(company: int | None) -> bool:
    """Whether a row of this company may be touched in the current scope."""
    scope = current()
    return scope == EVERY_COMPANY or company in scope


def acting_for(companies: Iterable[int]) -> AbstractContextManager[None]:
    """Work on the data of these companies only, in one transaction."""
    return _scoped(frozenset(companies))


def everywhere(*, reason: str) -> AbstractContextManager[None]:
    """Work across all companies, for the few parts that serve them all; the reason is for the reader.

    A house test holds the list of callers.
    """
    if not reason:
        raise ValueError("say why this work needs every company")
    return _scoped(EVERY_COMPANY)


@contextmanager
def _scoped(scope: frozenset[int] | str) -> Iterator[None]:
    token = _current.set(scope)
    try:
        with transaction.atomic():
            _tell_database()
            yield
    finally:
        _current.reset(token)
        if connection.in_atomic_block and not connection.needs_rollback:
            _tell_database()


def _tell_database() -> None:
    scope = _current.get()
    told = scope if isinstance(scope, str) else ",".join(map(str, sorted(scope or ())))
    fetch_all("SELECT set_config('app.companies', %s, true)", [told])


class ScopedQuerySet(models.QuerySet[Row]):
    """A query set that refuses to write rows of a company outside the scope."""

    def bulk_create(self, objs: Iterable[Row], *args: object, **kwargs: object) -> list[Row]:  # type: ignore[override]
        objs = list(objs)
        for row in objs:
            _check(row)
        return super().bulk_create(objs, *args, **kwargs)  # type: ignore[arg-type]


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Sees only rows of the companies in scope; the base manager too, so that forward links obey it."""

    def get_queryset(self) -> ScopedQuerySet:  # type: ignore[type-arg]
        scope = current()
        rows = super().get_queryset()
        if scope == EVERY_COMPANY:
            return rows
        if place := _left_open.get():
            return rows.filter(company__among=place)
        return rows.filter(company_id__in=scope)


class ScopedModel(models.Model):
    """The base of everything that belongs to a company.

    No index on the company alone: tables are read by indexes that begin with what is asked for.
    """

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: object, **kwargs: object) -> None:
        _check(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        _check(self)
        return super().delete(*args, **kwargs)  # type: ignore[arg-type]


def _check(row: models.Model) -> None:
    company = getattr(row, "company_id", None)
    if not includes(company):
        raise Unscoped(f"{type(row).__name__} of company {company} lies outside the scope")
