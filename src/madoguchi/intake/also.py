"""What packages above this one do with a message in the transaction in which it is taken in."""

from collections.abc import Callable, Collection

import structlog
from django.db import transaction

from madoguchi.kernel.channel import Channel

logger = structlog.get_logger()
Hears = Callable[[int], object]
_hearing: list[tuple[Collection[Channel], Hears]] = []


def also_heard(by: Hears, *, channels: Collection[Channel]) -> None:
    """Let this, too, hear each message (by id) of these channels, before anybody is told that it was taken in."""
    _hearing.append((channels, by))


def hear(message: int, channel: Channel) -> None:
    """Somebody said something. What fails in hearing it is undone alone: the message stays."""
    for channels, heard in _hearing:
        if channel not in channels:
            continue
        try:
            with transaction.atomic():
                heard(message)
        except Exception:
            logger.warning("not_heard_at_once", message=message, exc_info=True)
