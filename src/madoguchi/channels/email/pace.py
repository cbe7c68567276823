"""How fast mail leaves through one server, by all workers together: counted in the server's own row, by one UPDATE.

What comes too early is held back, which is no failure: it gets a turn of its own, as far behind the last one as the
rate asks. A server that says that we are too fast is left alone for a while, twice as long each time.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from zlib import crc32

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F

from madoguchi.channels.email.models import SmtpServer
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import HeldBack, TemporaryFailure

_LOCK_SPACE = 7432
_MOST_AT_ONCE = 64
_FIRST_REST, _LONGEST_REST = timedelta(minutes=1), timedelta(minutes=32)
# A tenth of a minute's mails may leave in one go; after that they follow one another evenly.
_STOCK = "GREATEST(per_minute / 10.0, 1)"
_NOW_THERE = (
    f"LEAST({_STOCK}, allowance + per_minute * GREATEST(EXTRACT(EPOCH FROM %(now)s - counted_at), 0) / 60.0)"
)
_TAKE = f"""
    UPDATE email_smtpserver SET allowance = {_NOW_THERE} - 1, counted_at = GREATEST(counted_at, %(now)s)
    WHERE id = %(server)s AND (resting_until IS NULL OR resting_until <= %(now)s) AND {_NOW_THERE} >= 1
    RETURNING id
"""  # noqa: S608 - our own words
_NEXT_TURN = """
    UPDATE email_smtpserver
    SET turn_at = GREATEST(turn_at, resting_until, %(now)s)
        + interval '1 minute' / COALESCE(NULLIF(per_minute, 0), 60 * GREATEST(at_once, 1))
    WHERE id = %(server)s RETURNING turn_at, resting_until
"""
_ADDRESS = re.compile(r"<[^<>@]*+@[^<>]*+>|(?<![^\s<>()])[^\s<>()@]*+@[^\s<>()]*+")
# Code and enhanced code (RFC 3463) at the beginning: later numbers may be parts of an IP address.
_CODES = re.compile(r"(4\d\d)[ -]*(?:(4\.\d{1,3}\.\d{1,3})(?![.\d]))?")
_CLOSING = "421"
_ONE_MAIL_LATER = re.compile(r"\bgr[ea]y-?list", re.IGNORECASE)
_OF_A_RECIPIENT = re.compile(r"\bmailbox\b|\bover ?quota\b|\brecipients?\b|\buser\b", re.IGNORECASE)
_TOO_FAST = re.compile(
    r"\brate[ -]?limit(?:s|ed|ing)?\b|\bthrottl(?:ed|ing)\b|\bslow down\b|\btoo fast\b|\btoo much mail\b"
    r"|\btoo many (?:\w+ )?(?:connections|sessions|messages|mails|e-?mails)\b"
    r"|\b(?:server|system) (?:is )?(?:too )?busy\b",
    re.IGNORECASE,
)


@contextmanager
def in_turn(server: SmtpServer) -> Iterator[None]:
    """The server for one mail, when it is time for one. Raises HeldBack when it is not."""
    with _one_of(server):
        with scope.acting_for([server.company_id]):
            held = _take_turn(server)
        if held:  # raised here, for an error would undo the turn that was given
            raise held
        try:
            yield
        except TemporaryFailure as failure:
            if is_too_fast(failure.response):
                _rest(server)
            raise
        _rested(server)


def is_too_fast(answer: str) -> bool:
    """Whether a server asks us for fewer mails, and not (as greylisting does) for the same one later, nor speaks of
    a recipient. An address counts for nothing, whatever words it is made of.
    """
    said = _ADDRESS.sub("", answer)
    codes = _CODES.match(said)
    if codes is None or _ONE_MAIL_LATER.search(said):
        return False
    code, enhanced = codes[1], codes[2] or ""
    if code == _CLOSING:
        return True
    if enhanced.startswith(("4.1.", "4.2.")) or _OF_A_RECIPIENT.search(said):
        return False
    # 4.7.1 is what policies say of one mail, too.
    by_code = enhanced == "4.3.2" or (enhanced.startswith("4.7.") and enhanced != "4.7.1")
    return by_code or bool(_TOO_FAST.search(said))


def _take_turn(server: SmtpServer) -> HeldBack | None:
    now = clock.now()
    if not server.per_minute and (server.resting_until is None or server.resting_until <= now):
        return None
    with connection.cursor() as cursor:
        values: dict[str, int | datetime] = {"server": server.pk, "now": now}
        if server.per_minute:
            cursor.execute(_TAKE, values)
            if cursor.fetchone():
                return None
        cursor.execute(_NEXT_TURN, values)
        turn_at, resting = cursor.fetchone()
    return _held_back(server, turn_at, resting=resting is not None and resting > now)


def _held_back(server: SmtpServer, until: datetime, *, resting: bool) -> HeldBack:
    why = "it asked us to slow down" if resting else f"{server.per_minute} mails a minute leave through it"
    return HeldBack(f"held back for {server.host}: {why}", until=until)


@contextmanager
def _one_of(server: SmtpServer) -> Iterator[None]:
    """One of the connections that may be open at once. A lock ends with its process, so none stays taken."""
    place = _free_place(server)
    if place is None:
        raise _behind_the_others(server)
    try:
        yield
    finally:
        _give_back(place)


def _behind_the_others(server: SmtpServer) -> HeldBack:
    """Those that wait for a connection come back one after another, and not all in the same moment."""
    with scope.acting_for([server.company_id]), connection.cursor() as cursor:
        cursor.execute(_NEXT_TURN, {"server": server.pk, "now": clock.now()})
        turn_at, _resting = cursor.fetchone()
    why = f"{_most_at_once(server)} connections are open"
    return HeldBack(f"held back for {server.host}: {why}", until=turn_at)


def _most_at_once(server: SmtpServer) -> int:
    most: int = settings.SENDING_PER_SERVER
    return min(server.at_once or most, most)


def _free_place(server: SmtpServer) -> int | None:
    """Counted by company and host: many addresses of a company may share a server that does not answer."""
    host = crc32(f"{server.company_id} {server.host.lower()} {server.port}".encode())
    places = (host * _MOST_AT_ONCE + n for n in range(_most_at_once(server)))
    return next((place for place in places if _lock("pg_try_advisory_lock", place)), None)


def _lock(function: str, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_LOCK_SPACE, place % 2**31])
        return bool(cursor.fetchone()[0])


def _rest(server: SmtpServer) -> None:
    until = clock.now() + min(_LONGEST_REST, _FIRST_REST * 2 ** min(server.rests, 5))
    with scope.acting_for([server.company_id]):
        SmtpServer.objects.filter(pk=server.pk).update(resting_until=until, rests=F("rests") + 1)


def _rested(server: SmtpServer) -> None:
    """The server took a mail. Whatever happens here must not hide that."""
    if server.rests:
        with suppress(DatabaseError), scope.acting_for([server.company_id]):
            SmtpServer.objects.filter(pk=server.pk).update(rests=0)


def _give_back(place: int) -> None:
    """A connection that has gone took its locks along, and must not hide what became of the mail either."""
    with suppress(DatabaseError):
        _lock("pg_advisory_unlock", place)
