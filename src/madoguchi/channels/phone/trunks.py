"""Trunks by which calls go out: where each is, who we are there, which numbers it shows, and which is asked first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import unquote, urlsplit

Address = tuple[str, int]
# A trunk that did not answer is asked after all others for so many seconds.
AVOIDED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Trunk:
    """Where calls go out: the address of the carrier, PBX or proxy, and who we are there, if that is asked for.

    `shows` are beginnings of those numbers of ours that it shows to who is called; without any, it shows those that no
    other trunk names. Where we have to register, that is for a `number` of ours (E.164), at a `domain` if that is not
    its address.
    """

    host: str
    port: int = 5060
    user: str = ""
    password: str = field(default="", repr=False)
    shows: tuple[str, ...] = ()
    number: str = ""
    domain: str = ""

    @property
    def name(self) -> str:
        """By which our account there is known."""
        return f"{self.user}@{self.domain or self.host}"

    @property
    def address(self) -> Address:
        """As a datagram goes there."""
        return self.host, self.port


def trunks_of(addresses: str) -> tuple[Trunk, ...]:
    """The trunks that these addresses name, with spaces between (`sip://user:password@host:port;shows=+8131,+8150`)."""
    return tuple(map(_trunk_of, addresses.split()))


def _trunk_of(address: str) -> Trunk:
    who, at, place = address.rpartition("@")
    place, *more = place.split(";")
    parts = urlsplit(who + at + place)
    said = dict(one.partition("=")[::2] for one in more)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    shows = tuple(said["shows"].split(",")) if "shows" in said else ()
    number, _at, domain = said.get("register", "").partition("!")
    return Trunk(parts.hostname or "", parts.port or 5060, user, password, shows, number, domain)


def ways_for(caller: str, trunks: Iterable[Trunk]) -> list[Trunk]:
    """The trunks by which a call that shows this number may go out: first what names most of it. Pure."""
    trunks = list(trunks)
    fits = {one: max((len(s) for s in one.shows if caller.startswith(s)), default=0) for one in trunks}
    named = [one for one in trunks if fits[one]]
    return sorted(named, key=lambda one: -fits[one]) or [one for one in trunks if not one.shows]


@dataclass(slots=True)
class Tried:
    """Which trunks did not answer a short while ago."""

    clock: Callable[[], float] = monotonic
    _until: dict[Trunk, float] = field(default_factory=dict)

    def failed(self, trunk: Trunk) -> None:
        """It is asked after all others for a while."""
        self._until[trunk] = self.clock() + AVOIDED_SECONDS

    def ordered(self, ways: Iterable[Trunk]) -> list[Trunk]:
        """Those that answered last, or were not asked, before those that did not."""
        now = self.clock()
        return sorted(ways, key=lambda one: self._until.get(one, 0.0) > now)
