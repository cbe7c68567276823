"""What was said in a ticket of another system, told again as a case: each thing at its own time."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.cases.actions import (
    Answering,
    Arriving,
    Standing,
    begun_by_us,
    continue_case,
    leave_as_it_was,
    note_past,
    open_case,
    write_past_answer,
)
from madoguchi.cases.models import Case
from madoguchi.channels.email.channel import MOST_HTML, shortened
from madoguchi.channels.email.html import to_text
from madoguchi.channels.email.reply_text import split_reply
from madoguchi.imports.actions.target import IMPORT
from madoguchi.imports.actions.work import Work
from madoguchi.imports.origins import key_of_said, key_of_ticket
from madoguchi.imports.records import By, Said, Ticket
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Inbound, Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

_MOMENT = timedelta(microseconds=1)
_LONGEST_ID = 500


def tell(ticket: Ticket, work: Work) -> bool | None:
    """Make a case of a ticket, or add what was said since it came; whether it is new, None where there is nothing new.

    Where somebody has worked on the case here since, it stands as they left it. Raises Refused for a ticket in which
    nothing was said.
    """
    origin = work.origins.get(key_of_ticket(ticket))
    fresh = [said for said in ticket.said if key_of_said(ticket, said) not in work.origins]
    if origin is not None and not fresh:
        return None
    first = next((said for said in fresh if said.by != By.NOTE), None)
    if origin is None and first is None:
        raise Refused(_("Nothing was said in it."))
    at = min(said.at for said in fresh)
    telling = _Telling(work, ticket, work.customer(ticket.customer, at)[0])
    if origin is None:
        assert first is not None
        case, untouched = telling.begin(first), True
        fresh.remove(first)
    else:
        here = Case.objects.select_related("continued_in").get(pk=origin.case_id)
        here = here.continued_in or here
        case, untouched = here.pk, origin.version == here.version
    for said in fresh:
        telling.say(said, case)
    if untouched:
        telling.leave(case)
    work.cases.add(case)
    return origin is None


@dataclass(frozen=True, slots=True)
class _Telling:
    work: Work
    ticket: Ticket
    customer: int

    def begin(self, first: Said) -> int:
        """Open the case with the first thing that was said aloud."""
        with clock.held_at(first.at):
            placed = open_case(self._arriving(first, self.customer), by=IMPORT)
            if first.by == By.STAFF:
                begun_by_us(placed, user=self._author(first))
            self._told(first, case_id=placed.case, message_id=placed.message)
        return placed.case

    def say(self, said: Said, case: int) -> None:
        """One more thing that was said or noted."""
        with clock.held_at(said.at):
            if said.by == By.CUSTOMER:
                who = self.work.customer(said.speaker, said.at)[0] if said.speaker else self.customer
                placed = continue_case(case, self._arriving(said, who), by=IMPORT)
                self._told(said, case_id=case, message_id=placed.message)
                return
            row, author = Case.objects.get(pk=case), self._author(said)
            if said.by == By.STAFF:
                message = write_past_answer(row, self._answering(said), user=author, by=IMPORT)
                self._told(said, case_id=case, message_id=message.pk)
            else:
                words = self._words_of_note(said, known=author is not None)
                note = note_past(row, text=words, user=author or self.work.target.importer, by=IMPORT)
                self._told(said, case_id=case, note_id=note.pk)

    def leave(self, case: int) -> None:
        """As it stood at last."""
        ticket, last = self.ticket, max(said.at for said in self.ticket.said)
        at = max(last, ticket.changed_at or last)
        assignee = self.work.target.person(ticket.assignee) if ticket.assignee else None
        standing = Standing(ticket.status, ticket.priority, ticket.tags, assignee, at, ticket.number)
        with clock.held_at(at + _MOMENT):
            version = leave_as_it_was(case, standing, by=IMPORT)
            self.work.left(
                key_of_ticket(ticket), case, version, number=blot_card_numbers(clean(ticket.number))[:100]
            )

    def _told(self, said: Said, **became: int) -> None:
        self.work.remember(key_of_said(self.ticket, said), **became)

    def _author(self, said: Said) -> int | None:
        """Who of ours it is: by the address, for anybody may call themselves so."""
        return self.work.target.person(said.address or said.name)

    def _words_of_note(self, said: Said, *, known: bool) -> str:
        text, name = said.text or to_text(said.html), said.name or said.address
        return text if known or not name else f"{name}: {text}"

    def _theirs(self) -> Party:
        person = self.ticket.customer
        return Party(next(iter(person.emails), ""), _name(person.name))

    def _ours(self, said: Said) -> Party:
        point = self.work.target.point
        return Party(said.address or point.address, _name(said.name or point.shown_sender))

    def _speaker(self, said: Said) -> Party:
        theirs = self._theirs()
        name = _name(said.name or theirs.name)
        return self._ours(said) if said.by == By.STAFF else Party(said.address or theirs.address, name)

    def _listeners(self, said: Said) -> tuple[Party, ...]:
        theirs = self._theirs()
        if said.by == By.CUSTOMER:
            return (Party(self.work.target.point.address),)
        return (theirs,) if theirs.address else ()

    def _arriving(self, said: Said, customer: int) -> Arriving:
        text, subject = _text_of(said), blot_secrets(clean(self.ticket.subject))
        reply = split_reply(text, html=said.html, subject=subject)
        inbound = Inbound(
            channel=Channel.EMAIL,
            external_id=self._id_of(said),
            sender=self._speaker(said),
            subject=subject,
            text=text,
            new_text=reply.new,
            pieces=reply.pieces,
            html=blot_secrets(said.html) if len(said.html) <= MOST_HTML else "",
            fingerprint=hashlib.sha256(self._id_of(said).encode()).digest(),
            to=self._listeners(said),
            sent_at=said.at,
            files=tuple(file.read() for file in said.files),
        )
        return Arriving(inbound=inbound, customer=customer, entry_point=self.work.target.point)

    def _answering(self, said: Said) -> Answering:
        subject = blot_secrets(clean(self.ticket.subject))
        return Answering(
            text=_text_of(said),
            to=self._listeners(said),
            external_id=self._id_of(said),
            subject=f"Re: {subject}" if subject else "",
            sender=self._speaker(said),
            files=tuple(file.read() for file in said.files),
        )

    def _id_of(self, said: Said) -> str:
        """Its Message-ID; for what had none one of no server, the same whenever it comes."""
        if said.message_id:
            return said.message_id[:_LONGEST_ID]
        target = self.work.target
        name = "\0".join((str(target.company), target.source, *key_of_said(self.ticket, said)))
        return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@import.invalid"


def _text_of(said: Said) -> str:
    return blot_secrets(shortened(clean(said.text or to_text(said.html))))


def _name(written: str) -> str:
    return blot_secrets(one_line(written, most=200))
