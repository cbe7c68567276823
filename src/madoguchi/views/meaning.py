"""What a filter means, in plain Python over one case. The statement that the database runs must agree with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from madoguchi.cases.models import Case
from madoguchi.fields.conditions import Asked, meets
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.text import alike
from madoguchi.views.filters import DAYS_ASKED, EVENT, ME, NOBODY, TIMES, All, Condition, Node, Not
from madoguchi.views.moments import moment

_COLUMNS = {"desk": "desk_id", "customer": "customer_id"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and when: what `me` and `today` mean. Of the fields `unseen` nothing is told, not even by a hit.
    `unread` are the cases that are so for them, of those that are asked about; for nobody none is.
    """

    person: int | None
    now: datetime
    unseen: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()


def matches(node: Node, case: Case, events: Iterable[tuple[str, datetime]], reader: Reader) -> bool:
    """Whether a case with these events (kind and time) is among those that the filter wants."""
    events = list(events)
    if isinstance(node, Condition):
        return _meets(node, case, events, reader)
    if isinstance(node, Not):
        return not matches(node.part, case, events, reader)
    each = (matches(part, case, events, reader) for part in node.parts)
    return all(each) if isinstance(node, All) else any(each)


def of_field(asked: Condition, reader: Reader) -> Asked | None:
    """What a condition asks of a field of a desk's own; None where it asks of anything else."""
    kind, _colon, field = asked.field.partition(":")
    if not field:
        return None
    value = asked.value
    if asked.test in DAYS_ASKED:
        value = moment(value, now=reader.now).astimezone(TOKYO).date().isoformat()
    return Asked(int(field), kind, asked.test, value)


def _meets(asked: Condition, case: Case, events: list[tuple[str, datetime]], reader: Reader) -> bool:
    own = of_field(asked, reader)
    if own:
        return own.field not in reader.unseen and meets(own, case.filled)
    if asked.field in TIMES:
        return _in_time(asked, [getattr(case, TIMES[asked.field])], reader)
    if asked.field == EVENT:
        return _in_time(asked, [at for kind, at in events if kind == asked.kind], reader)
    if asked.field == "subject":
        return alike(asked.value) in alike(case.subject)
    if asked.field == "undelivered":
        return bool(case.undelivered == asked.value)
    if asked.field == "unread":
        return (case.pk in reader.unread) == asked.value
    if asked.field in ("tags", "feelings"):
        return bool(set(getattr(case, asked.field)) & set(asked.value))
    if asked.field == "assignee":
        return case.assignee_id in _people(asked, reader)
    return getattr(case, _COLUMNS.get(asked.field, asked.field)) in asked.value


def _people(asked: Condition, reader: Reader) -> set[int | None]:
    named = {one for one in asked.value if one not in (ME, NOBODY)}
    me = {reader.person} if ME in asked.value and reader.person is not None else set()
    return named | me | ({None} if NOBODY in asked.value else set())


def _in_time(asked: Condition, times: list[datetime | None], reader: Reader) -> bool:
    known = [at for at in times if at is not None]
    if asked.test == "known":
        return bool(known) == asked.value
    limit = moment(asked.value, now=reader.now)
    return any(at < limit if asked.test == "before" else at >= limit for at in known)
