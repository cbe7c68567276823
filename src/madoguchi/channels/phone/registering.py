"""Registering at carriers that want it (RFC 3261 10): asked for again before it expires, how it stands written down."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiosipua.auth import SipDigestAuth, answer_challenge
from aiosipua.message import SipRequest, SipResponse
from aiosipua.utils import bracket_ipv6, format_addr, generate_call_id, generate_tag

from madoguchi.channels.phone.calling import CHALLENGES, dialled, first_request
from madoguchi.channels.phone.models import TrunkRegistration
from madoguchi.channels.phone.sip import Address, SipDoor, key_of
from madoguchi.channels.phone.timers import whole_number
from madoguchi.channels.phone.trunks import Trunk
from madoguchi.kernel import clock

logger = structlog.get_logger()
WISHED, LEAST, MOST = 300, 30, 86_400
# After a failure it is tried again after so many seconds, ever more slowly.
FIRST_PAUSE, LONGEST_PAUSE = 30, 600
# Of what is granted so much goes by before it is asked for anew.
SHARE = 0.8
State = TrunkRegistration.State


@dataclass(frozen=True, slots=True)
class Standing:
    """How a registration stands: by which answer, and for how many seconds it is granted."""

    state: str
    code: int = 0
    seconds: int = 0


class Registration:
    """One account at a carrier, kept registered until `end`. `told` hears how it stands whenever that was asked."""

    def __init__(self, door: SipDoor, trunk: Trunk, told: Callable[[Standing], None]) -> None:
        self._door, self._trunk, self._told = door, trunk, told
        self.call_id = generate_call_id(bracket_ipv6(trunk.host))
        self._tag, self._count, self._wished = generate_tag(), 0, WISHED
        self._pause = FIRST_PAUSE
        self._asked: SipRequest | None = None
        self._place: Address | None = None
        self._proved = self._shortened = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Ask for it."""
        self._proved = self._shortened = False
        self._ask()

    def end(self) -> None:
        """Ask no more."""
        if self._timer:
            self._timer.cancel()

    def expects(self, source: Address) -> bool:
        """Whether what comes from there may be about it."""
        return source[0] == self._trunk.host

    def replied(self, response: SipResponse) -> None:
        """The carrier answered."""
        code = response.status_code
        if self._asked is None or key_of(response) != key_of(self._asked) or code < 200:
            return
        if code < 300:
            self._granted(response)
        elif code in CHALLENGES and (proof := self._proof(response)):
            self._proved = True
            self._ask(proof)
        elif code == 423 and not self._shortened:
            self._shortened = True
            self._wished = min(max(whole_number(response.get_header("Min-Expires")), WISHED), MOST)
            self._ask()
        else:
            logger.error("phone_registration_refused", trunk=self._trunk.host, code=code)
            self._failed(Standing(State.REFUSED, code), whole_number(response.get_header("Retry-After")))

    def _granted(self, response: SipResponse) -> None:
        seconds = self._seconds(response)
        self._pause = FIRST_PAUSE
        self._later(max(LEAST, seconds * SHARE))
        self._told(Standing(State.REGISTERED, response.status_code, seconds))

    def _seconds(self, response: SipResponse) -> int:
        """For how long our own binding is granted: others of the account may stand beside it. A carrier may have
        written ours anew, as it sees us; then the shortest counts.
        """
        named = [one for one in response.contact if one.uri.user == dialled(self._trunk.number)]
        here = [one for one in named if (one.uri.host, one.uri.port or 5060) == self._place]
        written = [whole_number(one.params.get("expires")) for one in here or named or response.contact]
        general = whole_number(response.get_header("Expires")) or self._wished
        return min(MOST, min(filter(None, written), default=general))

    def _failed(self, standing: Standing, after: int = 0) -> None:
        self._later(max(after, self._pause))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._told(standing)

    def _unheard(self) -> None:
        logger.error("phone_registration_unanswered", trunk=self._trunk.host)
        self._failed(Standing(State.SILENT))

    def _later(self, seconds: float) -> None:
        self.end()
        self._timer = asyncio.get_running_loop().call_later(min(seconds, MOST), self.begin)

    def _proof(self, response: SipResponse) -> tuple[str, str] | None:
        stale = "stale=true" in (response.get_header("WWW-Authenticate") or "").replace('"', "").lower()
        if self._proved and not stale:
            return None
        who = SipDigestAuth(self._trunk.user, self._trunk.password)
        assert self._asked is not None
        return answer_challenge(who, response, response.status_code, "REGISTER", str(self._asked.uri))

    def _ask(self, proof: tuple[str, str] | None = None) -> None:
        self._place = self._door.shown(self._trunk.address)
        self._count += 1
        place = self._trunk.domain or format_addr(*self._trunk.address)
        account = f"<sip:{self._trunk.user}@{place}>"
        lines = {
            "From": f"{account};tag={self._tag}",
            "To": account,
            "Call-ID": self.call_id,
            "CSeq": f"{self._count} REGISTER",
            "Contact": f"<sip:{dialled(self._trunk.number)}@{format_addr(*self._place)}>",
            "Expires": str(self._wished),
        }
        request = first_request("REGISTER", f"sip:{place}", lines, here=self._place)
        if proof:
            request.headers.append(*proof)
        self._asked = request
        self._door.ask(self)
        self._door.said.send_request(request, self._trunk.address, give_up=self._unheard)


def write_standing(trunk: Trunk, standing: Standing) -> None:
    """Write down how it stands, for whoever looks after the installation."""
    now = clock.now()
    until = now + timedelta(seconds=standing.seconds) if standing.seconds else None
    values = {"state": standing.state, "code": standing.code, "at": now, "until": until}
    TrunkRegistration.objects.update_or_create(name=trunk.name, defaults={"number": trunk.number, **values})


def registrations(
    door: SipDoor, trunks: tuple[Trunk, ...], put: Callable[[Callable[[], object]], None]
) -> list[Registration]:
    """Those of the trunks that want it; `put` has written down how they stand."""
    return [
        Registration(door, one, lambda standing, one=one: put(partial(write_standing, one, standing)))  # type: ignore[misc]
        for one in trunks
        if one.number
    ]
