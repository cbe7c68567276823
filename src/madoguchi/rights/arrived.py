"""Which arrivals that became no message came from somebody: told by whom they name as their writer, never by a word
of what they say. An address in a mail, or one that ends like another, makes it nobody's.
"""

from collections.abc import Iterable, Iterator

import structlog

from madoguchi.channels.email.parse import writers_of
from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.channels import reader_of
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import IdentityKind, canonical, is_line_user, is_visitor

# The head of a mail stands at its beginning; nobody has one that is longer. One form may bring all its files.
_MOST_HEAD = 1 << 18
_AT_ONCE = 100
_WAITING = """
    SELECT arrival.id, arrival.channel FROM intake_arrival AS arrival
    WHERE arrival.company_id = %s::bigint AND arrival.message_id IS NULL ORDER BY arrival.id
"""
_HEADS = """
    SELECT arrival_id, substring(content FROM 1 FOR %s::int) FROM intake_rawarrival
    WHERE arrival_id = ANY(%s::bigint[])
"""
_WHOLE = "SELECT content FROM intake_rawarrival WHERE arrival_id = %s::bigint"
Known = tuple[str, str]
logger = structlog.get_logger()


def unattached_of(known: Iterable[Known], *, company: int) -> set[int]:
    """The arrivals of a company that became no message and were written by who is known by one of these: pairs of the
    kind of an address and its canonical form.
    """
    wanted = set(known)
    return {arrival for arrival, writers in _all_writers(company) if not wanted.isdisjoint(writers)}


def _all_writers(company: int) -> Iterator[tuple[int, set[Known]]]:
    rows = fetch_all(_WAITING, [company])
    mails = [arrival for arrival, channel in rows if channel == Channel.EMAIL]
    for at in range(0, len(mails), _AT_ONCE):
        for arrival, head in fetch_all(_HEADS, [_MOST_HEAD, mails[at : at + _AT_ONCE]]):
            yield arrival, {_mail(address) for address in writers_of(bytes(head))}
    for arrival, channel in rows:
        if channel != Channel.EMAIL:
            for (content,) in fetch_all(_WHOLE, [arrival]):
                yield arrival, _writer(channel, bytes(content), arrival)


def _writer(channel: str, raw: bytes, arrival: int) -> set[Known]:
    """Who sent a form, chatted or called. What nobody can read, is nobody's."""
    try:
        inbound = reader_of(channel).read(raw, own_addresses=())
    except Exception:
        logger.info("arrival_of_nobody", arrival=arrival, exc_info=True)
        return set()
    address = inbound.sender.address
    if channel == Channel.PHONE:
        return (
            {(IdentityKind.PHONE, canonical(IdentityKind.PHONE, inbound.phone))} if inbound.phone else set()
        )
    if is_line_user(address):
        return {(IdentityKind.LINE, address)}
    return {(IdentityKind.WEB, address) if is_visitor(address) else _mail(address)} if address else set()


def _mail(address: str) -> Known:
    return IdentityKind.EMAIL, canonical(IdentityKind.EMAIL, address)
