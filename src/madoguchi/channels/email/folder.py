"""One open IMAP folder: where to go on, which mails wait, and their bytes in portions that fit in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from imapclient import FLAGGED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from madoguchi.channels.email.left_behind import stand_in

PORTION_BYTES = 4_000_000
PORTION_MAILS = 50
_LISTED_AT_ONCE = 500
# Servers compare days alone, in a time zone of their own.
_OVERLAP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read: mails up to `last` were taken, or were there and read when we came."""

    validity: int
    last: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the folder; `whole` is False for the stand-in of one that cannot be had."""

    uid: int
    raw: bytes
    whole: bool = True


def go_on(client: IMAPClient, folder: str, *, known: Position, last_look: datetime | None) -> Position:
    """Where to go on in a folder. At the first look that is its end: what people have read is their past.

    A folder that was made anew numbers its mails anew; it is read again from a little before the last look.
    """
    status = client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
    validity, end = int(status[b"UIDVALIDITY"]), int(status[b"UIDNEXT"]) - 1
    if validity == known.validity:
        return known
    if not known.validity or last_look is None:
        return Position(validity, end)
    since = client.search(["SINCE", (last_look - _OVERLAP).date()])
    return Position(validity, min(since, default=end + 1) - 1)


def waiting(client: IMAPClient, position: Position, *, unread_too: bool) -> list[int]:
    """The mails to take, oldest first: those that came since, and on request every unread one."""
    # A server answers `n:*` with its last mail even when that is older than n.
    uids = {uid for uid in client.search(["UID", f"{position.last + 1}:*"]) if uid > position.last}
    if unread_too:
        uids.update(client.search(["UNSEEN", "UNDELETED"]))
    return sorted(uids)


def portions(client: IMAPClient, uids: Sequence[int], *, most: int) -> Iterator[list[Mail]]:
    """The mails in portions, oldest first. One larger than `most` bytes has a stand-in; deleted ones lack."""
    for start in range(0, len(uids), _LISTED_AT_ONCE):
        listed = _fetch(client, uids[start : start + _LISTED_AT_ONCE], "RFC822.SIZE")
        sizes = {uid: size if isinstance(size, int) else 0 for uid, size in sorted(listed.items())}
        for group in _groups(sizes):
            yield list(_mails(client, group, most))


def mark_taken(client: IMAPClient, mails: Sequence[Mail]) -> None:
    """Mark mails as read, and those that stay in the mailbox with a flag besides, for people to find them."""
    client.add_flags([m.uid for m in mails], [SEEN], silent=True)
    if left := [m.uid for m in mails if not m.whole]:
        client.add_flags(left, [FLAGGED], silent=True)


def _groups(sizes: dict[int, int]) -> Iterator[dict[int, int]]:
    group: dict[int, int] = {}
    for uid, size in sizes.items():
        if group and (len(group) >= PORTION_MAILS or sum(group.values()) + size > PORTION_BYTES):
            yield group
            group = {}
        group[uid] = size
    if group:
        yield group


def _mails(client: IMAPClient, sizes: dict[int, int], most: int) -> Iterator[Mail]:
    bodies = _fetch(client, [uid for uid, size in sizes.items() if size <= most], "BODY.PEEK[]")
    for uid, size in sizes.items():
        body = bodies.get(uid)
        if isinstance(body, bytes):
            yield Mail(uid, body)
        elif size > most:
            why = _("The mail has %(size)s MB, more than is taken.") % {"size": f"{size / 1_000_000:.1f}"}
            yield _left(client, uid, why)
        elif client.search(["UID", str(uid)]):
            why = _("The mail server does not hand the mail over.")
            yield _left(client, uid, f"{why} ({body})" if body else why)


def _fetch(client: IMAPClient, uids: Sequence[int], item: str) -> dict[int, bytes | int | str]:
    """One item of each mail; of a mail that the server refuses, its words; nothing of one that is gone."""
    if not uids:
        return {}
    try:
        fetched = client.fetch(uids, [item])
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if len(uids) == 1:
            return {uids[0]: str(error)}
        return {uid: found for one in uids for uid, found in _fetch(client, [one], item).items()}
    name = item.replace(".PEEK", "").encode()
    return {uid: data[name] for uid, data in fetched.items() if data.get(name) is not None}


def _left(client: IMAPClient, uid: int, why: str) -> Mail:
    where = _("It stays in the mailbox with a flag, under UID %(uid)s.") % {"uid": uid}
    header = _fetch(client, [uid], "BODY.PEEK[HEADER]").get(uid)
    raw = stand_in(header if isinstance(header, bytes) else b"", reason=f"{why} {where}")
    return Mail(uid, raw, whole=False)
