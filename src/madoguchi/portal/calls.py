"""Where a carrier that holds calls itself asks what is next on them, and fetches what it is to play."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.hooks import documents, heard, leading
from madoguchi.channels.phone.hooks.signed import is_signed
from madoguchi.channels.phone.models import CarrierAccount
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import limits, scope
from madoguchi.infra.limits import TooOften
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import public
from madoguchi.portal.visitors import visitor_key
from madoguchi.voice.announcements import bytes_of_sound, sound_of

MINUTE, WINDOW = 60, 600
MOST_OF_NUMBER, MOST_UNSIGNED = 6_000, 60
A_DAY = 86_400


@csrf_exempt  # no cookie gives any right here: what is posted is signed
@public("a carrier tells of a call to one of our numbers; it is proven by the signature of its account")
@require_POST
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody calls, or a call is over: both are told at this address."""

    def answered(point: EntryPoint, said: Mapping[str, str]) -> str:
        if heard.is_over(said):
            leading.hang_up(point, said)
            return documents.nothing_more()
        return leading.begin(point, said)

    return _answered(request, number, answered)


@csrf_exempt  # as above
@public("a carrier asks what is next on a call; it is proven by the signature of its account")
@require_POST
def call_goes_on(request: HttpRequest, number: str, uid: str, what: str, count: int) -> HttpResponse:
    """Something happened on a call."""
    return _answered(request, number, lambda point, said: leading.go_on(point, uid, what, count, said))


@public("a carrier fetches the announcements that callers hear")
@require_safe
def call_sound(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """A recording that callers of a number hear, or a part of it."""
    part = request.GET.get("part", "")
    wanted = int(part) if part.isdecimal() and len(part) < 5 else -1 if part else None
    samples = _samples(_point(number), name, wanted)
    if not samples:
        raise NotFound(name)
    response = HttpResponse(sounds.as_wav(samples), content_type="audio/wav")
    response.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _samples(point: EntryPoint, name: str, part: int | None) -> bytes:
    """A recording, or of a long one no more than the part that is wanted."""
    if sounds.is_there(name):
        whole = sounds.that_comes_along(name)
        return whole if part is None else whole[slice(*sounds.span_of(len(whole), part))]
    with scope.acting_for([point.company_id]):
        if part is None:
            return sound_of(point.company_id, name) or b""
        span = sounds.span_of(bytes_of_sound(point.company_id, name), part)
        return sound_of(point.company_id, name, span=span) or b""


def _answered(
    request: HttpRequest, number: str, work: Callable[[EntryPoint, Mapping[str, str]], str]
) -> HttpResponse:
    point = _point(number)
    with scope.acting_for([point.company_id]):
        account = _account(point)
    said = _said(request, account)
    try:
        if said is None:
            # A carrier posts for all its accounts from the same addresses: what others sign wrong must silence nobody.
            unsigned = f"calls:unsigned:{point.pk}:{visitor_key(request)}"
            limits.count(unsigned, most=MOST_UNSIGNED, seconds=WINDOW)
            return JsonResponse({"error": "not signed by this number's account"}, status=403)
        limits.count(f"calls:entry:{point.pk}", most=MOST_OF_NUMBER, seconds=MINUTE)
    except TooOften as limit:
        return JsonResponse({"error": "too often", "seconds": limit.seconds}, status=429)
    return HttpResponse(work(point, said), content_type=documents.TYPE)


def _said(request: HttpRequest, account: CarrierAccount) -> dict[str, str] | None:
    """What the carrier posted; None where its account did not sign it."""
    try:
        posted = {name: [str(one) for one in values] for name, values in request.POST.lists()}
    except (RequestDataTooBig, TooManyFieldsSent):
        return None
    signature = request.headers.get("X-Twilio-Signature", "")
    url = settings.BASE_URL + request.get_full_path()
    if not is_signed(url, posted, signature=signature, token=account.token):
        return None
    said = {name: values[-1].replace("\0", "") for name, values in posted.items()}
    return said if said.get("AccountSid") == account.account else None


def _point(number: str) -> EntryPoint:
    point = entry_point_by_address(Channel.PHONE, f"+{number}") if number.isdigit() else None
    if point is None or not point.desk.active:
        raise NotFound(number)
    return point


def _account(point: EntryPoint) -> CarrierAccount:
    try:
        account = CarrierAccount.objects.filter(entry_point=point).first()
    except SecretUnreadable as error:
        raise NotFound(point.pk) from error
    if account is None:
        raise NotFound(point.pk)
    return account
