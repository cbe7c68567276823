"""The addresses that reach a person, each in one canonical form so that equal means the same."""

import re
import secrets
from enum import StrEnum

from madoguchi.kernel.text import fold, one_line

_ADDRESS = re.compile(r"[^\s@<>\"']+\s?(?:@|\(at\)|\[at\]|<at>)\s?[^\s@<>\"']+\.[^\s@.<>\"']{2,}")

_NO_LETTER = re.compile(r"[\W_ー]")
_LAST_DIGITS = re.compile(r"[0-9]+$")
_FEWEST_OF_MEMBERS = 4
_VISITOR = "visitor-"
_LINE_USER = re.compile(r"U[0-9a-f]{32}")


class IdentityKind(StrEnum):
    """What kind of address an identity is."""

    EMAIL = "email"
    PHONE = "phone"
    LINE = "line"
    WEB = "web"
    MEMBER = "member"


def canonical(kind: IdentityKind | str, written: str) -> str:
    """The canonical form of an address: mail addresses case-folded, phone numbers E.164 (Japan assumed), member numbers
    their letters and digits alone, in one width and case. Empty for a member number without any.
    """
    if kind == IdentityKind.EMAIL:
        return fold(one_line(written))
    if kind == IdentityKind.PHONE:
        return _e164(written)
    if kind == IdentityKind.MEMBER:
        return _NO_LETTER.sub("", fold(one_line(written)))
    return one_line(written)


def bare_member(value: str) -> str:
    """The digits a canonical member number ends with, without the zeros before them: 000123 and A123 are 123. Empty for
    fewer than four, which many share.
    """
    digits = (_LAST_DIGITS.search(value) or [""])[0].lstrip("0")
    return digits if len(digits) >= _FEWEST_OF_MEMBERS else ""


def written_phone(number: str) -> str:
    """An E.164 number as people write it: a Japanese one as in Japan, others with their country."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat
    japanese = parsed.country_code == 81
    return phonenumbers.format_number(parsed, style.NATIONAL if japanese else style.INTERNATIONAL)


def new_visitor(digest: str = "") -> str:
    """A name for somebody on a web page of whom nothing is known: fresh, or always the same for one hexadecimal digest.
    It opens nothing by itself.
    """
    return f"{_VISITOR}{digest[:16] or secrets.token_hex(8)}"


def is_visitor(address: str) -> bool:
    """Whether this names a web visitor, who is reached where they wrote and nowhere else."""
    return address.startswith(_VISITOR) and "@" not in address


def is_line_user(address: str) -> bool:
    """Whether this is what LINE calls a user, who is reached by the account to which they wrote."""
    return bool(_LINE_USER.fullmatch(address))


def holds_address(name: str) -> bool:
    """Whether what stands where a name belongs holds a mail address, in any width, also with a word for the @."""
    return bool(_ADDRESS.search(fold(name)))


def is_address(name: str) -> bool:
    """Whether it is nothing but a mail address."""
    return bool(_ADDRESS.fullmatch(fold(one_line(name)).strip("\"'<> ")))


def ascii_domain(domain: str) -> str:
    """The domain as the DNS and every server take it (IDNA). Raises UnicodeError for what can be none."""
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def dialled(written: str) -> str:
    """A phone number in E.164 (Japan assumed), however it was typed; empty where it cannot be one."""
    import phonenumbers

    try:
        number = phonenumbers.parse(fold(written), "JP")
    except phonenumbers.NumberParseException:
        return ""
    possible = phonenumbers.is_possible_number(number) and not number.extension
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if possible else ""


def is_real_phone(number: str) -> bool:
    """Whether a number in E.164 is one that a country gives out, and written as such. What is merely as long is not."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    as_written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    return as_written and phonenumbers.is_valid_number(parsed)


def spoken_phone(number: str) -> str:
    """A number kept as E.164 as people in Japan write it; anything else as it is."""
    if not number.startswith("+81"):
        return number
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _e164(written: str) -> str:
    import phonenumbers  # 48 MB on disk and slow to import: only when a number is really at hand

    try:
        number = phonenumbers.parse(fold(written), "JP")
    except phonenumbers.NumberParseException:
        return fold(one_line(written))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
