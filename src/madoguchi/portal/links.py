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


def article_link(company_id: int, article_id: int) -> str:
    """The absolute address under which anybody reads an article of a company, while it is in force for customers."""
    signed = _article_signer().sign(f"{company_id}a{article_id}")
    return urljoin(settings.BASE_URL, reverse("portal:article", args=[signed]))


def open_article_link(signed: str) -> tuple[int, int]:
    """The company and the article a link was made for; raises NotFound for any not made here."""
    try:
        company, article = _article_signer().unsign(signed).split("a")
        return int(company), int(article)
    except (BadSignature, ValueError) as error:
        raise NotFound("link") from error


def form_link(address: str) -> str:
    """The absolute address of a form."""
    return urljoin(settings.BASE_URL, reverse("portal:form", args=[address]))


def _article_signer() -> Signer:
    # An "a" between the numbers: with a hyphen it would look like the key to a case, which is blotted out of mail.
    return Signer(salt="madoguchi.portal.article", sep=".")


def file_link(company_id: int, attachment_id: int) -> str:
    """The absolute address under which a file that we sent is fetched by whoever was given it."""
    signed = _file_signer().sign(f"{company_id}f{attachment_id}")
    return urljoin(settings.BASE_URL, reverse("portal:sent_file", args=[signed]))


def open_file_link(signed: str) -> tuple[int, int]:
    """The company and the file a link was made for; raises NotFound for any not made here."""
    try:
        company, attachment = _file_signer().unsign(signed).split("f")
        return int(company), int(attachment)
    except (BadSignature, ValueError) as error:
        raise NotFound("link") from error


def _file_signer() -> Signer:
    # An "f" between the numbers, as with articles.
    return Signer(salt="madoguchi.portal.file", sep=".")
