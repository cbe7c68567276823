"""Saying to the person what just happened, with a way back where there is one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event


def say(
    request: HttpRequest, *, text: str, undo_url: str = "", seconds: int = 0, level: int = messages.SUCCESS
) -> None:
    """Show `text` on the next page; with `undo_url` a button posts there, for `seconds` when it runs out."""
    tags = [f"undo:{undo_url}"] if undo_url else []
    if seconds:
        tags.append(f"seconds:{seconds}")
    messages.add_message(request, level, text, extra_tags=" ".join(tags))


def announce(
    response: HttpResponse, *, text: str, undo_url: str = "", seconds: int = 0, bad: bool = False
) -> HttpResponse:
    """The same on an htmx answer: the page stays, the toast appears through the `toast` event."""
    detail = {"text": text, "undo": undo_url, "seconds": seconds, "bad": bad}
    return trigger_client_event(response, "toast", detail)
