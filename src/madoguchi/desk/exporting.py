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
from madoguchi.exports.policies import desks_to_export, may_take_records
from madoguchi.exports.queries import exports_of
from madoguchi.exports.records import SHIFT_JIS
from madoguchi.exports.tables import COLUMNS
from madoguchi.kernel.actor import Actor

MOST_LATEST = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose: the list by its name, companies, columns and whether each is chosen; earlier files;
    whether customers and orders can be taken along, too.
    """

    title: str
    companies: Sequence[Company]
    columns: list[tuple[str, str, bool]]
    latest: list[Export]
    most: str
    records: bool


def choice_of(wanted: lists.Wanted, given: QueryDict, *, actor: Actor) -> Choice:
    """All columns are chosen at first. Two queries."""
    desks = desks_of(actor)
    chosen = given.getlist("column") if given else list(COLUMNS)
    columns = [(name, str(head), name in chosen) for name, (head, _told) in COLUMNS.items()]
    title = lists.title_of(wanted, desks=desks)
    latest = exports_of(actor, most=MOST_LATEST)
    records = any(may_take_records(actor, company=pk) for pk in {desk.company_id for desk in desks})
    return Choice(title, companies_of(wanted, actor=actor), columns, latest, f"{MOST_CASES:,}", records)


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


def kind_of(export: Export) -> tuple[str, str]:
    """Of which type its file is, and how it is called."""
    if export.holds_articles:
        return "application/zip", "articles.zip"
    letters = "shift_jis" if Wanted.read(export.wanted).letters == SHIFT_JIS else "utf-8"
    return f"text/csv; charset={letters}", f"{export.records or 'cases'}.csv"
