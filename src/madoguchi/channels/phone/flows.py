"""What callers meet at a number, with the recordings that there are."""

import structlog

from madoguchi.channels.phone import sounds
from madoguchi.companies.models import EntryPoint
from madoguchi.voice.flow import Flow, FlowError, read
from madoguchi.voice.queries import flow_numbered, flow_of
from madoguchi.voice.ready import USUAL

logger = structlog.get_logger()


def flow_in_force(point: EntryPoint) -> tuple[Flow, int]:
    """What a number leads to, and the number of that version. One that cannot be used any more, as when a recording is
    gone, gives way to the built-in one.
    """
    try:
        return flow_of(point, sounds=sounds.is_there)
    except FlowError as error:
        logger.error("phone_flow_unusable", entry_point=point.pk, problem=str(error))
        return read(USUAL, sounds=sounds.is_there), 0


def flow_that_was(point: EntryPoint, version: int) -> Flow:
    """The flow by which a call goes that began so."""
    return flow_numbered(point, version, sounds=lambda _name: True)
