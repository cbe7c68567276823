"""Addresses under which a file is handed to a browser that shows no cookie: signed, for one file, for ten minutes.

The frame of a mail has no cookies of ours, and neither has the address of its own that files may have.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from madoguchi.kernel.errors import NotFound

SECONDS = 600
_SALT = "madoguchi.desk.handing"


@dataclass(frozen=True, slots=True)
class Handed:
    """Which file of which company, and under what name it is saved; without a name it is shown as a picture."""

    company: int
    sha256: str
    filename: str = ""


def address_of(file: Handed) -> str:
    """The address, which whoever holds it may open for ten minutes."""
    token = signing.dumps([file.company, file.sha256, file.filename], salt=_SALT, compress=True)
    return settings.FILES_ORIGIN + reverse("desk:handed", args=[token])


def handed_by(token: str) -> Handed:
    """What an address was made for. Raises NotFound for one not made here, or too old."""
    try:
        company, sha256, filename = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise NotFound("file") from error
    return Handed(company, sha256, filename)
