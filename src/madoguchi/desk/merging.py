"""What a merge would do, said before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.actions import require_mergeable
from madoguchi.cases.merging import survivor
from madoguchi.cases.models import Attachment, Case, Message, Note, Priority, Status
from madoguchi.cases.queries import case_by_number, other_cases
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused

MOST_OFFERED = 20
_ON_ITS_WAY = (Outgoing.State.QUEUED, Outgoing.State.SENDING)


@dataclass(frozen=True, slots=True)
class Offered:
    """Another case of the customer, to be chosen."""

    number: str
    case: Case


@dataclass(frozen=True, slots=True)
class Preview:
    """Which case goes on in which, what goes over, and what the one that goes on will be like."""

    case: Case
    into: Case
    number: str
    into_number: str
    messages: int
    notes: int
    files: int
    on_its_way: int
    changes: list[tuple[str, str]]
    warnings: list[str]


def offered(case: Case, *, actor: Actor) -> list[Offered]:
    """The customer's other cases that have not gone on elsewhere."""
    others = other_cases(case, actor=actor, most=MOST_OFFERED)
    return [Offered(number_of(other), other) for other in others if other.continued_in_id is None]


def pair(case: Case, other: str, *, newer: bool, actor: Actor) -> tuple[Case, Case]:
    """The case that goes on elsewhere and the one that takes it in. Raises Refused for a number that is none."""
    found = case_named(other, beside=case, actor=actor)
    first, second = sorted((case, found), key=lambda one: (one.opened_at, one.pk))
    return (first, second) if newer else (second, first)


def case_named(written: str, *, beside: Case, actor: Actor) -> Case:
    """The case of a number that somebody typed at another case; its letters may be left out within the company.

    Raises Refused for a number that is none.
    """
    try:
        return case_by_number(written.strip(), actor=actor, prefix=beside.company.prefix)
    except NotFound:
        words = _("There is no case %(number)s that you may see.") % {"number": written}
        raise Refused(words, field="other") from None


def preview_of(case: Case, into: Case, *, actor: Actor) -> Preview:
    """What a merge would do. Raises what the merge itself would raise."""
    require_mergeable(case, into=into, by=actor)
    after = survivor(case, into)
    messages = Message.objects.filter(case=case)
    return Preview(
        case=case,
        into=into,
        number=number_of(case),
        into_number=number_of(into),
        messages=messages.count(),
        notes=Note.objects.filter(case=case).count(),
        files=Attachment.objects.filter(message__case=case).count(),
        on_its_way=Outgoing.objects.filter(message__case=case, state__in=_ON_ITS_WAY).count(),
        changes=_changes(
            into, str(Status(after["status"]).label), Priority(after["priority"]), after["tags"]
        ),
        warnings=_warnings(case, into),
    )


def number_of(case: Case) -> str:
    """The number as spoken and written."""
    return case.spoken_number(case.company.prefix)


def _changes(into: Case, status: str, priority: Priority, tags: Sequence[str]) -> list[tuple[str, str]]:
    """What the case that goes on will be like."""
    nobody = _("Nobody responsible")
    return [
        (_("Status"), status),
        (_("Responsible"), into.assignee.name if into.assignee else nobody),
        (_("Priority"), str(priority.label)),
        (_("Desk"), into.desk.name),
        (_("Tag"), "、".join(tags) or "—"),
    ]


def _warnings(case: Case, into: Case) -> list[str]:
    said = []
    if case.desk_id != into.desk_id:
        words = _("The people of %(desk)s will see what was said at %(other)s.")
        said.append(words % {"desk": into.desk.name, "other": case.desk.name})
    if case.assignee_id and case.assignee_id != into.assignee_id and case.assignee:
        words = _("%(who)s is responsible for the case that ends, and will not be for the one that goes on.")
        said.append(words % {"who": case.assignee.name})
    return said
