"""Mail addresses as people type them."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, canonical


def mail_address_of(written: str, *, field: str) -> str:
    """A mail address in its canonical form. Raises Refused for what is none."""
    address = canonical(IdentityKind.EMAIL, written)
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_("This is no mail address. Write it as name@example.jp."), field=field) from None
    return address
