"""What somebody is writing: the draft, the files beside it, the templates it may start from."""

from collections.abc import Iterable

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import (
    Thrown,
    add_draft_file,
    bring_back,
    discard_draft,
    drop_draft_file,
    drop_kept,
    save_typed,
    take_up_kept,
)
from madoguchi.cases.models import Case, Draft
from madoguchi.cases.queries import draft_of
from madoguchi.desk.letter import merged
from madoguchi.desk.notices import notices_of
from madoguchi.desk.pages.parts import MOST_DIGITS, DeskRequest, acted, private, the_case, told_together
from madoguchi.desk.queries import filled_template
from madoguchi.infra import files as kept_files
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.people.access import requires

KINDS = ("reply", "note")
_DISCARDED = "discarded_draft"


@require_POST
@requires(Permission.CASE_READ)
def save(request: DeskRequest, number: str, kind: str) -> HttpResponse:
    """Keep what is typed so far. Who types beside a colleague is told so, and sees what the colleague writes."""
    words = {"text": request.POST.get("note" if _known(kind) == "note" else "text", "")}
    if kind == "reply":
        words |= addressed(request)
    case, version = the_case(request, number), request.POST.get("version", "")
    # Coming and going without a word leaves nothing behind.
    if not any(words.values()) and draft_of(case, kind=kind, person=request.actor.id or 0) is None:
        return HttpResponse(status=204)
    seen = int(version) if version.isdecimal() and len(version) <= MOST_DIGITS else None
    draft = save_typed(case, kind=kind, words=words, seen=seen, by=request.actor)
    return _told(request, case, draft) if kind == "reply" else HttpResponse(status=204)


@require_POST
@requires(Permission.CASE_READ)
def discard(request: DeskRequest, number: str, kind: str) -> HttpResponse:
    """Throw a draft away. Its words and what its files are stay in the session, so that this can be undone."""
    case = the_case(request, number)
    thrown = discard_draft(case, kind=_known(kind), by=request.actor)
    if thrown is not None:
        _remember(request, case, thrown)
    return _thrown_away(request, case, kind)


@require_POST
@requires(Permission.CASE_REPLY)
def take_up(request: DeskRequest, number: str, draft: int) -> HttpResponse:
    """Go on with words that were kept for the reader."""
    case = the_case(request, number)
    take_up_kept(case, draft, by=request.actor)
    return acted(request, case, composer=True)


@require_POST
@requires(Permission.CASE_REPLY)
def drop(request: DeskRequest, number: str, draft: int) -> HttpResponse:
    """Throw away words that were kept for the reader. This can be undone, as with a draft."""
    case = the_case(request, number)
    _remember(request, case, drop_kept(case, draft, by=request.actor))
    return _thrown_away(request, case, "kept")


@require_POST
@requires(Permission.CASE_READ)
def restore(request: DeskRequest, number: str, kind: str) -> HttpResponse:
    """Bring back the words and files of the draft that was thrown away last."""
    case, kept = the_case(request, number), request.session.get(_DISCARDED)
    if not kept or (kept["case"], kept["kind"]) != (case.pk, kind):
        raise NotFound(kind)
    beside = [
        File(filename, content_type, kept_files.read(sha256, company=case.company_id))
        for filename, content_type, sha256 in kept["files"]
    ]
    bring_back(case, kind=kind, words=kept["words"], files=beside, by=request.actor)
    del request.session[_DISCARDED]
    return acted(request, case, composer=True)


@require_POST
@requires(Permission.CASE_REPLY)
def add_file(request: DeskRequest, number: str) -> HttpResponse:
    """Put a file beside the draft; the answer tells its id and how to take it away again."""
    case = the_case(request, number)
    try:
        (file,) = taken(request.FILES.getlist("file")[:1]) or (_no_file(),)
        kept = add_draft_file(case, file, by=request.actor)
    except (Conflict, Refused) as error:
        return JsonResponse({"error": str(error)}, status=422)
    remove = reverse("desk:file_drop", args=[number, kept.pk])
    return JsonResponse({"id": kept.pk, "name": kept.filename, "remove_url": remove}, status=201)


@require_POST
@requires(Permission.CASE_REPLY)
def drop_file(request: DeskRequest, number: str, file: int) -> HttpResponse:
    """Take a file away from the draft."""
    case = the_case(request, number)
    drop_draft_file(case, file, by=request.actor)
    return HttpResponse(status=204)


@require_safe
@requires(Permission.CASE_REPLY)
def template(request: DeskRequest, number: str, template: int) -> HttpResponse:
    """A reply template with the case's own words filled in, as plain text."""
    text = filled_template(the_case(request, number), template, actor=request.actor)
    return private(request, HttpResponse(text, content_type="text/plain; charset=utf-8"))


def addressed(request: DeskRequest) -> dict[str, str]:
    """To whom the composer says it goes. Cc comes from what was typed and from the box that answers all."""
    fields = request.POST
    return {"to": fields.get("to", ""), "cc": merged(fields.getlist("cc")), "bcc": fields.get("bcc", "")}


def _told(request: DeskRequest, case: Case, draft: Draft | None) -> HttpResponse:
    """What stands out in what is typed, no content where nothing does; and the stamp of what is kept now. Where the
    answer itself is not what was typed: what it is.
    """
    if draft is None or draft.kind == "kept":
        return told_together(request, case, seen="")
    files = bool(request.POST.getlist("attachment"))
    notices = notices_of(case, text=request.POST.get("text", ""), files=files)
    context = {"notices": notices}
    page = render(request, "desk/notices.html", context) if notices else HttpResponse(status=204)
    page["X-Draft"] = draft.stamp
    return private(request, page)


def _remember(request: DeskRequest, case: Case, thrown: Thrown) -> None:
    request.session[_DISCARDED] = {
        "case": case.pk,
        "kind": thrown.kind,
        "words": thrown.words,
        "files": thrown.files,
    }


def _thrown_away(request: DeskRequest, case: Case, kind: str) -> HttpResponse:
    undo = reverse("desk:draft_restore", args=[case.spoken_number(case.company.prefix), kind])
    return acted(request, case, _("The draft is thrown away."), undo=undo, composer=True)


def taken(uploaded: Iterable["UploadedFile[bytes]"]) -> tuple[File, ...]:
    """Uploaded files with their bytes. Raises Refused when one is larger than a mail may be."""
    files = list(uploaded)
    if sum(file.size or 0 for file in files) > settings.MAX_UPLOAD_BYTES:
        most = settings.MAX_UPLOAD_BYTES // 1_000_000
        raise Refused(_("Files may have %(most)d MB at most.") % {"most": most}, field="files")
    return tuple(
        File(file.name or "file", file.content_type or "application/octet-stream", file.read())
        for file in files
    )


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise NotFound(kind)
    return kind


def _no_file() -> File:
    raise Refused(_("Choose a file first."), field="files")
