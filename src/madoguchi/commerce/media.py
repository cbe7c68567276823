"""What a company publishes in media, as it says so. The only writer of that."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import MediaEventKept
from madoguchi.commerce.models import MediaEvent
from madoguchi.companies.models import Company, EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line

# What orders of shops elsewhere came by, where those say nothing else.
ONLINE = "EC"
MOST_COPIES, MOST_COST, MOST_EXPECTED = 100_000_000, 1_000_000_000, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfMedia:
    """What appears where, as it is said; an empty `medium` is that of the entry point."""

    code: str
    entry_point: int
    appears_at: datetime
    circulation: int
    medium: str = ""
    cost: int = 0
    expected: int | None = None


@transaction.atomic
def keep_media_event(
    company: Company, said: SaidOfMedia, *, event: MediaEvent | None = None, by: Actor
) -> MediaEvent:
    """Keep that something appears in a medium, or change what is kept of it. What was ordered by it stays with it.

    Raises NotAllowed, and Refused for a code that is none or is taken, an entry point that is not the company's, one
    without a medium where none is said, and numbers that make no sense.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    values = _values(company, said)
    made = event or MediaEvent(company=company)
    before = {name: getattr(made, name) for name in values} if event else None
    changes = difference(before, values)
    for name, value in values.items():
        setattr(made, name, value)
    if changes or event is None:
        with unique(_("Something else in a medium has this code."), field="code"):
            made.save()
        record(MediaEventKept(company=company.pk, media_event=made.pk, changes=changes), by=by)
    return made


def media_events_of(company: int) -> QuerySet[MediaEvent]:
    """All that a company publishes in media, the newest first. Not run yet."""
    return (
        MediaEvent.objects.filter(company=company)
        .select_related("entry_point")
        .order_by("-appears_at", "-pk")
    )


def medium_of(entry_point: int | None, *, company: int) -> str:
    """Where an entry point of a company is published; empty where nobody says so. One query, or none."""
    if entry_point is None:
        return ""
    rows = EntryPoint.objects.filter(pk=entry_point, company=company)
    return rows.values_list("medium", flat=True).first() or ""


def _values(company: Company, said: SaidOfMedia) -> dict[str, object]:
    point = EntryPoint.objects.filter(pk=said.entry_point, company=company).first()
    if point is None:
        raise Refused(_("Choose an entry point of this company."), field="entry_point")
    code, medium = one_line(said.code, most=40), one_line(said.medium, most=200) or point.medium
    if not code:
        raise Refused(_("Write a code, such as A-0412."), field="code")
    if not medium:
        raise Refused(_("Write the medium, such as newspaper: its number says none."), field="medium")
    bounds = {"circulation": (1, MOST_COPIES), "cost": (0, MOST_COST), "expected": (0, MOST_EXPECTED)}
    for name, (least, most) in bounds.items():
        number = getattr(said, name)
        if number is not None and not least <= number <= most:
            words = _("Write a number from %(least)s to %(most)s.")
            raise Refused(words % {"least": least, "most": f"{most:,}"}, field=name)
    return {
        "entry_point_id": point.pk,
        "code": code,
        "medium": medium,
        "appears_at": said.appears_at,
        "circulation": said.circulation,
        "cost": said.cost,
        "expected": said.expected,
    }
