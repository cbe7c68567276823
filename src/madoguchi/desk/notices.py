"""What one may want to know before sending: told beside the composer, never in the way. Pure."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.channels.email.alphabets import replaced
from madoguchi.customers.models import Customer
from madoguchi.delivery.checks import become, cannot_be_shown, own_words, speaks_of_a_file

_OPEN_PLACE = re.compile(r"\{\{\s*[\w .-]{1,40}\s*\}\}")


def notices_of(case: Case, *, text: str, files: bool, signature: str = "") -> list[str]:
    """What stands out in an answer as it is now: a file spoken of and not there, a place of a template left open,
    no subject, signs that the customer's mail software cannot show. Nothing is said of an empty answer.
    """
    return list(_notices(case, text, signature, files=files)) if text.strip() else []


def is_for_old_software(case: Case) -> bool:
    """Whether the whole mail leaves in ISO-2022-JP."""
    return case.customer.mail_format == Customer.MailFormat.OLD_LETTERS


def _notices(case: Case, text: str, signature: str, *, files: bool) -> Iterator[str]:
    own = own_words(text)
    if not files and speaks_of_a_file(own):
        yield _("You write of an attached file, but none is attached.")
    if left_open := _OPEN_PLACE.findall(own):
        yield _("Not filled in yet: %(places)s") % {"places": " ".join(dict.fromkeys(left_open))}
    if not case.subject.strip():
        yield _("The case has no subject, and neither will the mail. You can give it one above.")
    if is_for_old_software(case) and (told := replaced(f"{case.subject}\n{text}\n{signature}")):
        yield cannot_be_shown(become(told))
