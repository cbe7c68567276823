"""The signed link under which a customer opens their own case without a password."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from madoguchi.kernel.errors import NotFound


def case_link(case_id: int, company_id: int, generation: int) -> str:
    """The absolute address of a case's page. Whoever holds it may read and answer the case, until it is ended."""
    return urljoin(settings.BASE_URL, reverse("portal:case", args=[sign(case_id, company_id, generation)]))


def sign(case_id: int, company_id: int, generation: int = 1) -> str:
    """The part of the link that proves it was made here, for this case of this company.

    The first generation is left out: links of before there were generations go on working.
    """
    later = f"-{generation}" if generation > 1 else ""
    return _signer().sign(f"{company_id}-{case_id}{later}")


def open_link(signed: str) -> tuple[int, int, int]:
    """The company, the case and the generation a link was made for; raises NotFound for any not made here."""
    try:
        company, case, *later = _signer().unsign(signed).split("-")
        [generation] = later or ["1"]
        return int(company), int(case), int(generation)
    except (BadSignature, ValueError) as error:
        raise NotFound("link") from error


def _signer() -> Signer:
    # A full stop instead of Django's colon: mail programs end a link at the oddest signs.
    return Signer(salt="madoguchi.portal.case", sep=".")
