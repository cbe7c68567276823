"""Who may say what customers are asked, and whom one asks for a review. Pure."""

from collections.abc import Mapping

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, Permission

# From which point on an answer is a good one: as satisfaction, ease and promoters are counted (`docs/kpi.md`).
CONTENT = {"satisfied": 4, "easy": 5, "recommends": 9}
# Up to which point it is a bad one.
LOW = {"satisfied": 2, "easy": 3, "recommends": 6}


def may_shape(actor: Actor, desk: Desk) -> bool:
    """Whoever sets the desk up."""
    return actor.may(Permission.DESKS, company=desk.company_id, desk=desk.pk)


def is_content(*, solved: bool, points: Mapping[str, int | None]) -> bool:
    """Whether somebody says that it is solved, answered something, and is content in all that they answered."""
    given = {name: point for name, point in points.items() if point is not None}
    return solved and bool(given) and all(point >= CONTENT[name] for name, point in given.items())
