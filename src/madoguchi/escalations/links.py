"""The signed link under which somebody without an account opens one slip, and nothing else."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from madoguchi.escalations.models import Slip
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound


def slip_link(slip: Slip, *, generation: int) -> str:
    """The absolute address of a slip. Whoever holds it may read it and say that it is done, until it expires."""
    return urljoin(settings.BASE_URL, reverse("portal:slip", args=[sign(slip, generation=generation)]))


def sign(slip: Slip, *, generation: int) -> str:
    """The part of the link that proves it was made here, for this slip of this company."""
    return _signer().sign(f"{slip.company_id}s{slip.pk}s{generation}")


def open_slip(signed: str) -> Slip:
    """The slip that a link was made for, with its company, desk and escalation. Raises NotFound for a link that was not
    made here, was replaced by another or is expired, and for a slip that was withdrawn.
    """
    try:
        company, pk, generation = map(int, _signer().unsign(signed).split("s"))
    except (BadSignature, ValueError) as error:
        raise NotFound("slip") from error
    related = ("company", "case__desk", "case__continued_in__desk", "escalation")
    with scope.acting_for([company]):
        rows = Slip.objects.select_related(*related).filter(pk=pk, generation=generation, withdrawn_at=None)
        found = rows.filter(expires_at__gt=clock.now()).first()
    if found is None:
        raise NotFound("slip")
    return found


def _signer() -> Signer:
    # A full stop instead of Django's colon: mail programs end a link at the oddest signs.
    return Signer(salt="madoguchi.escalations.slip", sep=".")
