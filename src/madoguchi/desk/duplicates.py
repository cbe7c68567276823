"""Cases that may be one matter told twice, in words: why they are suggested, and which are chosen to be merged."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from madoguchi.batches.merges import Going
from madoguchi.cases.duplicates import Suggestion
from madoguchi.customers.queries import show
from madoguchi.desk.bulk import reason_words
from madoguchi.desk.merging import number_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict

MOST_CHOSEN, MOST_DIGITS = 200, 18


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion as it is shown: both numbers, the customer as the reader may see them, and the reason."""

    suggestion: Suggestion
    number: str
    other_number: str
    who: str
    reason: str


def suggested(found: Iterable[Suggestion], *, actor: Actor) -> list[Suggested]:
    """Suggestions in words."""
    return [_suggested(one, actor) for one in found]


def reason_of(suggestion: Suggestion) -> str:
    """Why two cases are thought to be one."""
    case, other = suggestion.case, suggestion.other
    told = {"score": suggestion.score, "apart": timesince(other.opened_at, case.opened_at, depth=1)}
    words = _("%(score)s%% of the words are the same, from the same customer, %(apart)s apart") % told
    return words + _(", the subject is the same") if suggestion.same_subject else words


def chosen_pairs(written: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs that a form names; what is none is left out."""
    parted = (one.partition("-")[::2] for one in written[:MOST_CHOSEN])
    return [
        (int(one), int(other))
        for one, other in parted
        if one.isdecimal() and other.isdecimal() and max(len(one), len(other)) <= MOST_DIGITS
    ]


def going_words(going: Iterable[Going]) -> list[tuple[str, str, str, str]]:
    """Which case would go on in which, and why not."""
    return [
        (number_of(one.case), number_of(one.into), str(one.state), reason_words(one.reason)) for one in going
    ]


def name_of(going: Iterable[Going]) -> str:
    """What tells these merges, with this to become of them, from any other."""
    said = (f"{one.case.pk} {one.into.pk} {one.state}" for one in going)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def require_shown(shown: str, going: Iterable[Going]) -> None:
    """Nothing is merged that nobody has seen before. Raises Conflict where it is not what the preview showed."""
    if shown != name_of(going):
        raise Conflict(_("This is not what was shown before. Look at it again, then start."))


def _suggested(one: Suggestion, actor: Actor) -> Suggested:
    name = show(one.case.customer.name, "name", actor.data_scope(company=one.case.company_id))
    return Suggested(one, number_of(one.case), number_of(one.other), name, reason_of(one))
