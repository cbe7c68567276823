"""What happened to calls, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import ngettext

from madoguchi.infra.models import Event

CALLS_TOLD = ("call.recordings_gone",)


def call_words(event: Event, data: Mapping[str, Any]) -> str:
    """That recordings are no longer there, and why."""
    words = ngettext(
        "%(count)s recording was deleted: its time of %(days)s days was over",
        "%(count)s recordings were deleted: their time of %(days)s days was over",
        data["count"],
    )
    return words % {"count": data["count"], "days": data["days"]}
