"""What programs change, by the same actions as people at the desk."""

from madoguchi.api.problems import Changed
from madoguchi.api.schemas import CaseIn
from madoguchi.cases import policies
from madoguchi.cases.actions import HandOffWords, change_status, set_priority, set_tags
from madoguchi.cases.models import Case, HandOff, Status
from madoguchi.kernel.actor import Actor


def mark_of(case: Case) -> str:
    """What the ETag of a case begins with: its version."""
    return f"{case.version}-"


def change_case(case: Case, *, wanted: CaseIn, if_match: str, by: Actor) -> None:
    """Set what is wanted, all of it or nothing: the request is one transaction.

    Raises Changed when the case is no longer as `if_match` says (empty: however it is), NotAllowed, Refused.
    """
    require_match(case, if_match)
    if wanted.status is not None:
        change_status(case, to=wanted.status, by=by, words=_closing_words(case, wanted))
    if wanted.priority is not None:
        set_priority(case, to=wanted.priority, by=by)
    if wanted.tags is not None:
        set_tags(case, to=wanted.tags, by=by)
    case.refresh_from_db()


def require_match(case: Case, if_match: str) -> None:
    """Keep the case as it is until the request ends, and raise Changed unless one of the marks is its own."""
    now = Case.objects.select_for_update().values_list("version", flat=True).get(pk=case.pk)
    marks = [mark.strip() for mark in if_match.split(",") if mark.strip()]
    if marks and "*" not in marks and not any(mark.startswith(f'"{now}-') for mark in marks):
        raise Changed(case.pk)


def _closing_words(case: Case, wanted: CaseIn) -> HandOffWords | None:
    """What a solved case was about. Where the desk asks for it, the action refuses words that do not say it."""
    if wanted.status != Status.SOLVED:
        return None
    asked = policies.asks_for_words(case, HandOff.Occasion.CLOSING)
    return HandOffWords(summary=wanted.summary) if asked or wanted.summary else None
