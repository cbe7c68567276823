"""Once only: who sends a request again with the same Idempotency-Key is told what was told before."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from madoguchi.api.models import KeptAnswer
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.models import AccessToken

HEADER = "Idempotency-Key"
KEPT_HOURS = 48
# Held until the request's transaction ends. Whoever finds it held is told at once, and waits on no thread of ours.
_HOLD = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"

Answer = dict[str, Any]


def once(
    request: HttpRequest, *, token: AccessToken, key: str, make: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """What `make` answers, and whether it was made before: then it is not made again. In the request's transaction, so
    a request that failed, or whose process was killed, has left nothing and may be sent again.

    Raises Conflict while the same key is being answered, Refused when it came with another request before.
    """
    if not fetch_all(_HOLD, [f"api once {token.pk} {key}"])[0][0]:
        raise Conflict(
            _("A request with this Idempotency-Key is being answered just now. Send it again in a moment.")
        )
    asked = _hash_of(request)
    kept = KeptAnswer.objects.filter(token=token, key=key, at__gt=_oldest()).first()
    if kept is not None:
        if bytes(kept.asked) != asked:
            words = _(
                "This Idempotency-Key came with another request before. Take a new key for a new request."
            )
            raise Refused(words, field=HEADER)
        return kept.answer, True
    answer, now = make(), clock.now()
    KeptAnswer.objects.update_or_create(
        token=token, key=key, defaults={"asked": asked, "answer": answer, "at": now}
    )
    return answer, False


def forget_old() -> int:
    """Forget what was told too long ago; returns how much."""
    return KeptAnswer.objects.filter(at__lte=_oldest()).delete()[0]


def _oldest() -> Any:
    return clock.now() - timedelta(hours=KEPT_HOURS)


def _hash_of(request: HttpRequest) -> bytes:
    whole = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(whole).digest()
