"""Tags of the console, light enough for pages that show hundreds of moments: `{% load console %}`."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString

from madoguchi.channels.email.html import shows_from_elsewhere
from madoguchi.desk import stamps, worded
from madoguchi.desk.compiled import draw
from madoguchi.desk.trust import automatic_name

register = template.Library()
# What a page need not give to its parts: then nothing of it is said.
_LEFT_OUT = dict.fromkeys(("asked", "asking", "notice", "wanted"))
register.simple_tag(stamps.moment)
register.simple_tag(stamps.stamp)
register.simple_tag(stamps.small_face)
register.filter("from_elsewhere", shows_from_elsewhere)
register.filter(automatic_name)
for said in (
    worded.at,
    worded.picture,
    worded.sound,
    worded.safe_name,
    worded.day,
    worded.number,
    worded.status_name,
    worded.priority_name,
    worded.severity_name,
    worded.family_name,
    worded.given_name,
    worded.ruby_of,
):
    register.filter(said)


@register.simple_tag
def now_is() -> datetime:
    """The present moment, taken once for a whole list."""
    return timezone.now()


@register.simple_tag(takes_context=True)
def part(context: Context, name: str, **given: Any) -> SafeString:
    """One of the templates in `parts/`, which sees what this page sees and what it is given."""
    sight: dict[str, Any] = context.flatten()  # type: ignore[assignment]  # names alone are keys of a page
    return draw(name, _LEFT_OUT | sight | given)
