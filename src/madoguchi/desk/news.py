"""Whether a page shows the answer that is being written as it is now."""

from datetime import UTC, datetime

from madoguchi.cases.models import Case, Draft, Message
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor

_ANSWER = PreparedQuery(lambda: Draft.objects.filter(kind="reply", case=Slot("case")))


def is_news(case: Case, *, seen: str, actor: Actor) -> bool:
    """Whether a page that shows the answer in the state `seen` does not show it as it is now. One query.

    Words of the reader's own that are gone from the answer are left in the page, for they may go on with them, unless
    an answer has been given since: they went with it, or are kept beside it.
    """
    draft = _ANSWER.first({"case": case.pk})
    if draft is not None or not seen:
        return seen != (draft.stamp if draft else "")
    whose, _point, rest = seen.partition(".")
    return whose != str(actor.id) or _was_answered(case, since=rest.partition(".")[2])


def _was_answered(case: Case, *, since: str) -> bool:
    """Whether an answer was sent or put aside since a moment, as a draft's stamp names it."""
    try:
        then = datetime.fromtimestamp(float(since), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return False
    sent = case.messages.filter(author=Message.Author.STAFF, automatic="", at__gte=then)
    return sent.exists() or case.pending_answers.filter(changed_at__gte=then).exists()
