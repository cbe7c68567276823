"""osTicket: what `php manage.php export` writes, and the CSV that a queue of tickets or the list of users gives.

The export (`DatabaseExporter` in include/class.export.php of osTicket's sources) has a JSON array a line: a head
beginning with `["osTicket-Backup", …]`, then of each table `["table", name, [columns]]`, its rows as arrays, and
`["end-table"]`. What was said stands in thread_entry (`type` M of the customer, R of staff, N a note). Of the CSV only
the heads of tickets come: it does not hold what was said. Moments are in the time of the database server, which
osTicket keeps in UTC. What statuses are called, and whether one
is at rest, stands in ticket_status; without it they are the numbers that a new installation has.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.imports.csv_table import open_csv
from madoguchi.imports.json_files import MOST_OF_AN_OBJECT, Found
from madoguchi.imports.meanings import Meanings
from madoguchi.imports.moments import moment
from madoguchi.imports.places import line_of
from madoguchi.imports.records import Bad, By, Person, Record, Said, Ticket
from madoguchi.imports.shelf import Shelf
from madoguchi.imports.sources import Asked, Meter, Source
from madoguchi.imports.systems import NOT_AS_THERE, ThrownAway, in_order, text_of, why_not
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number

_HEAD = b"osTicket-Backup"
_STATUSES = {1: "Open", 2: "Resolved", 3: "Closed", 4: "Archived", 5: "Deleted"}
_DELETED = "deleted"
_SPEAKERS = {"M": By.CUSTOMER, "R": By.STAFF, "N": By.NOTE}
# Of each table that is needed: by which columns its rows are looked for.
_KEPT = {
    "user": "id",
    "user_email": "user_id",
    "staff": "staff_id",
    "thread": "object_id",
    "thread_entry": "thread_id",
    "thread_entry_email": "thread_entry_id",
    "ticket_status": "id",
}


def open_osticket(paths: tuple[Path, ...], asked: Asked) -> Source:
    """Look at an export, or at tables (CSV). Raises Refused for what is neither."""
    if not all(_is_export(path) for path in paths):
        return open_csv(paths, asked)
    if len(paths) > 1:
        raise Refused(_("An export of osTicket is one file."))
    return Source(
        size=2 * paths[0].stat().st_size, records=lambda meter: _records(paths[0], asked.meanings, meter)
    )


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        return _HEAD in file.read(200)


def _records(path: Path, meanings: Meanings, meter: Meter) -> Iterator[Record]:
    """First what belongs to tickets is put on a shelf; then users and tickets are told."""
    with Shelf() as shelf:
        for _place, table, row in _rows(path, meter):
            if table in _KEPT and isinstance(row, dict):
                shelf.put(table, row.get(_KEPT[table]), row)
        for place, table, row in _rows(path, meter):
            if row is None:
                yield Bad(place, _("It is not readable as JSON."))
            elif table in ("ticket", "user"):
                yield _record(table, row, shelf, meanings, place)


def _record(table: str, row: Found, shelf: Shelf, meanings: Meanings, place: str) -> Record:
    try:
        if table == "user":
            return _person(row, shelf, place)
        return _ticket(row, shelf, meanings, place)
    except NOT_AS_THERE as error:
        return why_not(error, place)


def _rows(path: Path, meter: Meter) -> Iterator[tuple[str, str, Found | None]]:
    """The rows with their place and table; None for a line that is none."""
    before, number, table, columns = meter.done, 0, "", []
    with path.open("rb") as file:
        while line := file.readline(MOST_OF_AN_OBJECT):
            number += 1
            meter.done = before + file.tell()
            place, found = line_of(path.name, number), _array(line)
            if found is None:
                yield place, table, None
            elif found[:1] == ["table"] and len(found) > 2:
                table, columns = str(found[1]), list(found[2])
            elif found[:1] == ["end-table"]:
                table = ""
            elif table:
                yield place, table, dict(zip(columns, found, strict=False))


def _array(line: bytes) -> list[Any] | None:
    try:
        found = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _ticket(row: Found, shelf: Shelf, meanings: Meanings, place: str) -> Ticket:
    called = _status(row, shelf)
    if _DELETED in (called[0].casefold(), called[-1]):
        raise ThrownAway(_("It was deleted there."))
    customer = _person(shelf.first("user", row["user_id"]) or {"id": row["user_id"]}, shelf, place)
    thread = next((one for one in shelf.all("thread", row["ticket_id"]) if one.get("object_type") == "T"), {})
    entries = shelf.all("thread_entry", thread.get("id"))
    subject = next((title for one in entries if (title := text_of(one, "title"))), "")
    reached = next(iter(customer.emails), "")
    said = [_entry(one, customer, shelf) for one in entries]
    status, priority, words = meanings.of(status=called)
    return Ticket(
        id=str(row["ticket_id"]),
        number=f"#{row.get('number') or row['ticket_id']}",
        subject=subject,
        customer=customer,
        said=in_order(said, subject=subject, opened=row["created"], whose=reached),
        changed_at=_moment(row, "lastupdate", "updated"),
        status=status,
        priority=priority,
        assignee=text_of(shelf.first("staff", row.get("staff_id")), "email"),
        place=place,
        words=words,
    )


def _status(row: Found, shelf: Shelf) -> list[str]:
    """What the status is called, its number, and last whether it is open, closed, archived or deleted."""
    number = str(row.get("status_id") or "")
    known = shelf.first("ticket_status", number)
    usual = _STATUSES.get(whole_number(number) or 0, "")
    return [text_of(known, "name") or usual, number, text_of(known, "state") or text_of(row, "status")]


def _moment(row: Found, *names: str) -> Any:
    written = text_of(row, *names)
    return moment(written) if written and not written.startswith("0000") else None


def _entry(row: Found, customer: Person, shelf: Shelf) -> Said:
    by = _SPEAKERS[str(row.get("type"))]
    staff = shelf.first("staff", row.get("staff_id"))
    theirs = by == By.CUSTOMER
    speaker = _other(row, customer, shelf) if theirs else None
    person = speaker or customer
    body, is_html = text_of(row, "body"), row.get("format") == "html"
    full_name = " ".join(filter(None, (text_of(staff, "lastname"), text_of(staff, "firstname"))))
    return Said(
        id=str(row["id"]),
        by=by,
        at=moment(row["created"]),
        text="" if is_html else body,
        html=body if is_html else "",
        name=person.name if theirs else full_name or text_of(row, "poster"),
        address=next(iter(person.emails), "") if theirs else text_of(staff, "email"),
        message_id=text_of(shelf.first("thread_entry_email", row["id"]), "mid").strip("<> "),
        speaker=speaker,
    )


def _other(row: Found, customer: Person, shelf: Shelf) -> Person | None:
    """Who wrote on the customer's side, where that is another user."""
    user = shelf.first("user", row.get("user_id"))
    return _person(user, shelf, "") if user and str(user["id"]) != customer.id else None


def _person(row: Found, shelf: Shelf, place: str) -> Person:
    addresses = (text_of(one, "address") for one in shelf.all("user_email", row["id"]))
    return Person(
        id=str(row["id"]),
        name=text_of(row, "name"),
        emails=tuple(filter(None, addresses)),
        at=_moment(row, "created"),
        place=place,
    )
