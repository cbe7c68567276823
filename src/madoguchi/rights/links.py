"""The one signed link under which a customer fetches what was made for them, until it expires or is made anew."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from madoguchi.kernel.errors import NotFound
from madoguchi.rights.models import Request


def link_of(request: Request) -> str:
    """The absolute address of the file of a disclosure."""
    signed = _signer().sign(f"{request.company_id}d{request.pk}d{request.generation}")
    return urljoin(settings.BASE_URL, reverse("portal:own_data", args=[signed]))


def open_link(signed: str) -> tuple[int, int, int]:
    """The company, the request and the generation a link was made for; raises NotFound for any not made here."""
    try:
        company, request, generation = _signer().unsign(signed).split("d")
        return int(company), int(request), int(generation)
    except (BadSignature, ValueError) as error:
        raise NotFound("link") from error


def _signer() -> Signer:
    return Signer(salt="madoguchi.rights.disclosure", sep=".")
