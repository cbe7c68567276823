"""Tags that put moments, people and icons on a page in one way everywhere: `{% load look %}`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from heroicons.templatetags.heroicons import heroicon_micro, heroicon_mini, heroicon_outline

from madoguchi.look import faces, fixed, moments
from madoguchi.look.browsers import browser_name

register = template.Library()
register.tag("translate", fixed.translate)
register.tag("url", fixed.url)
register.tag("static", fixed.StaticAddress.handle_token)

register.filter(browser_name)

THEMES = ("light", "dark")


@register.filter
def relative_time(moment: datetime | None) -> str:
    """A near moment in words (13:05, 昨日), for text where no `<time>` may stand."""
    return moments.near(moment, now=timezone.now()) if moment else ""


@register.filter
def thousands(number: int | None) -> str:
    """A whole number as amounts are written: 13,200; nothing where there is none."""
    return "" if number is None else f"{number:,}"


@register.filter
def exact_time(moment: datetime | None) -> str:
    """The full moment: 2026年8月1日(土) 10:00."""
    return moments.full(moment) if moment else ""


@register.simple_tag
def when(moment: datetime | None, *, now: datetime | None = None, css: str = "") -> SafeString:
    """`<time>` that reads 13:05 or 昨日 and says the exact moment on hover and to machines."""
    if moment is None:
        return SafeString("")
    return _time_tag(moment, moments.near(moment, now=now or timezone.now()), css)


@register.simple_tag
def exact(moment: datetime | None, *, css: str = "") -> SafeString:
    """`<time>` that reads the full moment, where near words would not do (promises, print, audit)."""
    return _time_tag(moment, moments.full(moment), css) if moment else SafeString("")


@register.simple_tag
def time_left(due: datetime | None, *, now: datetime | None = None) -> SafeString:
    """`<time>` that reads あと 12分 or 3時間 超過; `warn` within an hour, `bad` within a quarter or past."""
    if due is None:
        return SafeString("")
    left = due - (now or timezone.now())
    return _time_tag(due, moments.remaining(left), _urgency(left))


def _urgency(left: timedelta) -> str:
    if left <= timedelta(minutes=15):
        return "bad"
    return "warn" if left <= timedelta(hours=1) else ""


def _time_tag(moment: datetime, text: str, css: str) -> SafeString:
    local = timezone.localtime(moment)
    stamp = local.isoformat(timespec="seconds")
    if css:
        return format_html(
            '<time class="{}" datetime="{}" title="{}">{}</time>', css, stamp, moments.full(local), text
        )
    return format_html('<time datetime="{}" title="{}">{}</time>', stamp, moments.full(local), text)


@register.simple_tag
def face(name: str, *, size: str = "") -> SafeString:
    """The round initial of a person in the hue of their name. Decorative: the name stands beside it."""
    return _face(str(name), size)


@lru_cache(maxsize=2048)
def _face(name: str, size: str) -> SafeString:
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}</span>',
        f"face {size}".strip(),
        faces.hue(name),
        faces.initials(name),
    )


@register.simple_tag
def icon(name: str, *, label: str = "", size: int = 20) -> SafeString:
    """One heroicon. Without `label` it is decoration and hidden from assistive technology."""
    return _icon(str(name), str(label), size)


register.tags["icon"] = fixed.drawn_once(register.tags["icon"])


@lru_cache(maxsize=512)
def _icon(name: str, label: str, size: int) -> SafeString:
    draw = heroicon_micro if size <= 16 else heroicon_mini if size <= 20 else heroicon_outline
    named = {"role": "img", "aria_label": label, "aria_hidden": "false"} if label else {}
    return SafeString(draw(name, size=size, **named))


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The theme this browser asked for: `light`, `dark`, or `auto` when it did not."""
    request: HttpRequest | None = context.get("request")
    wanted = request.COOKIES.get("theme", "") if request else ""
    return wanted if wanted in THEMES else "auto"


@register.filter
def undo_url(message: object) -> str:
    """Where the undo button of a message posts to; empty when the message offers none (see `toasts.say`)."""
    for tag in (getattr(message, "extra_tags", "") or "").split():
        if tag.startswith("undo:"):
            return tag.removeprefix("undo:")
    return ""


@register.filter
def seconds_left(message: object) -> str:
    """For how many seconds the undo button of a message stays; empty when it does not run out."""
    for tag in (getattr(message, "extra_tags", "") or "").split():
        if tag.startswith("seconds:"):
            return tag.removeprefix("seconds:")
    return ""


@register.filter
def breakable(address: str) -> SafeString:
    """A mail address that a narrow column breaks after its @, before anywhere else."""
    local, at, domain = address.partition("@")
    return format_html("{}{}<wbr>{}", local, at, domain) if at else format_html("{}", address)
