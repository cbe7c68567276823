"""Who calls whom, as a call that comes in says it."""

from contextlib import suppress

from aiosipua.headers import parse_uri
from aiosipua.message import SipRequest

from madoguchi.companies.actions.entry_points import PHONE_NUMBER
from madoguchi.kernel.identity import IdentityKind, canonical


def called(invite: SipRequest) -> str:
    """The number that was called (E.164); empty where none was."""
    return _number(invite.uri)


def caller(invite: SipRequest) -> str:
    """The number that calls (E.164): what the network asserts before what the caller says. Empty where it is withheld
    or is none.
    """
    if "id" in (invite.get_header("privacy") or "").lower().split(";"):
        return ""
    for name in ("p-asserted-identity", "from"):
        for value in invite.headers.get(name):
            _name, bracket, rest = value.rpartition("<")
            if number := _number(rest.partition(">")[0] if bracket else value.partition(";")[0]):
                return number
    return ""


def _number(uri: str) -> str:
    with suppress(Exception):
        return _of_user(uri[4:] if uri.startswith("tel:") else parse_uri(uri).user or "")
    return ""


def _of_user(user: str) -> str:
    number = canonical(IdentityKind.PHONE, user.partition(";")[0][:40])
    return number if PHONE_NUMBER.fullmatch(number) else ""
