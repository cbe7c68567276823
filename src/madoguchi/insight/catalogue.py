"""All figures that are defined, by name and version. Pure."""

from collections.abc import Sequence

from madoguchi.insight.calls import CALLS
from madoguchi.insight.definitions import Anything, by_name
from madoguchi.insight.judged import (
    CALIBRATION,
    COSTS,
    MARKS,
    OPINIONS,
    OUTBOUND,
    QUALITY,
    QUOTAS,
    RECALLS,
    SCORED,
    STAFF,
    SUFFERED,
    VOICES,
)
from madoguchi.insight.lost import LOST
from madoguchi.insight.solved import ASKED, COORDINATION, OVERS, PROMISES, REPLIED, SOLVED, TALKED
from madoguchi.insight.stayed import STAYED
from madoguchi.insight.tried import TRIES
from madoguchi.insight.working import OCCUPIED, SLOTS, WORK
from madoguchi.kernel.errors import NotFound

_KINDS: tuple[Sequence[Anything], ...] = (
    *(CALLS, ASKED, SOLVED, REPLIED, PROMISES, OVERS, TALKED, OCCUPIED, WORK, SLOTS, OPINIONS, QUALITY),
    *(CALIBRATION, SCORED, MARKS, STAFF, COSTS, COORDINATION, VOICES, OUTBOUND, QUOTAS, RECALLS),
    *(SUFFERED, LOST, TRIES, STAYED),
)
DEFINITIONS: tuple[Anything, ...] = tuple(one for kind in _KINDS for one in kind)
NAMES = by_name(DEFINITIONS)


def definition(name: str, version: str = "") -> Anything:
    """The definition of this name and version; the first one where no version is named. Raises NotFound."""
    for one in NAMES.get(name, ()):
        if version in ("", one.version):
            return one
    raise NotFound(f"There is no figure {name}{version and f' in a version {version}'}.")
