"""Changes to a case itself: who is responsible, where it stands, what it is called."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions.chats import require_room
from madoguchi.cases.actions.complete import require_filled
from madoguchi.cases.actions.hand_off import HandOffWords, leave_words
from madoguchi.cases.events import CaseAssigned, CaseChanged, LinkEnded, StatusChanged
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.identity import Checked
from madoguchi.cases.models import OURS_TO_ACT, Case, HandOff, Priority, Severity, Status
from madoguchi.companies.models import Desk
from madoguchi.customers.blots import keeps_anything, note_written
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.infra.models import Event
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.people.queries import works_at

MOST_TAGS = 20
# Who gives a case back so soon made a slip; the customer was not passed around by it.
SLIP = timedelta(minutes=1)
_CHANGING = [
    *("status", "priority", "severity", "tags", "feelings", "checked", "subject", "desk_id", "assignee_id"),
    *("solved_at", "waiting_since", "version", "link_generation", "hops", "filled", "matter_id"),
    "continued_in_id",
]

_LAST = PreparedQuery(
    lambda: Event.objects.filter(case_id=Slot("case"), kind=Slot("kind"), at__gte=Slot("since")).order_by(
        "-id"
    )
)
# Who was given a case by the queue and went away before they began has told its customer nothing.
_BY_THE_QUEUE = Q(actor_kind=ActorKind.SYSTEM.value, actor_name="routing")
_GIVEN_UP = PreparedQuery(
    lambda: (
        Event.objects.filter(case_id=Slot("case"), kind="case.assigned", data__after=None)
        .exclude(_BY_THE_QUEUE)
        .order_by("-id")
    )
)


@transaction.atomic
def assign(case: Case, *, to: int | None, by: Actor, words: HandOffWords | None = None) -> None:
    """Make somebody of the desk responsible, or (None) nobody, with words for whoever comes next if there are any.

    Raises NotAllowed for agents who would give work to others, Refused for people who do not work there, for those who
    have as many chats as they may, for words that leave out what matters, and for a case that goes on in another one.
    """
    _lock(case)
    if not policies.may_assign(by, case, to=to):
        raise NotAllowed(Permission.CASE_ASSIGN)
    if to is not None and not works_at(to, desk=case.desk_id, company=case.company_id):
        raise Refused(_("This person does not work at this desk."), field="assignee")
    before = case.assignee_id
    if before == to:
        return
    if to is not None:
        _require_going_on(case)
        require_room(case, person=to)
    hop = _hop(case, to, by)
    fact = CaseAssigned(**case.where, before=before, after=to, hop=hop)
    write(case, fact, by=by, assignee_id=to, hops=case.hops + hop)
    if words:
        leave_words(case, words, occasion=HandOff.Occasion.PERSON, to_user=to, by=by)


@transaction.atomic
def change_status(
    case: Case,
    *,
    to: Status,
    by: Actor,
    words: HandOffWords | None = None,
    without_words: bool = False,
    complete: bool = True,
) -> None:
    """Set the status. Raises NotAllowed; Refused for words that do not say what it was about, where the desk wants
    such words on solving and there are none, where it needs to know something first, and where a case that goes on in
    another one would be open again. `without_words` is for who
    was asked and said no, and for taking a change back; with `complete` false nothing need be known, for what is no
    case at all. Machines are asked nothing. Setting what already is does nothing.

    At rest, or when it is the customer's turn, nobody waits for us any more.
    """
    require_update(by, case)
    if case.status != to:
        if to not in (Status.SOLVED, Status.CLOSED):
            _require_going_on(case)
        if complete:
            require_filled(case, to=to, by=by)
        if words is None and not without_words:
            _require_closing_words(case, to, by)
        rest = to in (Status.SOLVED, Status.CLOSED)
        fields: dict[str, Any] = {
            "status": to,
            "solved_at": (case.solved_at or clock.now()) if rest else None,
            "waiting_since": None if rest or to == Status.WAITING_CUSTOMER else case.waiting_since,
        }
        if rest:
            fields["undelivered"] = False
        write(case, StatusChanged(**case.where, before=case.status, after=to), by=by, **fields)
        if words:
            leave_words(case, words, occasion=HandOff.Occasion.CLOSING, by=by)


@transaction.atomic
def end_link(case: Case, *, by: Actor) -> None:
    """Close the customer's own page to all who hold a link to it, for one that reached the wrong hands.

    Links made from now on open it again. Raises NotAllowed.
    """
    require_update(by, case)
    generation = case.link_generation + 1
    write(case, LinkEnded(**case.where, generation=generation), by=by, link_generation=generation)
    # Links to cases that went on in this one lead here, too.
    Case.objects.filter(continued_in=case).update(link_generation=F("link_generation") + 1)


@transaction.atomic
def set_priority(case: Case, *, to: Priority, by: Actor) -> None:
    """Set how urgent the case is. Raises NotAllowed."""
    require_update(by, case)
    if case.priority != to:
        fact = CaseChanged(**case.where, field="priority", before=case.priority, after=int(to))
        write(case, fact, by=by, priority=to)


@transaction.atomic
def set_severity(case: Case, *, to: Severity, by: Actor) -> None:
    """Say how grave it is for whoever has the trouble. Raises NotAllowed."""
    require_update(by, case)
    if case.severity != to:
        fact = CaseChanged(**case.where, field="severity", before=case.severity, after=int(to))
        write(case, fact, by=by, severity=to)


@transaction.atomic
def set_tags(case: Case, *, to: Iterable[str], by: Actor) -> None:
    """Replace the tags, tidied, without repeats. Raises NotAllowed, or Refused for more than 20."""
    require_update(by, case)
    tags = list(dict.fromkeys(tag for tag in (blot_card_numbers(one_line(t, most=50)) for t in to) if tag))
    if len(tags) > MOST_TAGS:
        raise Refused(_("A case takes 20 tags at most."), field="tags")
    if case.tags != tags:
        write(case, CaseChanged(**case.where, field="tags", before=case.tags, after=tags), by=by, tags=tags)


@transaction.atomic
def judge_feeling(case: Case, feeling: Feeling, *, holds: bool = True, by: Actor) -> None:
    """Say that the customer of a case feels like this, or does not any more. A person's judgement: machines suggest it
    alone. Raises NotAllowed.
    """
    require_update(by, case)
    if by.kind != ActorKind.PERSON:
        raise NotAllowed(Permission.CASE_UPDATE)
    after = [str(one) for one in Feeling if (one in case.feelings if one != feeling else holds)]
    if case.feelings != after:
        fact = CaseChanged(**case.where, field="feelings", before=case.feelings, after=after)
        write(case, fact, by=by, feelings=after)


@transaction.atomic
def check_identity(case: Case, *, items: Iterable[str], by: Actor) -> None:
    """Say what was compared with the customer's record in this case, all of it; nothing: it is not checked any more.
    A person's word, with when and by whom in the log. Raises NotAllowed, or Refused for what is no item.
    """
    require_update(by, case)
    if by.kind != ActorKind.PERSON:
        raise NotAllowed(Permission.CASE_UPDATE)
    said = set(items)
    if not said <= set(Checked.values):
        raise Refused(_("Choose one of the list."), field="items")
    after = [one.value for one in Checked if one in said]
    if case.checked != after:
        fact = CaseChanged(**case.where, field="checked", before=case.checked, after=after)
        write(case, fact, by=by, checked=after)


@transaction.atomic
def rename(case: Case, *, to: str, by: Actor) -> None:
    """Give the case another subject. Raises NotAllowed, or Refused when it is empty."""
    require_update(by, case)
    subject = blot_card_numbers(one_line(to))
    if not subject:
        raise Refused(_("A case needs a subject."), field="subject")
    if case.subject != subject:
        if keeps_anything(by, company=case.company_id):
            note_written(subject, case.subject, loosely=True, customer=case.customer, actor=by)
        fact = CaseChanged(**case.where, field="subject", before=case.subject, after=subject)
        write(case, fact, by=by, subject=subject)


@transaction.atomic
def move_to_desk(case: Case, *, to: Desk, by: Actor, words: HandOffWords | None = None) -> None:
    """Hand the case to another desk of the same company, with words for it; nobody there is responsible yet. Behind a
    technical desk stays the one that the customer knows.

    Raises NotAllowed, or Refused for a desk of another company and for words that leave out what matters.
    """
    require_update(by, case)
    if to.company_id != case.company_id:
        raise Refused(_("A case stays with its company."), field="desk")
    if case.desk_id != to.pk:
        undone = _undone(case, "case.changed", to.pk, by)
        hop = -undone.data["hop"] if undone else 1
        fact = CaseChanged(**case.where, field="desk", before=case.desk_id, after=to.pk, hop=hop)
        if words:
            leave_words(case, words, occasion=HandOff.Occasion.DESK, to_desk=to.pk, by=by)
        window = window_behind(case, to)
        write(case, fact, by=by, desk_id=to.pk, window_id=window, assignee_id=None, hops=case.hops + hop)


@transaction.atomic
def place_at_desk(case: Case, *, to: Desk, by: Actor) -> bool:
    """Send a case that nobody has begun to another desk of its company; whether it still was so, as it is now.

    The customer has told nobody anything yet, so nobody passed it on. Raises NotAllowed.
    """
    require_update(by, case)
    free = case.assignee_id is None and case.status in OURS_TO_ACT and case.continued_in_id is None
    if not free or case.desk_id == to.pk or to.company_id != case.company_id:
        return False
    fact = CaseChanged(**case.where, field="desk", before=case.desk_id, after=to.pk, hop=0)
    write(case, fact, by=by, desk_id=to.pk, window_id=window_behind(case, to))
    return True


def window_behind(case: Case, to: Desk) -> int | None:
    """The desk that the customer goes on to know when `to` works the case: a technical one stays behind it."""
    if to.kind != Desk.Kind.TECHNICAL or case.desk.kind == to.kind:
        known = case.window_id if to.kind == Desk.Kind.TECHNICAL else None
    else:
        known = case.window_id or case.desk_id
    return None if known == to.pk else known


def _hop(case: Case, to: int | None, by: Actor) -> int:
    """Whether this passes the case on (1), takes a slip back (-1) or neither.

    It is passed on when somebody becomes responsible after somebody else. Source: the words of the trade,
    たらい回し: the number of people whom a customer has to tell the same.
    """
    undone = _undone(case, "case.assigned", to, by)
    if undone:
        return -int(undone.data["hop"])
    if to is None:
        return 0
    last = case.assignee_id or last_responsible(case)
    return 1 if last and last != to else 0


def last_responsible(case: Case) -> int | None:
    """Who gave the case up last; None where nobody did."""
    last = _GIVEN_UP.first({"case": case.pk})
    return int(last.data["before"]) if last and last.data["before"] else None


def _undone(case: Case, kind: str, to: int | None, by: Actor) -> Event | None:
    """What the same person has just done and gives back by this."""
    last = _LAST.first({"case": case.pk, "kind": kind, "since": clock.now() - SLIP})
    if last is None or last.actor_id != by.id or last.data.get("field", "desk") != "desk":
        return None
    return last if last.data["before"] == to else None


def require_update(by: Actor, case: Case) -> None:
    """Take the case to change it, as it is now. Raises NotAllowed."""
    if not policies.may_update(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    _lock(case)


def _require_going_on(case: Case) -> None:
    """Nobody works on a case that goes on in another one: what is said to either arrives there."""
    if case.continued_in_id:
        raise Refused(_("This case goes on in another one. Work on it there, or undo the merge."))


def _require_closing_words(case: Case, to: Status, by: Actor) -> None:
    asked = to == Status.SOLVED and by.kind == ActorKind.PERSON
    if asked and policies.asks_for_words(case, HandOff.Occasion.CLOSING):
        raise Refused(
            _("This desk wants a line on what a case was about before it is solved."), field="summary"
        )


def _lock(case: Case) -> None:
    """Take the case as it is now, and keep it so: what was `before` must be told as it was."""
    fresh = Case.objects.select_for_update().values(*_CHANGING).get(pk=case.pk)
    for name, value in fresh.items():
        if getattr(case, name) != value:
            setattr(case, name, value)


def write(case: Case, fact: Fact, *, by: Actor, **fields: Any) -> None:
    """Change columns of a case that was taken so, and tell what happened."""
    Case.objects.filter(pk=case.pk).update(**fields, version=F("version") + 1)
    for name, value in fields.items():
        setattr(case, name, value)
    record(fact, by=by)
