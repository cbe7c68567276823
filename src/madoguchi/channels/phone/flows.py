"""What callers meet at a number, with the recordings that there are: those that come along, and the company's own."""

from collections.abc import Mapping

import structlog

from madoguchi.channels.phone import sounds
from madoguchi.companies.models import EntryPoint
from madoguchi.voice.announcements import newest_of, sound_of, sounds_there
from madoguchi.voice.flow import Flow, FlowError, read
from madoguchi.voice.models import Announcement
from madoguchi.voice.queries import flow_numbered, flow_of
from madoguchi.voice.ready import USUAL

logger = structlog.get_logger()


def flow_in_force(point: EntryPoint) -> tuple[Flow, int]:
    """What a number leads to, and the number of that version. One that cannot be used any more, as when a recording is
    gone, gives way to the built-in one.
    """
    there = sounds_there(point.company_id, sounds.is_there)
    try:
        return flow_of(point, sounds=there)
    except FlowError as error:
        logger.error("phone_flow_unusable", entry_point=point.pk, problem=str(error))
        return read(USUAL, sounds=there), 0


def flow_that_was(point: EntryPoint, version: int) -> Flow:
    """The flow by which a call goes that began so."""
    return flow_numbered(point, version, sounds=lambda _name: True)


def own_sounds(company: int) -> Mapping[str, Announcement]:
    """The company's own recordings by their names; they are heard in place of those that come along."""
    return {one.name: one for one in newest_of(company)}


def learn_sounds(company: int) -> Mapping[str, str]:
    """Have the company's own recordings at hand; under which name each is to be played."""
    found = {name: one.digest for name, one in own_sounds(company).items()}
    for digest in set(found.values()):
        if not sounds.is_known(digest) and (samples := sound_of(company, digest)):
            sounds.learn(digest, samples, company=company)
    return {name: digest for name, digest in found.items() if sounds.is_known(digest)}
