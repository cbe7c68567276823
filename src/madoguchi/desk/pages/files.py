"""Files and originals, served so that nothing in them can act: foreign bytes never run under our address."""

from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import note_look, note_reading
from madoguchi.cases.models import Attachment, Message
from madoguchi.cases.queries import attachment as attachment_of
from madoguchi.cases.queries import draft_file, pending_file
from madoguchi.channels.email.html import SafeHtml, sanitise
from madoguchi.channels.email.remote_images import copies_of, fetch_images
from madoguchi.desk.handing import Handed, address_of, handed_by
from madoguchi.desk.listening import played, shape_of
from madoguchi.desk.pages.parts import DeskRequest, Response, private, the_case
from madoguchi.desk.queries import message_of, original_of, pictures_by_content_id
from madoguchi.infra import files
from madoguchi.infra.limits import TooOften
from madoguchi.infra.sealed import Unreadable
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound
from madoguchi.kernel.own_pages import blot_own_pages_in
from madoguchi.kernel.pictures import may_be_shown
from madoguchi.kernel.sounds import WAV_HEAD, is_wav
from madoguchi.people.access import public, requires
from madoguchi.voice.keeping import note_listening

SEALED = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHOWN_MAIL = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data: {origin};"
    " style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_LOOKED_AT, _WIDE = 8192, (b"\xff\xfe", b"\xfe\xff")
_MAIL_PAGE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>mail</title>'
    '<meta name="color-scheme" content="light"><style>body{{margin:1rem;font:15px/1.7 sans-serif;'
    "overflow-wrap:anywhere;background:white;color:black}}img{{max-width:100%;height:auto}}"
    ".held{{color:#555;border-bottom:1px solid #ccc;margin:0 0 1rem}}"
    # What stands beside links looks the same whatever the mail puts around it.
    ".to,.trap{{display:inline-block;max-width:100%;box-sizing:border-box;padding:0 .3em;border-radius:.3em;"
    "font:13px/1.5 sans-serif;white-space:normal;text-align:start;direction:ltr;unicode-bidi:isolate;"
    "visibility:visible}}"
    ".to{{color:#555;background:#f1f1f1}}"
    ".trap{{color:#8c1d18;background:#fdecea;border:1px solid #8c1d18;font-weight:bold}}</style>{held}{body}"
)


@require_safe
@requires(Permission.CASE_READ)
def download(request: DeskRequest, attachment: int, name: str) -> HttpResponseBase:
    """A file, always to be saved, never to be shown; from the address that files have, where they have one. What we
    recorded may be very long, is harmless, and is sent from here.
    """
    found = attachment_of(attachment, actor=request.actor)
    note_look(found.message.case, by=request.actor)
    told = note_listening(found.message.case, found.sha256, by=request.actor)
    if told is not None and found.content_type.startswith("audio/"):
        file = _opened(found)
        return _to_be_saved(request, played(file, request.headers.get("Range", "")), found.filename)
    return to_be_saved(request, company=found.company_id, sha256=found.sha256, filename=found.filename)


@require_safe
@requires(Permission.CASE_READ)
def preview(request: DeskRequest, attachment: int) -> HttpResponse:
    """A picture to look at: only what its first bytes prove to be one. Raises NotFound for anything else."""
    found = attachment_of(attachment, actor=request.actor)
    note_look(found.message.case, by=request.actor)
    content = files.read(found.sha256, company=found.company_id)
    kind = may_be_shown(content) if found.may_be_opened else ""
    if not kind:
        raise NotFound(attachment)
    response = HttpResponse(content, content_type=kind)
    return _protected(request, response, SEALED)


@require_safe
@requires(Permission.CASE_READ)
def listen(request: DeskRequest, attachment: int) -> HttpResponseBase:
    """A recording to listen to: only what its first bytes prove to be one. Raises NotFound for anything else."""
    found = attachment_of(attachment, actor=request.actor)
    note_look(found.message.case, by=request.actor)
    file = _opened(found)
    if not found.may_be_opened or not is_wav(file.read(WAV_HEAD)):
        file.close()
        raise NotFound(attachment)
    note_listening(found.message.case, found.sha256, by=request.actor)
    return _protected(request, played(file, request.headers.get("Range", "")), SEALED)


@require_safe
@requires(Permission.CASE_READ)
def shape(request: DeskRequest, attachment: int) -> HttpResponse:
    """How loud a recording is when, to be drawn beside its player. Raises NotFound for what is none."""
    found = attachment_of(attachment, actor=request.actor)
    note_look(found.message.case, by=request.actor)
    with _opened(found) as file:
        drawn = shape_of(file) if found.may_be_opened else None
    if drawn is None:
        raise NotFound(attachment)
    return _protected(request, JsonResponse(drawn), SEALED)


@require_safe
@requires(Permission.CASE_REPLY)
def drafted(request: DeskRequest, number: str, file: int) -> HttpResponse:
    """A picture beside one's own draft, for its preview. Raises NotFound for anything else."""
    case = the_case(request, number)
    found = draft_file(case, file, person=request.actor.id or 0)
    content = files.read(found.sha256, company=found.company_id)
    kind = may_be_shown(content)
    if not kind:
        raise NotFound(file)
    return _protected(request, HttpResponse(content, content_type=kind), SEALED)


@require_safe
@requires(Permission.CASE_NOTE)
def waiting(request: DeskRequest, file: int, name: str) -> HttpResponse:
    """A file of an answer that waits, to be saved: who approves the answer looks at it first."""
    found = pending_file(file, actor=request.actor)
    content = files.read(found.sha256, company=found.company_id)
    return _sealed(request, content, content_type="application/octet-stream", filename=found.filename)


@require_safe
@requires(Permission.ORIGINALS)
def original(request: DeskRequest, message: int) -> HttpResponse:
    """A message as it came in, as a text file; the case tells who read it."""
    found = message_of(message, actor=request.actor)
    content = original_of(found, actor=request.actor)
    note_reading(found, by=request.actor)
    return _sealed(request, content, content_type="text/plain", filename=f"message-{found.pk}.txt")


@require_safe
@requires(Permission.CASE_READ)
def as_html(request: DeskRequest, message: int) -> HttpResponse:
    """A mail as its writer laid it out, cleaned, for a frame that can do nothing but show it."""
    found = message_of(message, actor=request.actor)
    if not found.html:
        raise NotFound(message)
    note_look(found.case, by=request.actor)
    return _framed(request, found)


@require_POST
@requires(Permission.CASE_READ)
def show_images(request: DeskRequest, message: int) -> HttpResponse:
    """Fetch the pictures that a mail shows from elsewhere, and lead back to the mail, in its frame."""
    found = message_of(message, actor=request.actor)
    if not found.html:
        raise NotFound(message)
    try:
        fetch_images(found, by=request.actor)
    except TooOften as limit:
        words = _("You have had pictures of very many mails fetched. Try again in %(minutes)s minutes.")
        return _framed(request, found, problem=words % {"minutes": -(-limit.seconds // 60)}, status=429)
    return redirect("desk:html", message)


@require_safe
@public("the frame of a mail shows no cookie: its address is signed, for one file and ten minutes")
def handed(request: HttpRequest, token: str) -> HttpResponse:
    """A file by a signed address: a picture to look at, or something to save. Raises NotFound."""
    file = handed_by(token)
    content = _content(file.company, file.sha256)
    if file.filename:
        return _sealed(request, content, content_type="application/octet-stream", filename=file.filename)
    kind = may_be_shown(content)
    if not kind:
        raise NotFound("picture")
    response = _protected(request, HttpResponse(content, content_type=kind), SEALED)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # the frame it is for is of no origin
    return response


def to_be_saved(request: HttpRequest, *, company: int, sha256: str, filename: str) -> HttpResponse:
    """A file of the store, always to be saved; from the address that files have, where they have one. Raises NotFound
    where it is gone.
    """
    if settings.FILES_ORIGIN:
        return redirect(address_of(Handed(company, sha256, filename)))
    content = _content(company, sha256)
    return _sealed(request, content, content_type="application/octet-stream", filename=filename)


def enclosed(request: HttpRequest, content: bytes, *, filename: str) -> HttpResponse:
    """A picture of an article to look at, or a file of it to be saved."""
    kind = may_be_shown(content)
    if kind:
        return _protected(request, HttpResponse(content, content_type=kind), SEALED)
    return _sealed(request, content, content_type="application/octet-stream", filename=filename)


def _opened(file: Attachment) -> BinaryIO:
    """A file to be read piece by piece. Raises NotFound where it is gone, and Conflict where it was encrypted under a
    key that is not here any more.
    """
    try:
        opened = files.opened(file.sha256, company=file.company_id)
        opened.read(WAV_HEAD)
    except FileNotFoundError as error:
        raise NotFound("file") from error
    except Unreadable as error:
        told = _(
            "This recording was encrypted under another key than MADOGUCHI_SECRET_KEY is now. Whoever runs the"
            " installation can bring it back with that key."
        )
        raise Conflict(told) from error
    opened.seek(0)
    return opened


def _framed(request: HttpRequest, message: Message, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page within the frame of a mail."""
    safe = _as_shown(message)
    told = "".join(f'<p class="held">{words}</p>' for words in (problem, _held(safe)) if words)
    page = HttpResponse(_MAIL_PAGE.format(body=safe.html, held=told), status=status)
    return _protected(request, page, SHOWN_MAIL.format(origin=settings.FILES_ORIGIN))


def _content(company: int, sha256: str) -> bytes:
    try:
        return files.read(sha256, company=company)
    except FileNotFoundError as error:
        raise NotFound("file") from error


def _as_shown(message: Message) -> SafeHtml:
    """A mail with the pictures that came along, and those from elsewhere that somebody has asked for."""
    own = {
        name: address_of(Handed(file.company_id, file.sha256))
        for name, file in pictures_by_content_id(message).items()
    }
    copies = {
        address: address_of(Handed(message.company_id, sha256))
        for address, sha256 in copies_of(message).items()
    }
    return sanitise(message.html, cid_urls=own, shown=copies, leads_to=_("leads to %(host)s"))


def _held(safe: SafeHtml) -> str:
    if not safe.held_images:
        return ""
    words = ngettext(
        "%(count)s picture from elsewhere is not shown.",
        "%(count)s pictures from elsewhere are not shown.",
        safe.held_images,
    )
    return words % {"count": safe.held_images}


def _sealed(request: HttpRequest, content: bytes, *, content_type: str, filename: str) -> HttpResponse:
    """Something to save. A text may be a mail of ours that a customer attached: the key in it is taken out."""
    is_text = b"\0" not in content[:_LOOKED_AT] or content.startswith(_WIDE)
    response = HttpResponse(blot_own_pages_in(content) if is_text else content, content_type=content_type)
    return _to_be_saved(request, response, filename)


def _to_be_saved(request: HttpRequest, response: Response, filename: str) -> Response:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return _protected(request, response, SEALED)


def _protected(request: HttpRequest, response: Response, policy: str) -> Response:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return private(request, response)
