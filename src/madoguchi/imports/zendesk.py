"""Zendesk: the full JSON export, and what its API gives.

The export (Admin Center, Account, Tools, Reports) has an object a line: tickets with `comments`, `requester` and
`assignee` within them, users, organizations (https://support.zendesk.com/hc/en-us/articles/4408886165402). The API
lists `tickets`, `users` and `comments`, which name people by id
(https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ and .../ticket_comments/). Attachments stand in
comments by name, size and address; neither holds their bytes, which are taken from a folder, where somebody put them.
"""

from django.utils.translation import gettext as _

from madoguchi.imports.json_files import Found
from madoguchi.imports.moments import moment
from madoguchi.imports.records import By, Person, Said, Ticket
from madoguchi.imports.shelf import Shelf
from madoguchi.imports.systems import (
    PERSON,
    TICKET,
    WORDS,
    Around,
    System,
    ThrownAway,
    files_of,
    in_order,
    opener,
    other_than,
    person_in,
    text_of,
    words_of,
)

_COPIED = ("email_cc", "collaborator")


def _ticket(found: Found, around: Around) -> Ticket:
    shelf = around.shelf
    if found.get("status") == "deleted":
        raise ThrownAway(_("It was deleted there."))
    requester = found.get("requester") or shelf.first(PERSON, found.get("requester_id"))
    requester = requester or {"id": found["requester_id"]}
    assignee = found.get("assignee") or shelf.first(PERSON, found.get("assignee_id"))
    comments = found.get("comments") or shelf.all(WORDS, found["id"])
    said = [_comment(one, found, requester, around) for one in comments]
    if not said and found.get("description"):
        first = {"id": "description", "created_at": found["created_at"]}
        said = [words_of(first, By.CUSTOMER, text=found["description"], html="", who=requester)]
    subject = text_of(found, "raw_subject", "subject")
    status, priority, words = around.meanings.of(
        status=[found.get("status")], priority=[found.get("priority")]
    )
    return Ticket(
        id=str(found["id"]),
        number=f"#{found['id']}",
        subject=subject,
        customer=person_in(requester, around.place),
        said=in_order(said, subject=subject, opened=found["created_at"], whose=text_of(requester, "email")),
        changed_at=moment(found["updated_at"]) if found.get("updated_at") else None,
        status=status,
        priority=priority,
        tags=tuple(map(str, found.get("tags") or ())),
        assignee=text_of(assignee, "email", "name"),
        place=around.place,
        words=words,
    )


def _comment(found: Found, ticket: Found, requester: Found, around: Around) -> Said:
    author, is_theirs = _author(found, ticket, requester, around.shelf)
    spoken = By.CUSTOMER if is_theirs else By.STAFF
    system = (found.get("metadata") or {}).get("system") or {}
    files, left_out = files_of(
        found, around, name="file_name", place="content_url", ticket=ticket.get("id", "")
    )
    return words_of(
        found,
        spoken if found.get("public", True) else By.NOTE,
        text=text_of(found, "plain_body", "body"),
        html=text_of(found, "html_body"),
        who=author,
        message_id=text_of(system, "message_id"),
        speaker=other_than(requester, author) if is_theirs else None,
        files=files,
        left_out=left_out,
    )


def _author(found: Found, ticket: Found, requester: Found, shelf: Shelf) -> tuple[Found, bool]:
    """Who wrote a comment, and whether it was no one of the desk: whoever asked, or somebody who had a copy."""
    author = found.get("author") or {}
    author_id = str(found.get("author_id") or author.get("id") or "")
    author = author or shelf.first(PERSON, author_id) or _copied(ticket, author_id)
    if author_id == str(requester.get("id")):
        return author or requester, True
    author = author or _sender(found)
    if author.get("role"):
        return author, author["role"] == "end-user"
    return author, author_id in {str(one) for name in _COPIED for one in ticket.get(f"{name}_ids") or ()}


def _copied(ticket: Found, author_id: str) -> Found:
    """Who had a copy, where the ticket tells more of them than their id."""
    copied = (one for name in _COPIED for one in ticket.get(f"{name}s") or () if isinstance(one, dict))
    return next((one for one in copied if author_id and str(one.get("id")) == author_id), {})


def _sender(found: Found) -> Found:
    """Somebody as the mail names them that a comment came by."""
    source = (found.get("via") or {}).get("source") or {}
    sender = source.get("from") or {}
    return {"name": text_of(sender, "name"), "email": text_of(sender, "address")}


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
