"""Moments and faces as HTML, each worded once: the console shows the same minutes and people again and again."""

from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from madoguchi.look import faces, moments


def moment(at: datetime | None, now: datetime | None = None) -> SafeString:
    """`<time>` in near words with the exact moment on hover, to the minute."""
    if at is None:
        return SafeString("")
    present = now or timezone.now()
    return _worded(_minute(at), _minute(present), get_language() or "")


def stamp(at: datetime, words: str, tone: str = "") -> SafeString:
    """`<time>` that reads what it is told to, with the exact moment on hover."""
    exact, machine = _exact(_minute(at), get_language() or "")
    return format_html('<time class="{}" datetime="{}" title="{}">{}</time>', tone, machine, exact, words)


@lru_cache(maxsize=2048)
def small_face(name: str, said: str = "%(name)s") -> SafeString:
    """A tiny face, with the name for those who point at it or do not see it."""
    return format_html(
        '<span class="face tiny" data-hue="{}" role="img" aria-label="{}" title="{}">{}</span>',
        faces.hue(name),
        said % {"name": name},
        said % {"name": name},
        faces.initials(name),
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


@lru_cache(maxsize=8192)
def _worded(at: datetime, now: datetime, language: str) -> SafeString:
    exact, machine = _exact(at, language)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, moments.near(at, now=now))


@lru_cache(maxsize=8192)
def _exact(at: datetime, language: str) -> tuple[str, str]:
    """The moment in full for people, and for machines. The language is in the key: it decides the words."""
    return moments.full(at), timezone.localtime(at).isoformat(timespec="minutes")
