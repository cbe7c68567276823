"""Tags of the console, light enough for pages that show hundreds of moments: `{% load console %}`."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from madoguchi.cases.models import Attachment, Case
from madoguchi.desk.flow import is_picture
from madoguchi.look import faces, moments

register = template.Library()


@register.simple_tag
def now_is() -> datetime:
    """The present moment, taken once for a whole list."""
    return timezone.now()


@register.simple_tag
def moment(at: datetime | None, now: datetime | None = None) -> SafeString:
    """`<time>` in near words, as `{% when %}` writes it; equal minutes are worded once."""
    if at is None:
        return SafeString("")
    minute = at.replace(second=0, microsecond=0)
    return _worded(minute, (now or timezone.now()).replace(second=0, microsecond=0), get_language() or "")


@register.simple_tag
def stamp(at: datetime, words: str, tone: str = "") -> SafeString:
    """`<time>` that reads what it is told to, with the exact moment on hover."""
    exact, machine = _exact(at.replace(second=0, microsecond=0), get_language() or "")
    return format_html('<time class="{}" datetime="{}" title="{}">{}</time>', tone, machine, exact, words)


@register.simple_tag
@lru_cache(maxsize=1024)
def small_face(name: str) -> SafeString:
    """A tiny face; the name stands beside it for those who do not see."""
    return format_html(
        '<span class="face tiny" data-hue="{}" aria-hidden="true" title="{}">{}</span>',
        faces.hue(name),
        name,
        faces.initials(name),
    )


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
def number(case: Case) -> str:
    """The spoken number of a case."""
    return case.spoken_number(case.company.prefix)


@lru_cache(maxsize=8192)
def _worded(minute: datetime, now: datetime, language: str) -> SafeString:
    exact, machine = _exact(minute, language)
    near = moments.near(minute, now=now)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, near)


@lru_cache(maxsize=8192)
def _exact(minute: datetime, language: str) -> tuple[str, str]:
    """The moment in full for people, and for machines. The language is in the key: it decides the words."""
    return moments.full(minute), timezone.localtime(minute).isoformat(timespec="minutes")
