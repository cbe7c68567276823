"""What was typed, as it is kept: clean, without card numbers, not too long."""

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, clean

LONGEST = 10_000


def kept(words: str, *, field: str, needed: bool = True) -> str:
    """A text as it is kept. Raises Refused, at its field, for nothing where something is `needed`, and for too much."""
    text = blot_card_numbers(clean(words)).strip()
    if needed and not text:
        raise Refused(_("Write something first."), field=field)
    if len(text) > LONGEST:
        raise Refused(_("This is longer than 10,000 characters. Shorten it."), field=field)
    return text
