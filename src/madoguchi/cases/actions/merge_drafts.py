"""What becomes of words being written when two cases become one, and when they are two again."""

from madoguchi.cases.models import Case, Draft, Merge


def move_drafts(case: Case, *, into: Case) -> list[tuple[int, str]]:
    """Let what is being written in one case go on in the other; says which drafts went, and what each of them was.

    Where the other has an answer, or a note of the same person, being written already, it is kept for its writer.
    """
    went = []
    for draft in Draft.objects.select_for_update().filter(case=case).order_by("pk"):
        went.append((draft.pk, draft.kind))
        _put(draft, case=into.pk, kind=draft.kind)
    return went


def move_drafts_back(merged: Merge) -> None:
    """Give back what was being written and has not been touched since; the rest stays with the case that went on."""
    went = dict(merged.moved.get("drafts", []))
    left = Draft.objects.select_for_update().filter(pk__in=went, case_id=merged.into_id)
    for draft in left.filter(saved_at__lte=merged.at).order_by("pk"):
        _put(draft, case=merged.case_id, kind=went[draft.pk])


def _put(draft: Draft, *, case: int, kind: str) -> None:
    there = Draft.objects.filter(case_id=case, kind=kind)
    if kind == "note":
        there = there.filter(user_id=draft.user_id)
    taken = kind != "kept" and there.exists()
    Draft.objects.filter(pk=draft.pk).update(case_id=case, kind="kept" if taken else kind)
