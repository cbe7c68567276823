"""Answers of a case that are written and have not begun to leave, as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.cases.queries import pending_of
from madoguchi.customers.queries import show
from madoguchi.delivery.addressing import identities_of
from madoguchi.delivery.checks import gone_past
from madoguchi.delivery.queue import subject_of
from madoguchi.desk.letter import usual_addressee
from madoguchi.desk.lists import scheduled_for
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.channel import TALKS
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.sign_off import signed_off
from madoguchi.look.moments import full

State = PendingAnswer.State
_ICONS = {State.SCHEDULED: "clock", State.AWAITING: "hand-raised", State.HELD: "exclamation-triangle"}
_TONES = {State.HELD: "warn", State.RETURNED: "warn"}


@dataclass(frozen=True, slots=True)
class Card:
    """One answer that waits: how it stands, and what this reader may do about it.

    `envelope` is to whom it goes, as the reader may see it, and under which subject; `to_strangers` says that an
    address was chosen that is not known as the customer's; `warned` is what its writer was asked and went past; `brief`
    is what the head of the case says of it, `text` all that it says, with the desk's signature.
    """

    answer: PendingAnswer
    icon: str
    tone: str
    words: str
    text: str
    brief: str
    why: str
    own: bool
    may_settle: bool
    may_approve: bool
    envelope: list[tuple[str, str]]
    to_strangers: bool
    warned: list[str]


def cards_of(case: Case, *, actor: Actor) -> list[Card]:
    """The answers that wait in a case, for a reader of the desk; the company sees an answer when it leaves (37号告示).
    One returned is shown to its writer alone. No query where there are none, else two, and those that tell where the
    customer is answered.
    """
    if not policies.may_note(actor, case):
        return []
    answers = [a for a in pending_of(case) if a.state != State.RETURNED or a.user_id == actor.id]
    usual = "" if all(answer.to for answer in answers) else usual_addressee(case, actor=actor)
    return [_card(answer, case, actor, usual) for answer in answers]


def said_again(cards: Sequence[Card], *, text: str, person: int) -> bool:
    """Whether this is what a person has just put aside: a late autosave may outlive that."""
    waits = (card.answer for card in cards if card.answer.state in (State.SCHEDULED, State.AWAITING))
    return any(answer.user_id == person and answer.text.strip() == text.strip() for answer in waits)


def _card(answer: PendingAnswer, case: Case, actor: Actor, usual: str) -> Card:
    scope = actor.data_scope(company=case.company_id)
    approves = answer.state == State.AWAITING and policies.may_approve(actor, case, writer=answer.user_id)
    return Card(
        answer,
        _ICONS.get(State(answer.state), "arrow-uturn-left"),
        _TONES.get(State(answer.state), ""),
        _words(answer),
        _as_it_leaves(answer, case),
        _brief(answer),
        why_held(answer) if answer.state == State.HELD else "",
        own=answer.user_id == actor.id,
        may_settle=policies.may_settle(actor, case, writer=answer.user_id),
        may_approve=approves,
        envelope=[*_readers(answer, usual, scope), (_("Subject"), subject_of(case))],
        to_strangers=_goes_to_strangers(answer, case),
        warned=gone_past(answer.confirmed),
    )


def _readers(answer: PendingAnswer, usual: str, scope: DataScope) -> list[tuple[str, str]]:
    named = [("Cc", answer.cc), ("Bcc", answer.bcc)]
    lines = [(_("To"), _shown(answer.to, scope) if answer.to else usual)]
    lines += [(name, _shown(parties, scope)) for name, parties in named]
    return [(name, line) for name, line in lines if line]


def _shown(parties: list[dict[str, str]], scope: DataScope) -> str:
    return ", ".join(filter(None, (show(one["address"], "email", scope) for one in parties)))


def _goes_to_strangers(answer: PendingAnswer, case: Case) -> bool:
    """Whether it goes to an address that is not known as the customer's. One query, where an address was chosen."""
    chosen = {canonical(IdentityKind.EMAIL, one["address"]) for one in answer.to}
    return bool(chosen) and not chosen <= identities_of(case)


def _as_it_leaves(answer: PendingAnswer, case: Case) -> str:
    talks = not answer.to and case.channel in TALKS
    pieces = signed_off(answer.text, "" if talks else case.shown_desk.signature)
    return "".join(piece.text for piece in pieces)


def _words(answer: PendingAnswer) -> str:
    when = full(answer.due_at) if answer.due_at else ""
    match answer.state:
        case State.SCHEDULED:
            return _("Leaves %(when)s") % {"when": when}
        case State.AWAITING if when:
            return _("Awaits approval, then leaves %(when)s") % {"when": when}
        case State.AWAITING:
            return _("Awaits approval")
        case State.HELD:
            return _("Held: it was not sent")
    return _("%(who)s returned it") % {"who": answer.decided_by.name if answer.decided_by else ""}


def _brief(answer: PendingAnswer) -> str:
    if answer.state == State.SCHEDULED and answer.due_at:
        return scheduled_for(answer.due_at, now=clock.now())
    return str(State(answer.state).label)


def why_held(answer: PendingAnswer) -> str:
    """Why an answer was held, and so what to look at."""
    said = {
        "customer_wrote": _("The customer wrote first. Read what they say before it leaves."),
        "answered": _("Another answer was sent first. Read it before this one leaves."),
        "merged": _("The case was merged with another one. See whether the answer still fits."),
        "split": _("The case was split. See whether the answer still belongs here."),
        "closed": _("The case was closed."),
        "desk": _("The desk is closed."),
        "entry_point": _("The address that it would come from is out of use."),
        "rights": _("Who wrote it no longer answers at this desk."),
        "approval": _("A senior is to approve it now."),
        "checks": _("The checks before sending stopped it."),
    }
    return f"{said.get(answer.why, '')} {answer.detail}".strip()
