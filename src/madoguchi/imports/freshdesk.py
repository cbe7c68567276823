"""Freshdesk: the export of an account as JSON, and what its API gives.

The export has a list of `{"helpdesk_ticket": {…, "notes": […]}}` and of `{"user": {…}}`, as the first API did
(https://developer.freshdesk.com/api/v1); the second one gives `conversations` and contacts, and agents with a `contact`
within them (https://developers.freshdesk.com/api/#tickets). Statuses and priorities are numbers; those above 7 are an
account's own, which the export tells in words (`status_name`) or not at all: then whoever imports says what they are.
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
    unwrapped,
    words_of,
)

_STATUSES = {
    2: "Open",
    3: "Pending",
    4: "Resolved",
    5: "Closed",
    6: "Waiting on Customer",
    7: "Waiting on Third Party",
}
_PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}


def _ticket(found: Found, around: Around) -> Ticket:
    shelf = around.shelf
    if found.get("deleted") or found.get("spam"):
        raise ThrownAway(_("It was deleted there, or taken for spam."))
    requester = _requester(found, shelf)
    subject, id_ = text_of(found, "subject"), found.get("display_id") or found["id"]
    notes = (_note(one, id_, requester, around) for one in _notes(found, shelf))
    said = [_first(found, id_, requester, around), *notes]
    status, priority, words = around.meanings.of(status=_status(found), priority=_priority(found))
    return Ticket(
        id=str(id_),
        number=f"#{id_}",
        subject=subject,
        customer=person_in(requester, around.place),
        said=in_order(said, subject=subject, opened=found["created_at"], whose=text_of(requester, "email")),
        changed_at=moment(found["updated_at"]) if found.get("updated_at") else None,
        status=status,
        priority=priority,
        tags=tuple(str(one["name"] if isinstance(one, dict) else one) for one in found.get("tags") or ()),
        assignee=_assignee(found, shelf),
        place=around.place,
        words=words,
    )


def _requester(found: Found, shelf: Shelf) -> Found:
    given = found.get("requester") or shelf.first(PERSON, found.get("requester_id"))
    told = {
        "id": found.get("requester_id"),
        "name": text_of(found, "requester_name"),
        "email": text_of(found, "email", "requester_email"),
        "phone": text_of(found, "phone"),
    }
    return {**told, **{key: value for key, value in given.items() if value}}


def _status(found: Found) -> list[object]:
    """As the account calls it, its number, and what that number is called in a new account."""
    number = found.get("status")
    return [text_of(found, "status_name"), number, _STATUSES.get(number or 0)]


def _priority(found: Found) -> list[object]:
    number = found.get("priority")
    return [_PRIORITIES.get(number or 0), text_of(found, "priority_name"), number]


def _assignee(found: Found, shelf: Shelf) -> str:
    agent = found.get("responder") or shelf.first(PERSON, found.get("responder_id"))
    name = text_of(found, "responder_name")
    return text_of(_contact(agent), "email", "name") or ("" if name == "No Agent" else name)


def _contact(agent: Found) -> Found:
    inner = agent.get("contact")
    return {"id": agent.get("id"), **inner} if isinstance(inner, dict) else agent


def _first(found: Found, ticket: object, requester: Found, around: Around) -> Said:
    files, left_out = files_of(found, around, name="name", place="attachment_url", ticket=ticket)
    html = text_of(found, "description_html") or (
        "" if "display_id" in found else text_of(found, "description")
    )
    text = text_of(found, "description_text") or ("" if html else text_of(found, "description"))
    return words_of(
        {"id": "description", "created_at": found["created_at"]},
        By.CUSTOMER,
        text=text,
        html=html,
        who=requester,
        files=files,
        left_out=left_out,
    )


def _notes(found: Found, shelf: Shelf) -> list[Found]:
    notes = found.get("conversations") or found.get("notes") or shelf.all(WORDS, found["id"])
    return [unwrapped(one) for one in notes]


def _note(found: Found, ticket: object, requester: Found, around: Around) -> Said:
    files, left_out = files_of(found, around, name="name", place="attachment_url", ticket=ticket)
    theirs = bool(found.get("incoming"))
    who = _contact(around.shelf.first(PERSON, found.get("user_id")))
    spoken = By.CUSTOMER if theirs else By.STAFF
    html = text_of(found, "body_html") or (text_of(found, "body") if "body_text" in found else "")
    return words_of(
        found,
        By.NOTE if found.get("private") else spoken,
        text=text_of(found, "body_text") or ("" if html else text_of(found, "body")),
        html=html,
        who=who or (requester if theirs else {}),
        speaker=other_than(requester, who) if theirs else None,
        files=files,
        left_out=left_out,
    )


def _person(found: Found, place: str) -> Person | None:
    is_agent = "contact" in found or found.get("helpdesk_agent")
    return None if is_agent else person_in(found, place)


open_freshdesk = opener(
    System(
        sections={
            "tickets": TICKET,
            "results": TICKET,
            "conversations": WORDS,
            "contacts": PERSON,
            "users": PERSON,
            "agents": PERSON,
        },
        ticket=_ticket,
        person=_person,
    )
)
