"""Handing a case on: what the next person needs to know, so that the customer need not tell it again."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.events import HandedOff
from madoguchi.cases.models import Case, HandOff
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_LETTERS = 300


@dataclass(frozen=True, slots=True)
class HandOffWords:
    """Why it goes on, and the three lines that matter: what it is about, what comes next, what was promised."""

    reason: str = ""
    summary: str = ""
    next_step: str = ""
    promises: str = ""

    def tidied(self) -> "HandOffWords":
        """One line each, without card numbers."""
        return HandOffWords(
            *(_tidied(line) for line in (self.reason, self.summary, self.next_step, self.promises))
        )


def leave_words(
    case: Case,
    words: HandOffWords,
    *,
    occasion: HandOff.Occasion,
    by: Actor,
    to_user: int | None = None,
    to_desk: int | None = None,
) -> HandOff:
    """Keep what is handed on with the case, within the transaction of the change it goes with.

    Raises Refused for a transfer without a reason or a next step, and for one that does not say what it is about.
    """
    words = words.tidied()
    _require(words.summary, "summary", _("Say in a line what this is about."))
    if occasion != HandOff.Occasion.CLOSING:
        _require(words.reason, "reason", _("Say why it goes on."))
        _require(words.next_step, "next_step", _("Say what comes next."))
    left = HandOff.objects.create(
        company_id=case.company_id,
        case=case,
        user_id=by.id,
        occasion=occasion,
        to_user_id=to_user,
        to_desk_id=to_desk,
        reason=words.reason,
        summary=words.summary,
        next_step=words.next_step,
        promises=words.promises,
        at=clock.now(),
    )
    Case.objects.filter(pk=case.pk).update(hand_off=left)
    case.hand_off = left
    record(HandedOff(**case.where, hand_off=left.pk, occasion=occasion), by=by)
    return left


def _require(line: str, field: str, words: str) -> None:
    if not line:
        raise Refused(words, field=field)


def _tidied(line: str) -> str:
    return blot_card_numbers(one_line(line, most=MOST_LETTERS))
