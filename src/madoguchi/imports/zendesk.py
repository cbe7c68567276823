"""Zendesk: the full JSON export, and what its API gives.

The export (Admin Center, Account, Tools, Reports) has an object a line: tickets with `comments`, `requester` and
`assignee` within them, users, organizations (https://support.zendesk.com/hc/en-us/articles/4408886165402). The API
lists `tickets`, `users` and `comments`, which name people by id
(https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ and .../ticket_comments/).
"""

from madoguchi.cases.models import Priority, Status
from madoguchi.imports.json_files import Found
from madoguchi.imports.meanings import PRIORITIES, STATUSES, meaning
from madoguchi.imports.moments import moment
from madoguchi.imports.records import By, Person, Said, Ticket
from madoguchi.imports.shelf import Shelf
from madoguchi.imports.systems import (
    PERSON,
    TICKET,
    WORDS,
    System,
    ThrownAway,
    files_of,
    in_order,
    opener,
    person_in,
    text_of,
    words_of,
)


def _ticket(found: Found, shelf: Shelf, place: str) -> Ticket:
    if found.get("status") == "deleted":
        raise ThrownAway("It was deleted there.")
    requester = found.get("requester") or shelf.first(PERSON, found.get("requester_id"))
    requester = requester or {"id": found["requester_id"]}
    assignee = found.get("assignee") or shelf.first(PERSON, found.get("assignee_id"))
    comments = found.get("comments") or shelf.all(WORDS, found["id"])
    said = [_comment(one, requester, shelf) for one in comments]
    if not said and found.get("description"):
        first = {"id": "description", "created_at": found["created_at"]}
        said = [words_of(first, By.CUSTOMER, text=found["description"], html="", who=requester)]
    subject = text_of(found, "raw_subject", "subject")
    return Ticket(
        id=str(found["id"]),
        number=f"#{found['id']}",
        subject=subject,
        customer=person_in(requester, place),
        said=in_order(said, subject=subject, opened=found["created_at"], whose=text_of(requester, "email")),
        changed_at=moment(found["updated_at"]) if found.get("updated_at") else None,
        status=meaning(found.get("status"), STATUSES, what="status") or Status.CLOSED,
        priority=meaning(found.get("priority"), PRIORITIES, what="priority") or Priority.NORMAL,
        tags=tuple(map(str, found.get("tags") or ())),
        assignee=text_of(assignee, "email", "name"),
        place=place,
    )


def _comment(found: Found, requester: Found, shelf: Shelf) -> Said:
    author_id = found.get("author_id") or (found.get("author") or {}).get("id")
    author = found.get("author") or shelf.first(PERSON, author_id)
    is_theirs = str(author_id) == str(requester.get("id")) or author.get("role") == "end-user"
    author = author or (requester if is_theirs else {})
    spoken = By.CUSTOMER if is_theirs else By.STAFF
    system = (found.get("metadata") or {}).get("system") or {}
    return words_of(
        found,
        spoken if found.get("public", True) else By.NOTE,
        text=text_of(found, "plain_body", "body"),
        html=text_of(found, "html_body"),
        who=author,
        message_id=text_of(system, "message_id"),
        left_out=files_of(found, name="file_name", place="content_url"),
    )


def _person(found: Found, place: str) -> Person | None:
    return (
        person_in(found, place) if found.get("role", "end-user") == "end-user" and "email" in found else None
    )


open_zendesk = opener(
    System(
        sections={"tickets": TICKET, "results": TICKET, "users": PERSON, "comments": WORDS},
        ticket=_ticket,
        person=_person,
    )
)
