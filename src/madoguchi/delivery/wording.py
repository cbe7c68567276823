"""What our automatic letters say."""

import re
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.companies.models import Desk
from madoguchi.knowledge.queries import fill

_REPLY_TIME = re.compile(r"^.*\{\{\s*reply_time\s*\}\}.*(?:\n|\Z)", re.MULTILINE)
# An address as mail programs make links of; Japanese words may stand right beside it.
_ADDRESS = re.compile(r"[!-~]*(?:://|www\.|\.[a-z]{2,}/)[!-~]*", re.IGNORECASE)
_MARK = re.compile(r"\{\{.*?\}\}")
_ENGLISH_WORD, _FEW_WORDS = re.compile(r"(?<![!-~])[a-z]{2,}(?![a-z@/])", re.IGNORECASE), 5
_LINK = re.compile(r"\{\{\s*link\s*\}\}")
_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_HOURS, _DAYS = (1, 2, 3, 4, 6, 8, 12), (2, 3, 4, 5, 7, 10, 14)


def acknowledgement(own: str, values: Mapping[str, str]) -> str:
    """A desk's own acknowledgement, or ours where it has none, with the values in place.

    Where nothing is known of the time an answer takes, no line speaks of it.
    """
    if not own:
        return render_to_string("delivery/acknowledgement.txt", dict(values)).strip() + "\n"
    return fill(own if values.get("reply_time") else _REPLY_TIME.sub("", own), values)


def own_text(desk: Desk, language: str) -> str:
    """The desk's own acknowledgement for whoever writes in this language; empty where ours is sent.

    Others than Japanese get the English one, or a text that speaks English beside Japanese.
    """
    if language == "ja":
        return desk.acknowledgement
    is_english = len(_ENGLISH_WORD.findall(_MARK.sub("", desk.acknowledgement))) >= _FEW_WORDS
    return desk.acknowledgement_en or (desk.acknowledgement if is_english else "")


def brings_own_page(desk: Desk, language: str) -> bool:
    """Whether the acknowledgement of this desk in this language holds the link to the customer's own page."""
    own = own_text(desk, language)
    return desk.acknowledge and (not own or bool(_LINK.search(own)))


def unlinked(words: str) -> str:
    """A stranger's words for a letter of ours, without addresses of pages: who forges a sender could else have us
    write one to somebody, under our name.
    """
    return _ADDRESS.sub("…", words).replace("](", "] (")


def usual_reply_time(seconds: int | None) -> str:
    """A measured time in words, rounded up to what people say; empty where there is none, or over two weeks."""
    if seconds is None:
        return ""
    if seconds <= 30 * _MINUTE:
        return _("usually within 30 minutes")
    for hours in _HOURS:
        if seconds <= hours * _HOUR:
            return ngettext("usually within %(n)d hour", "usually within %(n)d hours", hours) % {"n": hours}
    if seconds <= _DAY:
        return _("usually by the next day")
    for days in _DAYS:
        if seconds <= days * _DAY:
            return ngettext("usually within %(n)d day", "usually within %(n)d days", days) % {"n": days}
    return ""
