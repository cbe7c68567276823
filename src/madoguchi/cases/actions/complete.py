"""What a desk wants to know of a case before it is laid to rest."""

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import asked_of
from madoguchi.fields.values import missing
from madoguchi.kernel.actor import EVERYTHING_SHOWN, Actor, ActorKind
from madoguchi.kernel.errors import Refused


def require_filled(case: Case, *, to: Status, by: Actor) -> None:
    """Whether a person may solve or close the case, or answer and solve it: all that its desk needs must be known, but
    for what the contract keeps from them.

    Raises Refused, naming what is missing. What happens by itself asks nobody, and what is at rest already neither.
    """
    left = left_to_fill(case, to=to, by=by) if by.kind == ActorKind.PERSON else ""
    if left:
        raise Refused(left, field="fields")


def left_to_fill(case: Case, *, to: Status, by: Actor | None = None) -> str:
    """What is missing before a case comes to rest and may be filled in (by whom, if by somebody), in words; empty where
    nothing is, or it is at rest already.
    """
    at_rest = (Status.SOLVED, Status.CLOSED)
    left = missing(asked_of(case).form, case.filled) if to in at_rest and case.status not in at_rest else []
    seen = by.data_scope(company=case.company_id) if by else EVERYTHING_SHOWN
    names = "、".join(field.label for field in left if field.holds not in seen.masked | seen.hidden)
    return _("Before it is solved, fill in: %(fields)s.") % {"fields": names} if names else ""
