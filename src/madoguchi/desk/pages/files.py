"""Files and originals, served so that nothing in them can act: foreign bytes never run under our address."""

import base64
from urllib.parse import quote

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.cases.models import Attachment
from madoguchi.cases.queries import attachment as attachment_of
from madoguchi.cases.queries import draft_file
from madoguchi.channels.email.html import sanitise
from madoguchi.desk.pages.parts import DeskRequest, private, the_case
from madoguchi.desk.queries import message_of, original_of, pictures_by_content_id
from madoguchi.infra import files
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import requires

SEALED = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHOWN_MAIL = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:;"
    " style-src 'unsafe-inline'; frame-ancestors 'self'"
)
MOST_SHOWN_WITHIN = 2_000_000
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_MAIL_PAGE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>mail</title>'
    '<meta name="color-scheme" content="light"><style>body{{margin:1rem;font:15px/1.7 sans-serif;'
    "overflow-wrap:anywhere;background:white;color:black}}img{{max-width:100%;height:auto}}</style>{body}"
)


@require_safe
@requires(Permission.CASE_READ)
def download(request: DeskRequest, attachment: int, name: str) -> HttpResponse:
    """A file, always to be saved, never to be shown."""
    found = attachment_of(attachment, actor=request.actor)
    content = files.read(found.sha256, company=found.company_id)
    return _sealed(request, content, content_type="application/octet-stream", filename=found.filename)


@require_safe
@requires(Permission.CASE_READ)
def preview(request: DeskRequest, attachment: int) -> HttpResponse:
    """A picture to look at: only what its first bytes prove to be one. Raises NotFound for anything else."""
    found = attachment_of(attachment, actor=request.actor)
    content = files.read(found.sha256, company=found.company_id)
    kind = picture_kind(content)
    if not kind:
        raise NotFound(attachment)
    response = HttpResponse(content, content_type=kind)
    return _protected(request, response, SEALED)


@require_safe
@requires(Permission.CASE_REPLY)
def drafted(request: DeskRequest, number: str, file: int) -> HttpResponse:
    """A picture beside one's own draft, for its preview. Raises NotFound for anything else."""
    case = the_case(request, number)
    found = draft_file(case, file, person=request.actor.id or 0)
    content = files.read(found.sha256, company=found.company_id)
    kind = picture_kind(content)
    if not kind:
        raise NotFound(file)
    return _protected(request, HttpResponse(content, content_type=kind), SEALED)


@require_safe
@requires(Permission.CASE_READ)
def original(request: DeskRequest, message: int) -> HttpResponse:
    """A message exactly as it came in, as a text file."""
    found = message_of(message, actor=request.actor)
    content = original_of(found, actor=request.actor)
    return _sealed(request, content, content_type="text/plain", filename=f"message-{found.pk}.txt")


@require_safe
@requires(Permission.CASE_READ)
def as_html(request: DeskRequest, message: int) -> HttpResponse:
    """A mail as its writer laid it out, cleaned, for a frame that can do nothing but show it."""
    found = message_of(message, actor=request.actor)
    if not found.html:
        raise NotFound(message)
    pictures = {name: _data_url(file) for name, file in pictures_by_content_id(found).items()}
    safe = sanitise(found.html, cid_urls={name: url for name, url in pictures.items() if url})
    return _protected(request, HttpResponse(_MAIL_PAGE.format(body=safe.html)), SHOWN_MAIL)


def picture_kind(content: bytes) -> str:
    """The type of a picture by its first bytes, whatever its sender calls it; empty for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "")


def _data_url(file: Attachment) -> str:
    """The picture within the page itself: a frame without our cookies could not fetch it."""
    if file.size > MOST_SHOWN_WITHIN:
        return ""
    content = files.read(file.sha256, company=file.company_id)
    kind = picture_kind(content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}" if kind else ""


def _sealed(request: DeskRequest, content: bytes, *, content_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return _protected(request, response, SEALED)


def _protected(request: DeskRequest, response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return private(request, response)
