"""What our automatic letters say."""

import re
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.companies.models import Desk
from madoguchi.delivery import abroad
from madoguchi.knowledge.queries import fill

_REPLY_TIME = re.compile(r"^.*\{\{\s*reply_time\s*\}\}.*(?:\n|\Z)", re.MULTILINE)
# An address as mail programs make links of; Japanese words may stand right beside it.
_ADDRESS = re.compile(r"[!-~]*(?:://|www\.|\.[a-z]{2,}/)[!-~]*", re.IGNORECASE)
_MARK = re.compile(r"\{\{.*?\}\}")
_ENGLISH_WORD, _FEW_WORDS = re.compile(r"(?<![!-~])[a-z]{2,}(?![a-z@/])", re.IGNORECASE), 5
_LINK = re.compile(r"\{\{\s*link\s*\}\}")
_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_HOURS, _DAYS = (1, 2, 3, 4, 6, 8, 12), (2, 3, 4, 5, 7, 10, 14)


def acknowledgement(own: str, values: Mapping[str, str], *, language: str = "") -> str:
    """A desk's own acknowledgement, or ours where it has none, with the values in place.

    Ours is in this language where we have one in it, else in the one of the moment. Where nothing is known of the
    time an answer takes, no line speaks of it; where somebody sees to it at once (`at_once`), that stands in its place.
    """
    if not own:
        template = abroad.template_for(language) or "delivery/acknowledgement.txt"
        return render_to_string(template, dict(values)).strip() + "\n"
    if at_once := values.get("at_once", ""):
        own = _in_place_of_time(own, at_once)
    return fill(own if values.get("reply_time") else _REPLY_TIME.sub("", own), values)


def _in_place_of_time(own: str, at_once: str) -> str:
    """A text of a desk with such a sentence for the line of the usual time, or at its end where there is none."""
    told, lines = _REPLY_TIME.subn(lambda _line: at_once + "\n", own, count=1)
    return told if lines else f"{own.rstrip()}\n\n{at_once}\n"


def own_text(desk: Desk, language: str) -> str:
    """The desk's own acknowledgement for whoever writes in this language; empty where ours is sent.

    Who writes in a language for which there is neither one of the desk nor one of ours gets the English one, or a text
    that speaks English beside Japanese.
    """
    if language == "ja":
        return desk.acknowledgement
    if spoken_in(desk, language):
        return str(desk.acknowledgements.get(language, ""))
    is_english = len(_ENGLISH_WORD.findall(_MARK.sub("", desk.acknowledgement))) >= _FEW_WORDS
    return desk.acknowledgement_en or (desk.acknowledgement if is_english else "")


def spoken_in(desk: Desk, language: str) -> str:
    """The language of the acknowledgement that whoever writes in this one gets; empty for ours of the moment."""
    return language if language in desk.acknowledgements or abroad.template_for(language) else ""


def brings_own_page(desk: Desk, language: str) -> bool:
    """Whether the acknowledgement of this desk in this language holds the link to the customer's own page."""
    own = own_text(desk, language)
    return desk.acknowledge and (not own or bool(_LINK.search(own)))


def unlinked(words: str) -> str:
    """A stranger's words for a letter of ours, without addresses of pages: who forges a sender could else have us
    write one to somebody, under our name.
    """
    return _ADDRESS.sub("…", words).replace("](", "] (")


def usual_reply_time(seconds: int | None, *, language: str = "") -> str:
    """A measured time in words, rounded up to what people say; empty where there is none, or over two weeks.

    In this language where we know how, else in the one of the moment.
    """
    at_most = said_time(seconds)
    if at_most is None:
        return ""
    said = abroad.TIMES.get(language) or _times()
    if at_most <= 30 * _MINUTE:
        return said.half_hour
    if at_most < _DAY:
        return said.hours(at_most // _HOUR)
    return said.next_day if at_most == _DAY else said.days(at_most // _DAY)


def said_time(seconds: int | None) -> int | None:
    """A measured time rounded up to what people say, in seconds; None where there is none, or over two weeks."""
    steps = (30 * _MINUTE, *(n * _HOUR for n in _HOURS), _DAY, *(n * _DAY for n in _DAYS))
    return next((step for step in steps if seconds is not None and seconds <= step), None)


def seen_to_at_once(*, language: str = "") -> str:
    """That somebody responsible sees to it at once, in this language where we know how, else in that of the moment."""
    return abroad.AT_ONCE.get(language) or _("Somebody responsible sees to your matter at once.")


def _times() -> abroad.Times:
    return abroad.Times(
        half_hour=_("usually within 30 minutes"),
        hours=lambda n: ngettext("usually within %(n)d hour", "usually within %(n)d hours", n) % {"n": n},
        next_day=_("usually by the next day"),
        days=lambda n: ngettext("usually within %(n)d day", "usually within %(n)d days", n) % {"n": n},
    )
