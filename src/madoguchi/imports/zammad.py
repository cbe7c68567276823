"""Zammad: tickets, articles and users as its REST API gives them.

`/api/v1/tickets?expand=true` (https://docs.zammad.org/en/latest/api/ticket/index.html), each ticket's
`/api/v1/ticket_articles/by_ticket/ID` (…/api/ticket/articles.html) and `/api/v1/users` (…/api/user.html), in files of
their own or with the articles within their tickets. Without `expand` states and priorities are the numbers that a new
installation gives them. Tags come by a call of their own; they are read from `tags` where somebody put them there.
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

_STATES = {
    1: "new",
    2: "open",
    3: "pending reminder",
    4: "closed",
    5: "merged",
    6: "removed",
    7: "pending close",
}
_PRIORITIES = {1: "1 low", 2: "2 normal", 3: "3 high"}
_SENDERS = {1: "Agent", 2: "Customer", 3: "System"}
_NOBODY = ("", "-")


def _ticket(found: Found, around: Around) -> Ticket:
    shelf = around.shelf
    state = text_of(found, "state") or _STATES.get(found.get("state_id") or 0, "")
    if state in ("removed", "merged"):
        raise ThrownAway(_("It was removed there, or went on in another ticket."))
    articles = found.get("articles") or shelf.all(WORDS, found["id"])
    articles = [one for one in articles if _sender(one) != "System"]
    customer = _customer(found, articles, shelf)
    priority = text_of(found, "priority") or _PRIORITIES.get(found.get("priority_id") or 0)
    said = [_article(one, customer, around) for one in articles]
    status, how, words = around.meanings.of(
        status=[state, found.get("state_id")], priority=[priority, found.get("priority_id")]
    )
    subject = text_of(found, "title")
    return Ticket(
        id=str(found["id"]),
        number=f"#{found.get('number') or found['id']}",
        subject=subject,
        customer=person_in(customer, around.place),
        said=in_order(said, subject=subject, opened=found["created_at"], whose=text_of(customer, "email")),
        changed_at=moment(found["updated_at"]) if found.get("updated_at") else None,
        status=status,
        priority=how,
        tags=_tags(found),
        assignee=_owner(found, shelf),
        place=around.place,
        words=words,
    )


def _tags(found: Found) -> tuple[str, ...]:
    given = found.get("tags") or ()
    names = given.split(",") if isinstance(given, str) else given
    return tuple(str(name).strip() for name in names)


def _customer(found: Found, articles: list[Found], shelf: Shelf) -> Found:
    known = shelf.first(PERSON, found.get("customer_id"))
    written = text_of(found, "customer")
    theirs = (_address(text_of(one, "from")) for one in articles if _sender(one) == "Customer")
    email = written if "@" in written else next(filter(None, theirs), "")
    return {"id": found.get("customer_id"), "email": email, **{k: v for k, v in known.items() if v}}


def _owner(found: Found, shelf: Shelf) -> str:
    owner = text_of(shelf.first(PERSON, found.get("owner_id")), "email") or text_of(found, "owner")
    return "" if owner in _NOBODY else owner


def _sender(found: Found) -> str:
    return text_of(found, "sender") or _SENDERS.get(found.get("sender_id") or 0, "")


def _article(found: Found, customer: Found, around: Around) -> Said:
    theirs = _sender(found) == "Customer"
    author = around.shelf.first(PERSON, found.get("origin_by_id") or found.get("created_by_id"))
    body, is_html = text_of(found, "body"), found.get("content_type") == "text/html"
    speaker = other_than(customer, author) if theirs and author and not _is_staff(author) else None
    spoken = By.CUSTOMER if theirs else By.STAFF
    files, left_out = files_of(found, around, name="filename", place="id", ticket=found.get("ticket_id", ""))
    return words_of(
        found,
        By.NOTE if found.get("internal") else spoken,
        text="" if is_html else body,
        html=body if is_html else "",
        who=customer if theirs and not speaker else author or _named(text_of(found, "from", "created_by")),
        speaker=speaker,
        message_id=text_of(found, "message_id"),
        files=files,
        left_out=left_out,
    )


def _named(written: str) -> Found:
    """Somebody as a mail names them."""
    name, _bracket, _rest = written.partition("<")
    return {"name": name.strip('" ') if "@" not in name else "", "email": _address(written)}


def _address(written: str) -> str:
    inner = written.rpartition("<")[2].strip("> ")
    return inner if "@" in inner else ""


def _person(found: Found, place: str) -> Person | None:
    person = person_in(found, place)
    return person if (person.emails or person.phones) and not _is_staff(found) else None


def _is_staff(found: Found) -> bool:
    roles = {str(role) for role in found.get("roles") or ()}
    return bool(roles & {"Agent", "Admin"}) or bool({1, 2} & set(found.get("role_ids") or ()))


open_zammad = opener(
    System(
        sections={"tickets": TICKET, "articles": WORDS, "ticket_articles": WORDS, "users": PERSON},
        ticket=_ticket,
        person=_person,
    )
)
