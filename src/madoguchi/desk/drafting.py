"""Words that a page puts into the answer being written, where whoever answers goes over them."""

from collections.abc import Callable

from madoguchi.cases.actions import save_draft
from madoguchi.cases.models import Case, Draft
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.text import blot_card_numbers, clean


def put_into_answer(
    case: Case, words: str, *, over: Callable[[str], str] = lambda text: text, by: Actor
) -> None:
    """Put words after what stands there, of which `over` leaves what is to stay; what stands there so already does."""
    draft = Draft.objects.filter(case=case, kind="reply").first()
    kept = {name: getattr(draft, name) if draft else "" for name in ("text", "to", "cc", "bcc")}
    said, before = clean(blot_card_numbers(words)).strip(), over(clean(kept.pop("text"))).rstrip()
    if said and said in before:
        return
    save_draft(case, kind="reply", text="\n\n".join(filter(None, (before, said))), by=by, **kept)
