"""A list as a table for spreadsheets: which columns there are, and what stands in them for whom."""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.blotted import blots_of_cases
from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import NOTHING, Blotter
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.text import as_cell
from madoguchi.views.columns import columns_of

# The mark by which spreadsheets know UTF-8.
MARK = "\ufeff"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}" if moment else ""


def _customer(case: Case, actor: Actor) -> str:
    return show(case.customer.name, "name", actor.data_scope(company=case.company_id))


Told = Callable[[Case, Actor], Any]
COLUMNS: Mapping[str, tuple[str | Promise, Told]] = {
    "number": (_("Case number"), lambda case, _by: case.spoken_number(case.company.prefix)),
    "subject": (_("Subject"), lambda case, _by: case.subject),
    "customer": (_("Customer"), _customer),
    "desk": (_("Desk"), lambda case, _by: case.desk.name),
    "assignee": (_("Responsible"), lambda case, _by: case.assignee.name if case.assignee else ""),
    "status": (_("Status"), lambda case, _by: case.get_status_display()),
    "priority": (_("Priority"), lambda case, _by: case.get_priority_display()),
    "tags": (_("Tags"), lambda case, _by: "、".join(case.tags)),
    "channel": (_("Channel"), lambda case, _by: case.get_channel_display()),
    "messages": (_("Number of messages"), lambda case, _by: case.message_count),
    "opened": (_("Opened (Japan)"), lambda case, _by: _at(case.opened_at)),
    "touched": (_("Last activity (Japan)"), lambda case, _by: _at(case.touched_at)),
    "waiting": (_("Waiting since (Japan)"), lambda case, _by: _at(case.waiting_since)),
    "first_reply": (_("First answer (Japan)"), lambda case, _by: _at(case.first_replied_at)),
    "solved": (_("Solved at (Japan)"), lambda case, _by: _at(case.solved_at)),
    "due": (_("Due (Japan)"), lambda case, _by: _at(case.due_at)),
    "former": (_("Old number"), lambda case, _by: case.former_number),
}


def head_of(columns: Sequence[str], fields: Sequence[str]) -> str:
    """The first line: what the columns are called, and then the desks' own fields."""
    return line_of([*(str(COLUMNS[one][0]) for one in columns), *fields])


def rows_of(
    ids: Sequence[int], columns: Sequence[str], fields: Mapping[int, str], *, actor: Actor
) -> tuple[str, int]:
    """These cases as lines, those that the actor may read by now, in the order given; and how many they are.

    What the contract keeps from the actor is masked or left out, as on a page. One query, and what fields ask.
    """
    related = visible(actor).select_related("company", "desk", "customer", "assignee")
    known = {case.pk: case for case in related.filter(pk__in=ids)}
    cases = [known[pk] for pk in ids if pk in known]
    blots = blots_of_cases([case.pk for case in cases], actor=actor)
    for case in cases:
        case.subject = blots.get(case.pk, NOTHING)(case.subject)
    own = columns_of(list(fields), [case.pk for case in cases], actor=actor)
    labels = list(fields.values())
    lines = (
        line_of(_cells(case, columns, labels, own, blots.get(case.pk, NOTHING), actor)) for case in cases
    )
    return "".join(lines), len(cases)


def _cells(
    case: Case, columns: Sequence[str], fields: Sequence[str], own: Any, blot: Blotter, actor: Actor
) -> list[Any]:
    words = {one.label: blot(one.words) for one in own.get(case.pk, ())}
    return [*(COLUMNS[one][1](case, actor) for one in columns), *(words.get(label, "") for label in fields)]


def line_of(cells: Sequence[Any]) -> str:
    """Cells as one line of a table, none of them a formula."""
    line = StringIO()
    csv.writer(line).writerow([as_cell(str(cell)) for cell in cells])
    return line.getvalue()
