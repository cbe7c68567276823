"""The signed pass by which a visitor's browser shows that it is the one that wrote in a chat before."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.utils.crypto import salted_hmac

from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import new_visitor

_SALT = "madoguchi.portal.chat"
_MINE_SALT = "madoguchi.portal.chat.mine"
_FILE_SALT = "madoguchi.portal.chat.file"
FILE_GOOD_FOR = timedelta(minutes=1)
GOOD_FOR = timedelta(days=90)
RENEWED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pass:
    """A visitor of one chat. It ends `GOOD_FOR` after the last visit, and that long after the visitor's first word at
    the latest (`talk.require_open`), however often it was made afresh.
    """

    entry_point: int
    visitor: str
    given_at: int

    @property
    def signed(self) -> str:
        """What the browser keeps."""
        return signing.dumps([self.entry_point, self.visitor, self.given_at], salt=_SALT)

    @property
    def renewed(self) -> "Pass":
        """The same pass from now on, if it was given some time ago."""
        old = clock.now().timestamp() - self.given_at > RENEWED_AFTER.total_seconds()
        return Pass(self.entry_point, self.visitor, _now()) if old else self


class PassUnknown(NotFound):
    """No pass of this chat: whoever holds it begins anew."""

    field = "pass"


def new_pass(entry_point: int, *, secret: str = "") -> Pass:
    """A pass for somebody who has not written yet; with the same secret, as when an answer was lost, for the same
    visitor again.
    """
    digest = salted_hmac(_SALT, f"{entry_point} {secret}").hexdigest() if secret else ""
    return Pass(entry_point, new_visitor(digest), _now())


def open_pass(signed: object, *, entry_point: int | None = None) -> Pass:
    """The pass that this is; raises PassUnknown for one not made here, too old, or made for another chat."""
    try:
        found = Pass(*signing.loads(str(signed), salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise PassUnknown("pass") from error
    over = clock.now().timestamp() - found.given_at > GOOD_FOR.total_seconds()
    if over or entry_point not in (None, found.entry_point):
        raise PassUnknown("pass")
    return found


def sign_mine(visitor: Pass, *, address: str) -> str:
    """What a mail to an address brings, by which its reader finds the talk in which the address was typed."""
    return signing.dumps([visitor.entry_point, visitor.visitor, address], salt=_MINE_SALT)


def open_mine(signed: str, *, entry_point: int) -> tuple[Pass, str]:
    """Whose talk of this chat it is, and to which address that was said; raises NotFound for any not made here."""
    try:
        point, visitor, address = signing.loads(signed, salt=_MINE_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound("link") from error
    if point != entry_point:
        raise NotFound("link")
    return Pass(point, str(visitor), _now()), str(address)


def sign_file(attachment: int, *, visitor: str) -> str:
    """What proves for `FILE_GOOD_FOR` that a visitor asked for a file with their pass."""
    return signing.dumps([attachment, visitor], salt=_FILE_SALT)


def open_file(signed: str) -> tuple[int, str]:
    """The file and the visitor for whom this was signed; raises NotFound once it is old, and for any not made here."""
    try:
        attachment, visitor = signing.loads(signed, salt=_FILE_SALT, max_age=FILE_GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound("file") from error
    return int(attachment), str(visitor)


def _now() -> int:
    return int(clock.now().timestamp())
