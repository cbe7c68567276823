"""Drafts: what somebody is typing, kept on the server as they type."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.models import Case, Draft, DraftFile
from madoguchi.infra import files
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_FILES = 20


@transaction.atomic
def save_draft(
    case: Case, *, kind: str, text: str, to: str = "", cc: str = "", bcc: str = "", by: Actor
) -> Draft:
    """Keep what is typed so far, one draft per person, case and kind (reply, note). Raises NotAllowed."""
    _require(by, case, kind)
    draft, _new = Draft.objects.update_or_create(
        company_id=case.company_id,
        case=case,
        user_id=by.id,
        kind=kind,
        defaults={
            "text": blot_card_numbers(clean(text)),
            "to": one_line(to),
            "cc": one_line(cc),
            "bcc": one_line(bcc),
            "saved_at": clock.now(),
        },
    )
    return draft


@transaction.atomic
def discard_draft(case: Case, *, kind: str, by: Actor) -> None:
    """Throw the actor's own draft away; nothing happens when there is none."""
    Draft.objects.filter(case=case, user_id=by.id, kind=kind).delete()


@transaction.atomic
def add_draft_file(case: Case, file: File, *, by: Actor) -> DraftFile:
    """Put a file beside the actor's draft reply. Raises NotAllowed, or Refused beyond 20 files."""
    _require(by, case, "reply")
    draft, _new = Draft.objects.get_or_create(
        company_id=case.company_id, case=case, user_id=by.id, kind="reply", defaults={"saved_at": clock.now()}
    )
    if draft.files.count() >= MOST_FILES:
        raise Refused(_("A reply takes 20 files at most."), field="files")
    return DraftFile.objects.create(
        company_id=case.company_id,
        draft=draft,
        filename=blot_card_numbers(one_line(file.filename, most=255)) or "file",
        content_type=one_line(file.content_type, most=100),
        size=len(file.content),
        sha256=files.put(file.content, company=case.company_id),
    )


@transaction.atomic
def drop_draft_file(case: Case, file: int, *, by: Actor) -> None:
    """Take a file away from the actor's own draft. Raises NotFound."""
    gone, _each = DraftFile.objects.filter(pk=file, draft__case=case, draft__user_id=by.id).delete()
    if not gone:
        raise NotFound(file)


def _require(by: Actor, case: Case, kind: str) -> None:
    allowed = policies.may_note(by, case) if kind == "note" else policies.may_reply(by, case)
    if not allowed:
        raise NotAllowed(Permission.CASE_REPLY)
