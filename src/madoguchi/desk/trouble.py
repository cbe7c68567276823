"""What may become trouble, as it is shown: grave words, signals, incidents and complaints; and what of it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_update
from madoguchi.complaints.actions import Written
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.policies import may_work
from madoguchi.complaints.queries import complaints_of
from madoguchi.desk.escalating import moment_in, number_in
from madoguchi.desk.merging import number_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.look.moments import ahead, full, span
from madoguchi.signals.actions import Seen
from madoguchi.signals.models import Grave, Kind, Signal
from madoguchi.signals.policies import may_signal
from madoguchi.signals.queries import signals_of, standing_of


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    """A complaint, its case, by when it is to be answered, and how loud that is."""

    one: Complaint
    number: str
    due: str
    exact: str
    late: str

    @property
    def tone(self) -> str:
        """How loud its state is."""
        if self.one.state != Complaint.State.OPEN:
            return "good"
        return "bad" if self.late or self.one.severity >= Complaint.Severity.SERIOUS else "warn"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What of a case may become trouble, and what the reader may do about it."""

    graves: Sequence[Grave]
    complaints: Sequence[ComplaintLine]
    signals: Sequence[Signal]
    kinds: Sequence[tuple[str, str]]
    signals_may: bool
    works: bool
    reader: int | None


def trouble_of(case: Case, *, actor: Actor) -> Trouble:
    """What may become trouble in a case. Three queries."""
    now = clock.now()
    return Trouble(
        graves=standing_of(case),
        complaints=[complaint_line(one, now=now) for one in complaints_of(case)],
        signals=signals_of(case),
        kinds=[(value, str(words)) for value, words in Kind.choices],
        signals_may=may_signal(actor, case),
        works=may_work(actor, case) and may_update(actor, case),
        reader=actor.id,
    )


def complaint_line(one: Complaint, *, now: datetime) -> ComplaintLine:
    """A complaint in words."""
    late = one.state == Complaint.State.OPEN and one.due_at <= now
    over = _("Overdue by %(span)s") % {"span": span(now - one.due_at)} if late else ""
    return ComplaintLine(one, number_of(one.home), ahead(one.due_at, now=now), full(one.due_at), over)


def seen_in(form: Mapping[str, str]) -> Seen:
    """What somebody typed of a signal."""
    return Seen(kind=form.get("kind", ""), words=form.get("words", ""), product=number_in(form, "product"))


def complaint_in(form: Mapping[str, str]) -> Written:
    """What somebody typed of a complaint. Raises Refused."""
    texts = {name: form.get(name, "") for name in ("facts", "demand", "manner", "corrective", "answer")}
    return Written(
        **texts,
        severity=number_in(form, "severity"),
        due_at=moment_in(form),
        responsible=number_in(form, "responsible"),
        secondary_to=number_in(form, "secondary_to"),
    )


def typed_of(one: Complaint) -> Mapping[str, object]:
    """A complaint as its form shows it."""
    names = ("facts", "demand", "manner", "corrective", "answer", "severity", "version")
    due = one.due_at.astimezone(clock.TOKYO).strftime("%Y-%m-%dT%H:%M")
    kept = {name: getattr(one, name) for name in names}
    return kept | {"due": due, "responsible": one.responsible_id, "secondary_to": one.secondary_to_id}
