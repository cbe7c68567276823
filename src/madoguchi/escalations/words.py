"""What is typed into escalations and slips, as it is kept."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

LONGEST = 10_000
FARTHEST = timedelta(days=366)


def text_of(written: str, *, field: str, missing: str = "") -> str:
    """A text, tidied. Raises Refused where it is longer than 10,000 characters, or empty and that is `missing`."""
    text = blot_card_numbers(clean(written)).strip()
    if len(text) > LONGEST:
        raise Refused(_("This is longer than 10,000 characters. Shorten it."), field=field)
    if missing and not text:
        raise Refused(missing, field=field)
    return text


def line_of(written: str, *, field: str, missing: str = "", most: int = 100) -> str:
    """A line, tidied. Raises Refused where it is empty and that is `missing`, and where it is too long to be kept."""
    line = blot_card_numbers(one_line(written, most=LONGEST))
    if len(line) > most:
        words = _("This has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused(words % {"there": len(line), "most": most}, field=field)
    if missing and not line:
        raise Refused(missing, field=field)
    return line


def moment_of(due_at: datetime | None) -> datetime:
    """By when. Raises Refused for no time, one that has passed, and one more than a year away."""
    now = clock.now()
    if due_at is None:
        raise Refused(_("Say by when."), field="due")
    if not now < due_at <= now + FARTHEST:
        raise Refused(_("Choose a time that is to come, within a year."), field="due")
    return due_at
