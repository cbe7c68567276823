"""Tags of the console, light enough for pages that show hundreds of moments: `{% load console %}`."""

from datetime import datetime

from django import template
from django.utils import timezone

from madoguchi.cases.models import Attachment, Case, Priority, Status
from madoguchi.channels.email.html import shows_from_elsewhere
from madoguchi.delivery.scheduling import Offer
from madoguchi.desk import stamps
from madoguchi.desk.flow import is_picture
from madoguchi.desk.trust import automatic_name
from madoguchi.look import moments

register = template.Library()
register.simple_tag(stamps.moment)
register.simple_tag(stamps.stamp)
register.simple_tag(stamps.small_face)
register.filter("from_elsewhere", shows_from_elsewhere)
register.filter(automatic_name)


@register.simple_tag
def now_is() -> datetime:
    """The present moment, taken once for a whole list."""
    return timezone.now()


@register.filter
def picture(file: Attachment) -> bool:
    """Whether a file is shown as a picture."""
    return is_picture(file.content_type)


@register.filter
def safe_name(file: Attachment) -> str:
    """The name of a file as the last part of an address."""
    name = file.filename.replace("/", "_")
    return name if name.strip(".") else "file"


@register.filter
def day(offer: Offer) -> str:
    """What the words of an offered moment leave open: the time of one that is counted from now, or the day."""
    if offer.name == "hour":
        return moments.near(offer.at, now=timezone.now())
    return moments.day(offer.at) if offer.name in ("business", "monday") else ""


@register.filter
def number(case: Case) -> str:
    """The spoken number of a case."""
    return case.spoken_number(case.company.prefix)


@register.filter
def status_name(case: Case) -> str:
    """Where a case stands, in words; Django's own `get_status_display` sorts out all choices each time."""
    return str(Status(case.status).label)


@register.filter
def priority_name(case: Case) -> str:
    """How urgent a case is, in words."""
    return str(Priority(case.priority).label)
