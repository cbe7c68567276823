"""What the bot says, beside the words of articles. In the language that is active."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from madoguchi.bot.models import Reason
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.reading import as_words

# Nobody reads more in a chat; the rest stands behind the link.
MOST_LETTERS = 1_200


def answer(version: ArticleVersion, *, link: str) -> str:
    """The words of an article, where they come from, and the question whether they helped."""
    source = _("Source: %(title)s") % {"title": version.title}
    asks = _("Did this help? Please choose below, or write what is still open.")
    words = as_words(version.body, (lambda name: f"{link}files/{name}") if link else None)
    return "\n\n".join([shortened(words), f"{source}\n{link}".rstrip(), asks])


def suggestions(titles: Sequence[str]) -> str:
    """A question back: which of these is meant."""
    asks = _("Is your question one of these? Please choose one, or answer with its number.")
    return listed(asks, titles)


def listed(asks: str, choices: Sequence[str]) -> str:
    """A question with what can be chosen, numbered."""
    return "\n".join([asks, *(f"{place}. {choice}" for place, choice in enumerate(choices, 1))])


def form(words: str, *, link: str) -> str:
    """That this is best written into a form, and where it is."""
    asks = words or _("Please write to us with this form.")
    return f"{asks}\n{link}"


def greeting(*, name: str) -> str:
    """An answer to a greeting."""
    return _("Hello, this is %(name)s, an automatic answer. Please write what it is about.") % {"name": name}


def glad() -> str:
    """An answer to whoever says that it helped."""
    return _("I am glad it helped. If there is anything else, just write on.")


def handing_over(reason: str, *, is_open: bool | None, opens: datetime | None, hours: str = "") -> str:
    """That a person takes over, when, and what need not be done: tell it all again.

    `is_open` is None where the desk has no times of its own; `hours` are its hours as customers are told them.
    """
    first = {
        Reason.ANGER: _("We are sorry for the trouble. Somebody of our staff takes over."),
        Reason.DISTRESS: _("Thank you for telling us. Somebody of our staff takes over."),
        Reason.SAFETY: _(
            "Please stop using it, and call 119 if anybody is hurt or there is a fire. Somebody of our staff takes"
            " over."
        ),
        Reason.MEDICAL: _(
            "Please see a doctor if you do not feel well. We cannot advise on health here. Somebody of our staff"
            " takes over."
        ),
        Reason.NOT_HELPED: _("We are sorry that it did not help. Somebody of our staff takes over."),
    }.get(Reason(reason), _("Somebody of our staff takes over."))
    return "\n".join(
        [first, _when(is_open, opens, hours), _("What you wrote is handed on; you need not write it again.")]
    )


def _when(is_open: bool | None, opens: datetime | None, hours: str) -> str:
    """Only where somebody is known to be at work is anybody asked to wait."""
    if is_open:
        return _("Please wait a moment.")
    told = _("Hours: %(hours)s") % {"hours": hours} if hours else ""
    asks = _(
        "If you have not left a mail address yet, please write it here. Somebody of our staff answers by mail."
    )
    return "\n".join(filter(None, [_first_when(is_open, opens), told, asks]))


def _first_when(is_open: bool | None, opens: datetime | None) -> str:
    if is_open is None:
        return _("We answer within our hours.")
    if opens is None:
        return _("Nobody is at work just now. We answer when we are back.")
    moment = date_format(timezone.localtime(opens), _("F j, H:i"))
    words = _("Nobody is at work just now. We answer from %(moment)s on, by mail if you gave your address.")
    return words % {"moment": moment}


def shortened(words: str) -> str:
    """The beginning of a long text, up to the end of a paragraph or a sentence."""
    if len(words) <= MOST_LETTERS:
        return words
    head = words[:MOST_LETTERS]
    end = max(head.rfind("\n\n"), head.rfind("。") + 1, MOST_LETTERS // 2)
    return f"{head[:end].rstrip()}\n…"
