"""What the JSON of several systems has in common: tickets, people and words, together or in files of their own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.imports.attached import MOST_OF_A_MESSAGE, USUAL_FOLDER, Attached, OnDisk
from madoguchi.imports.json_files import Found, Thing, things_in
from madoguchi.imports.meanings import Meanings, UnknownWord
from madoguchi.imports.moments import moment
from madoguchi.imports.records import Bad, By, Person, Record, Said, Ticket, told_apart
from madoguchi.imports.shelf import Shelf
from madoguchi.imports.sources import Asked, Meter, Opener, Source

TICKET, PERSON, WORDS = "ticket", "person", "words"
_WRAPPED = ("helpdesk_ticket", "ticket", "user", "contact", "helpdesk_note", "note", "agent")
NOT_AS_THERE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Around:
    """What a ticket is read with: what stands elsewhere in the export, what words mean, where its files lie; and where
    it stands itself.
    """

    shelf: Shelf
    meanings: Meanings
    attached: Attached
    place: str


@dataclass(frozen=True, slots=True)
class System:
    """One system: under which names its lists stand, and how its objects are read.

    `ticket` raises ValueError and the like for what is none; `person` gives None for who is no customer.
    """

    sections: dict[str, str]
    ticket: Callable[[Found, "Around"], Ticket]
    person: Callable[[Found, str], Person | None]

    def kind(self, thing: Thing, found: Found) -> str:
        """What an object is: by the list it stands in, else by its looks."""
        if thing.section in self.sections:
            return self.sections[thing.section]
        if "ticket_id" in found:
            return WORDS
        return TICKET if found.keys() & {"subject", "title", "requester_id", "display_id"} else PERSON


def opener(system: System) -> Opener:
    """The source that this system's files make, in any order and number."""

    def open_files(paths: tuple[Path, ...], asked: Asked) -> Source:
        for path in paths:
            next(iter(things_in(path, system.sections, Meter())), None)
        size = 2 * sum(path.stat().st_size for path in paths)
        return Source(size=size, records=lambda meter: _records(system, paths, asked, meter))

    return open_files


def _records(system: System, paths: tuple[Path, ...], asked: Asked, meter: Meter) -> Iterator[Record]:
    """First all are put on a shelf whom tickets name, and what stands apart from them; then they are told."""
    attached = Attached(asked.attachments or _beside(paths))
    with Shelf() as shelf:
        for thing, found in _things(system, paths, meter):
            kind = system.kind(thing, found) if found else ""
            if kind == PERSON:
                shelf.put(PERSON, found.get("id"), found)
            elif kind == WORDS:
                shelf.put(WORDS, found.get("ticket_id"), found)
        for thing, found in _things(system, paths, meter):
            record = _record(system, thing, found, Around(shelf, asked.meanings, attached, thing.place))
            if record is not None:
                yield record


def _beside(paths: Iterable[Path]) -> Path | None:
    """The folder of that usual name that lies beside one of the files."""
    folders = (path.parent / USUAL_FOLDER for path in paths)
    return next((folder for folder in folders if folder.is_dir()), None)


def _things(system: System, paths: Iterable[Path], meter: Meter) -> Iterator[tuple[Thing, Found]]:
    for path in paths:
        for thing in things_in(path, system.sections, meter):
            yield thing, unwrapped(thing.found or {})


def _record(system: System, thing: Thing, found: Found, around: Around) -> Record | None:
    if not found:
        return Bad(thing.place, _("It is not readable as JSON."))
    kind = system.kind(thing, found)
    if kind == WORDS:
        return None
    try:
        return system.ticket(found, around) if kind == TICKET else system.person(found, thing.place)
    except NOT_AS_THERE as error:
        return why_not(error, f"{thing.place} (id {found.get('id', '?')})")


class Unusable(ValueError):
    """An object lacks something without which it cannot come in; the text says what."""


class ThrownAway(Unusable):
    """An object was thrown away there, or went on in another."""


def why_not(error: Exception, place: str) -> Bad:
    """What is said of an object that is not as was thought."""
    if isinstance(error, UnknownWord):
        return Bad(place, str(error), words=error.words)
    if isinstance(error, Unusable):
        return Bad(place, str(error), meant=isinstance(error, ThrownAway))
    told = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    return Bad(place, _("It is not made as this system makes them: %(told)s") % {"told": told})


def unwrapped(found: Found) -> Found:
    """What an object holds that only names what is in it."""
    inner = found.get(next(iter(found))) if len(found) == 1 else None
    return inner if isinstance(inner, dict) and next(iter(found)) in _WRAPPED else found


def text_of(found: Found, *names: str) -> str:
    """The first of these that holds words."""
    return next((str(found[name]) for name in names if found.get(name) not in (None, "")), "")


def person_in(found: Found, place: str = "") -> Person:
    """Somebody as most systems tell of people."""
    name = text_of(found, "name") or " ".join(
        filter(None, (text_of(found, "lastname"), text_of(found, "firstname")))
    )
    emails = dict.fromkeys(filter(None, (text_of(found, "email"), *(found.get("other_emails") or ()))))
    phones = dict.fromkeys(filter(None, (text_of(found, "phone"), text_of(found, "mobile"))))
    return Person(
        id=str(found["id"]) if found.get("id") else "",
        name=name,
        emails=tuple(emails),
        phones=tuple(phones),
        address=text_of(found, "address"),
        memo=text_of(found, "notes", "note", "description"),
        at=moment(found["created_at"]) if found.get("created_at") else None,
        place=place,
    )


def other_than(customer: Found, who: Found) -> Person | None:
    """Somebody on the customer's side, where they are another person than the customer and it is known who."""
    person, theirs = person_in(who), person_in(customer)
    if (person.id and person.id == theirs.id) or set(person.emails) & set(theirs.emails):
        return None
    return person if person.emails or person.phones or (person.id and person.name) else None


def words_of(
    found: Found,
    by: By,
    *,
    text: str,
    html: str,
    who: Found,
    message_id: str = "",
    files: Iterable[OnDisk] = (),
    left_out: Iterable[str] = (),
    speaker: Person | None = None,
) -> Said:
    """One thing that was said."""
    person = person_in(who)
    return Said(
        id=str(found["id"]),
        by=by,
        at=moment(found["created_at"]),
        text=text,
        html=html,
        name=person.name,
        address=next(iter(person.emails), ""),
        message_id=message_id.strip("<> "),
        files=tuple(files),
        speaker=speaker,
        left_out=tuple(left_out),
    )


def in_order(said: Iterable[Said], *, subject: str, opened: Any, whose: str) -> tuple[Said, ...]:
    """What was said in a ticket, the oldest first; where nothing was, its subject stands for it. Raises Unusable.

    Where files are only named, a note says which, for the words that they came with may speak of them.
    """
    told = told_apart(said)
    spoken = sorted((part for one in told for part in _with_note(one)), key=lambda one: one.at)
    if any(one.by != By.NOTE for one in spoken):
        return tuple(spoken)
    if not subject.strip():
        raise Unusable(_("Nothing was said in it."))
    return (Said(id="subject", by=By.CUSTOMER, at=moment(opened), text=subject, address=whose), *spoken)


def _with_note(said: Said) -> tuple[Said, ...]:
    spoken = (said,) if said.text.strip() or said.html.strip() or said.files else ()
    if not said.left_out:
        return spoken
    words = "\n".join(
        ("添付ファイルは取り込まれていません / Attachments that did not come along:", *said.left_out)
    )
    return *spoken, Said(id=f"{said.id} attachments", by=By.NOTE, at=said.at, text=words)


def files_of(
    found: Found, around: Around, *, name: str, place: str, ticket: object
) -> tuple[list[OnDisk], list[str]]:
    """Files that lie beside the export, and names (with addresses) of those that it only names, or that are more than
    one message may have.
    """
    here, named, left = [], [], MOST_OF_A_MESSAGE
    for one in found.get("attachments") or []:
        if isinstance(one, dict):
            file = around.attached.find(one, name=name, ticket=ticket)
            if file is None or file.size > left:
                named.append(f"{one.get(name) or 'file'} {one.get(place) or ''}".strip())
            else:
                here.append(file)
                left -= file.size
    return here, named
