"""Who calls whom, as a call that comes in says it."""

import re
from contextlib import suppress
from urllib.parse import unquote

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
    if "id" in re.split(r"[\s;,]+", " ".join(invite.headers.get("privacy")).lower()):
        return ""
    for name in ("p-asserted-identity", "from"):
        for value in invite.headers.get(name):
            _name, bracket, rest = value.rpartition("<")
            if number := _number(rest.partition(">")[0] if bracket else value.partition(";")[0]):
                return number
    return ""


def _number(uri: str) -> str:
    """The number of a URI, without what the network adds to it (`;npdi`, RFC 4694), which may stand before the @."""
    scheme, _colon, rest = uri.strip().partition(":")
    user, at, _host = rest.partition("@")
    if scheme.lower() != "tel" and not (at and scheme.lower() in ("sip", "sips")):
        return ""
    return read(unquote(user.partition(";")[0]))


def read(written: str) -> str:
    """The number (E.164) that is written so; empty where it is none."""
    with suppress(Exception):
        number = canonical(IdentityKind.PHONE, written[:40])
        return number if PHONE_NUMBER.fullmatch(number) else ""
    return ""
