"""How many calls and other requests one source may make, so that a flood of them keeps nobody else out; and
which addresses are heard.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from time import monotonic

Networks = Sequence[IPv4Network | IPv6Network]
MOST_SOURCES = 10_000


@dataclass(slots=True)
class _Bucket:
    calls: float
    requests: float
    at: float


@dataclass(slots=True)
class Pace:
    """So many calls, and so many requests in all, a second; for a moment twice as many."""

    calls: float = 20
    requests: float = 100
    clock: Callable[[], float] = monotonic
    _known: dict[str, _Bucket] = field(default_factory=dict)

    def allows(self, source: str, *, call: bool) -> bool:
        """Whether one more request of this source is taken; it counts if it is."""
        now = self.clock()
        if len(self._known) > MOST_SOURCES:
            self._known.clear()
        bucket = self._known.setdefault(source, _Bucket(self.calls * 2, self.requests * 2, now))
        passed, bucket.at = now - bucket.at, now
        bucket.calls = min(self.calls * 2, bucket.calls + passed * self.calls)
        bucket.requests = min(self.requests * 2, bucket.requests + passed * self.requests)
        if bucket.requests < 1 or (call and bucket.calls < 1):
            return False
        bucket.requests -= 1
        bucket.calls -= call
        return True


def is_in(host: str, networks: Networks) -> bool:
    """Whether an address is of one of these networks; a name is of none."""
    with suppress(ValueError):
        return any(ip_address(host) in network for network in networks)
    return False
