"""The signed link under which a customer opens their own case without a password."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from madoguchi.kernel.errors import NotFound


def case_link(case_id: int, company_id: int) -> str:
    """The absolute address of a case's page. Whoever holds it may read and answer the case."""
    return urljoin(settings.BASE_URL, reverse("portal:case", args=[sign(case_id, company_id)]))


def sign(case_id: int, company_id: int) -> str:
    """The part of the link that proves it was made here, for this case of this company."""
    return _signer().sign(f"{company_id}-{case_id}")


def open_link(signed: str) -> tuple[int, int]:
    """The company and the case a link was made for; raises NotFound for any link not made here."""
    try:
        company, case = _signer().unsign(signed).split("-")
        return int(company), int(case)
    except (BadSignature, ValueError) as error:
        raise NotFound("link") from error


def _signer() -> Signer:
    # A full stop instead of Django's colon: mail programs end a link at the oddest signs.
    return Signer(salt="madoguchi.portal.case", sep=".")
