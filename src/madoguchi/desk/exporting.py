"""What a page offers to whom a list is taken along for: which companies, which columns; and beginning it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from madoguchi.companies.models import Company
from madoguchi.companies.queries import desks_of
from madoguchi.desk import lists
from madoguchi.exports.actions import MOST_CASES, export_list
from madoguchi.exports.lists import Wanted
from madoguchi.exports.models import Export
from madoguchi.exports.policies import desks_to_export
from madoguchi.exports.queries import exports_of
from madoguchi.exports.tables import COLUMNS
from madoguchi.kernel.actor import Actor

MOST_LATEST = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose: the list by its name, companies, columns and whether each is chosen; earlier files."""

    title: str
    companies: Sequence[Company]
    columns: list[tuple[str, str, bool]]
    latest: list[Export]
    most: str


def choice_of(wanted: lists.Wanted, given: QueryDict, *, actor: Actor) -> Choice:
    """All columns are chosen at first. Two queries."""
    desks = desks_of(actor)
    chosen = given.getlist("column") if given else list(COLUMNS)
    columns = [(name, str(head), name in chosen) for name, (head, _told) in COLUMNS.items()]
    title = lists.title_of(wanted, desks=desks)
    latest = exports_of(actor, most=MOST_LATEST)
    return Choice(title, companies_of(wanted, actor=actor), columns, latest, f"{MOST_CASES:,}")


def companies_of(wanted: lists.Wanted, *, actor: Actor) -> list[Company]:
    """Of whose cases the list may be taken along: one company's at a time."""
    desks = [desk for desk in desks_to_export(actor, desks_of(actor)) if wanted.desk in (None, desk.pk)]
    of = {desk.company_id: desk.company for desk in desks}
    return (
        [of[wanted.saved.company_id]] if wanted.saved and wanted.saved.company_id in of else list(of.values())
    )


def started(wanted: lists.Wanted, given: QueryDict, *, actor: Actor) -> Export:
    """The list as it is begun. Raises as `export_list`."""
    companies = [company.pk for company in companies_of(wanted, actor=actor)]
    named = given.get("company", "")
    company = int(named) if named.isdecimal() and int(named) in companies else next(iter(companies), 0)
    asked = Wanted(
        view=wanted.view.value,
        desk=wanted.desk,
        tag=wanted.tag,
        text=wanted.text,
        saved=wanted.saved.pk if wanted.saved else None,
    )
    called = lists.title_of(wanted, desks=desks_of(actor))
    return export_list(asked, company=company, called=called, columns=given.getlist("column"), by=actor)
