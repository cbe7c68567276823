"""What a desk wants to know of a case before it is laid to rest."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import asked_of
from madoguchi.fields.models import Field
from madoguchi.fields.values import missing
from madoguchi.kernel.actor import EVERYTHING_SHOWN, Actor, ActorKind
from madoguchi.kernel.errors import Refused

Forms = dict[tuple[int, int | None], list[Field]]
# What other packages want of cases before they come to rest: each says what is missing in which, by its id.
_also_asked: list[Callable[[Sequence[Case]], dict[int, str]]] = []
_AT_REST = (Status.SOLVED, Status.CLOSED)


def ask_also(asked: Callable[[Sequence[Case]], dict[int, str]]) -> None:
    """Let a package above say what keeps cases from being laid to rest; bound once per process."""
    if asked not in _also_asked:
        _also_asked.append(asked)


def require_filled(case: Case, *, to: Status, by: Actor) -> None:
    """Whether a person may solve or close the case, or answer and solve it: all that its desk needs must be known, but
    for what the contract keeps from them, and all be done that it wants done.

    Raises Refused, naming what is missing. What happens by itself asks nobody, and what is at rest already neither.
    """
    left = left_to_fill(case, to=to, by=by) if by.kind == ActorKind.PERSON else ""
    if left:
        raise Refused(left, field="fields" if _not_filled(case, by, {}) else "tasks")


def left_to_fill(case: Case, *, to: Status, by: Actor | None = None) -> str:
    """What is missing before a case comes to rest, and what of it may be filled in (by whom, if by somebody), in words;
    empty where nothing is, or it is at rest already.
    """
    return left_in_each([case], to=to, by=by).get(case.pk, "")


def left_in_each(cases: Sequence[Case], *, to: Status, by: Actor | None = None) -> dict[int, str]:
    """The same of many cases, by the id of those in which something is missing: what `require_filled` would say. Two
    queries for each kind of form, and one for each package that asks, however many cases.
    """
    some = [case for case in cases if case.status not in _AT_REST] if to in _AT_REST else []
    if not some:
        return {}
    forms: Forms = {}
    found = [{case.pk: words for case in some if (words := _not_filled(case, by, forms))}]
    found += [asked(some) for asked in _also_asked]
    said = {case.pk: [each[case.pk] for each in found if each.get(case.pk)] for case in some}
    return {pk: " ".join(words) for pk, words in said.items() if words}


def _not_filled(case: Case, by: Actor | None, forms: Forms) -> str:
    seen = by.data_scope(company=case.company_id) if by else EVERYTHING_SHOWN
    key = (case.desk_id, case.matter_id)
    if key not in forms:
        forms[key] = asked_of(case).form
    left = missing(forms[key], case.filled)
    names = "、".join(field.label for field in left if field.holds not in seen.masked | seen.hidden)
    return _("Before it is solved, fill in: %(fields)s.") % {"fields": names} if names else ""
