"""Freshdesk: the export of an account as JSON, and what its API gives.

The export has a list of `{"helpdesk_ticket": {…, "notes": […]}}` and of `{"user": {…}}`, as the first API did
(https://developer.freshdesk.com/api/v1); the second one gives `conversations` and contacts, and agents with a `contact`
within them (https://developers.freshdesk.com/api/#tickets). Statuses and priorities are numbers; those above 7 are an
account's own, which the export tells in words (`status_name`) or not at all.
"""

from madoguchi.cases.models import Priority, Status
from madoguchi.imports.json_files import Found
from madoguchi.imports.meanings import STATUSES, meaning
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
    unwrapped,
    words_of,
)

_STATUSES = {
    2: Status.OPEN,
    3: Status.WAITING_CUSTOMER,
    4: Status.SOLVED,
    5: Status.CLOSED,
    6: Status.WAITING_CUSTOMER,
    7: Status.WAITING_THIRD,
}
_PRIORITIES = {1: Priority.LOW, 2: Priority.NORMAL, 3: Priority.HIGH, 4: Priority.URGENT}


def _ticket(found: Found, shelf: Shelf, place: str) -> Ticket:
    if found.get("deleted") or found.get("spam"):
        raise ThrownAway("It was deleted there, or taken for spam.")
    requester = _requester(found, shelf)
    subject, id_ = text_of(found, "subject"), found.get("display_id") or found["id"]
    said = [_first(found, requester), *(_note(one, requester, shelf) for one in _notes(found, shelf))]
    return Ticket(
        id=str(id_),
        number=f"#{id_}",
        subject=subject,
        customer=person_in(requester, place),
        said=in_order(said, subject=subject, opened=found["created_at"], whose=text_of(requester, "email")),
        changed_at=moment(found["updated_at"]) if found.get("updated_at") else None,
        status=_status(found),
        priority=_PRIORITIES.get(found.get("priority") or 0, Priority.NORMAL),
        tags=tuple(str(one["name"] if isinstance(one, dict) else one) for one in found.get("tags") or ()),
        assignee=_assignee(found, shelf),
        place=place,
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


def _status(found: Found) -> Status:
    known = _STATUSES.get(found.get("status") or 0)
    return known or meaning(found.get("status_name"), STATUSES, what="status") or Status.OPEN


def _assignee(found: Found, shelf: Shelf) -> str:
    agent = found.get("responder") or shelf.first(PERSON, found.get("responder_id"))
    name = text_of(found, "responder_name")
    return text_of(_contact(agent), "email", "name") or ("" if name == "No Agent" else name)


def _contact(agent: Found) -> Found:
    inner = agent.get("contact")
    return {"id": agent.get("id"), **inner} if isinstance(inner, dict) else agent


def _first(found: Found, requester: Found) -> Said:
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
        left_out=files_of(found, name="name", place="attachment_url"),
    )


def _notes(found: Found, shelf: Shelf) -> list[Found]:
    notes = found.get("conversations") or found.get("notes") or shelf.all(WORDS, found["id"])
    return [unwrapped(one) for one in notes]


def _note(found: Found, requester: Found, shelf: Shelf) -> Said:
    theirs = bool(found.get("incoming"))
    who = _contact(shelf.first(PERSON, found.get("user_id")))
    spoken = By.CUSTOMER if theirs else By.STAFF
    html = text_of(found, "body_html") or (text_of(found, "body") if "body_text" in found else "")
    return words_of(
        found,
        By.NOTE if found.get("private") else spoken,
        text=text_of(found, "body_text") or ("" if html else text_of(found, "body")),
        html=html,
        who=who or (requester if theirs else {}),
        left_out=files_of(found, name="name", place="attachment_url"),
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
