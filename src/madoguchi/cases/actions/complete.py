"""What a desk wants to know of a case before it is laid to rest."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import asked_of
from madoguchi.fields.values import missing
from madoguchi.kernel.actor import EVERYTHING_SHOWN, Actor, ActorKind
from madoguchi.kernel.errors import Refused

# What other packages want of a case before it comes to rest: each says what is missing, or nothing.
_also_asked: list[Callable[[Case], str]] = []


def ask_also(asked: Callable[[Case], str]) -> None:
    """Let a package above say what keeps a case from being laid to rest; bound once per process."""
    if asked not in _also_asked:
        _also_asked.append(asked)


def require_filled(case: Case, *, to: Status, by: Actor) -> None:
    """Whether a person may solve or close the case, or answer and solve it: all that its desk needs must be known, but
    for what the contract keeps from them, and all be done that it wants done.

    Raises Refused, naming what is missing. What happens by itself asks nobody, and what is at rest already neither.
    """
    left = left_to_fill(case, to=to, by=by) if by.kind == ActorKind.PERSON else ""
    if left:
        raise Refused(left, field="fields" if _not_filled(case, by) else "tasks")


def left_to_fill(case: Case, *, to: Status, by: Actor | None = None) -> str:
    """What is missing before a case comes to rest, and what of it may be filled in (by whom, if by somebody), in words;
    empty where nothing is, or it is at rest already.
    """
    at_rest = (Status.SOLVED, Status.CLOSED)
    if to not in at_rest or case.status in at_rest:
        return ""
    also = (asked(case) for asked in _also_asked)
    return " ".join(words for words in (_not_filled(case, by), *also) if words)


def _not_filled(case: Case, by: Actor | None) -> str:
    seen = by.data_scope(company=case.company_id) if by else EVERYTHING_SHOWN
    left = missing(asked_of(case).form, case.filled)
    names = "、".join(field.label for field in left if field.holds not in seen.masked | seen.hidden)
    return _("Before it is solved, fill in: %(fields)s.") % {"fields": names} if names else ""
