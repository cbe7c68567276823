"""Where LINE hands in what customers say, and where it fetches the files that we send."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.models import Attachment
from madoguchi.channels.line.actions import take_in
from madoguchi.channels.line.composing import MOST_PICTURE, MOST_PREVIEW, PICTURES, PREVIEW_SIDE
from madoguchi.channels.line.handed_in import MOST_BYTES, Garbled, events_in, is_signed
from madoguchi.channels.line.models import Account
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import files, limits, scope
from madoguchi.infra.limits import TooOften
from madoguchi.infra.pictures import NoPicture, preview
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import public
from madoguchi.portal.links import open_file_link
from madoguchi.portal.queries import FileIsOver, sent_file_of
from madoguchi.portal.visitors import discreet, visitor_key

MINUTE, WINDOW = 60, 600
# LINE bundles events; who does not sign right is told so, so often.
MOST_OF_ACCOUNT, MOST_UNSIGNED = 6_000, 60
ANY_TYPE = "application/octet-stream"
# LINE fetches a preview once and keeps it; each costs some work.
MOST_PREVIEWS = 60


@csrf_exempt  # no cookie gives any right here: what is posted is signed
@public("LINE hands in what customers said; it is proven by the signature of the account's channel")
@require_POST
def webhook(request: HttpRequest, address: str) -> HttpResponse:
    """Keep what LINE hands in, and say so at once; it is worked up by jobs."""
    point, secret = _account_behind(address)
    try:
        if not is_signed(
            _body(request), signature=request.headers.get("X-Line-Signature", ""), secret=secret
        ):
            # LINE posts for all accounts from the same addresses: what others sign wrong must silence nobody.
            unsigned = f"line:unsigned:{point.pk}:{visitor_key(request)}"
            limits.count(unsigned, most=MOST_UNSIGNED, seconds=WINDOW)
            return JsonResponse({"error": "not signed by this account's channel"}, status=401)
        limits.count(f"line:entry:{point.pk}", most=MOST_OF_ACCOUNT, seconds=MINUTE)
        return _kept(point, request.body)
    except TooOften as limit:
        return JsonResponse({"error": "too often", "seconds": limit.seconds}, status=429)


@public("a picture or a file that a desk sent by LINE is fetched by whoever was given its signed link")
@require_safe
@discreet
def sent_file(request: HttpRequest, signed: str) -> HttpResponse:
    """A file of one of our answers, always as a download: nothing runs under our name. After some weeks, how to
    get it.
    """
    company, attachment = open_file_link(signed)
    with scope.acting_for([company]):
        try:
            kept = sent_file_of(attachment)
        except FileIsOver as over:
            return render(request, "portal/file_over.html", {"desk": over.desk}, status=404)
    kind = kept.content_type if kept.content_type in PICTURES else ANY_TYPE
    return _as_download(_content_of(kept), kind, kept.filename)


@public("LINE fetches a small picture of one that a desk sent, under its signed link")
@require_safe
@discreet
def sent_preview(request: HttpRequest, signed: str) -> HttpResponse:
    """A small picture of one of our answers, drawn as it is fetched. Raises NotFound and TooOften."""
    company, attachment = open_file_link(signed)
    with scope.acting_for([company]):
        try:
            kept = sent_file_of(attachment)
        except FileIsOver as over:
            raise NotFound(attachment) from over
    return _as_download(_small_of(kept), "image/jpeg", "preview.jpg")


def _small_of(kept: Attachment) -> bytes:
    if kept.content_type not in PICTURES or kept.size > MOST_PICTURE:
        raise NotFound(kept.pk)
    limits.count(f"line:preview:{kept.pk}", most=MOST_PREVIEWS, seconds=WINDOW)
    try:
        return preview(_content_of(kept), side=PREVIEW_SIDE, most=MOST_PREVIEW)
    except NoPicture as error:
        raise NotFound(kept.pk) from error


def _content_of(kept: Attachment) -> bytes:
    try:
        return files.read(kept.sha256, company=kept.company_id)
    except FileNotFoundError as error:
        raise NotFound(kept.pk) from error


def _as_download(content: bytes, kind: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, filename)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _account_behind(address: str) -> tuple[EntryPoint, str]:
    """The entry point behind an address, and its channel's secret. Raises NotFound for none that is in use."""
    point = entry_point_by_address(Channel.LINE, f"@{address}")
    if point is None or not point.desk.active:
        raise NotFound(address)
    with scope.acting_for([point.company_id]):
        try:
            account = Account.objects.filter(entry_point=point).first()
        except SecretUnreadable as error:
            raise NotFound(address) from error
    if account is None:
        raise NotFound(address)
    return point, account.secret


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body if len(request.body) <= MOST_BYTES else b""
    except RequestDataTooBig:
        return b""


def _kept(point: EntryPoint, body: bytes) -> HttpResponse:
    try:
        events = events_in(body)
    except Garbled as error:
        return JsonResponse({"error": str(error)}, status=400)
    with scope.acting_for([point.company_id]):
        take_in(point, events)
    return JsonResponse({})
