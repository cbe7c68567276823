"""How long a call counts as there without a word from the other side (session timers, RFC 4028). Pure.

Carriers refresh calls by UPDATE (RFC 3311) or a new INVITE, or want us to. We do so by UPDATE alone, and only where
they take it.
"""

from dataclasses import dataclass

from aiosipua.message import SipRequest, SipResponse

LEAST = 90
MOST = 24 * 60 * 60
OPTION = "timer"
_LAST = 32


@dataclass(frozen=True, slots=True)
class Timer:
    """So many seconds a call counts as there, and whether it is refreshed by us (`ours`); `known` says that the other
    side knows of timers itself.
    """

    seconds: int
    ours: bool
    known: bool

    @property
    def waits(self) -> float:
        """In how many seconds we refresh the call; or give it up where the other side did not (RFC 4028 10)."""
        return self.seconds / 2 if self.ours else self.seconds - min(_LAST, self.seconds / 3)

    def write(self, response: SipResponse) -> None:
        """Say so in an answer."""
        refresher = "uas" if self.ours else "uac"
        response.headers.set_single("Session-Expires", f"{self.seconds};refresher={refresher}")
        if self.known:
            response.headers.set_single("Require", OPTION)


def listed(message: SipRequest | SipResponse, *names: str) -> set[str]:
    """What stands in headers that are lists."""
    lines = (line for name in names for line in message.headers.get(name))
    return {one.strip().lower() for line in lines for one in line.split(",") if one.strip()}


def whole_number(written: str | None, otherwise: int = 0) -> int:
    """What a header says, where that is a whole number of nine digits at most."""
    known = written and written.isascii() and written.isdecimal() and len(written) < 10
    return int(written) if written and known else otherwise


def is_too_brief(request: SipRequest) -> bool:
    """Whether it is to be refreshed more often than we like."""
    seconds, _refresher = _asked(request)
    return 0 < seconds < LEAST


def agreed(request: SipRequest, *, may_refresh: bool) -> Timer | None:
    """What is agreed with who asks for a timer, or with somebody on the way who does; None where nothing is, as where
    they will not refresh the call and we cannot (`may_refresh`, and they take UPDATE).
    """
    seconds, refresher = _asked(request)
    if not seconds:
        return None
    known = OPTION in listed(request, "supported", "k", "require")
    ours = refresher == "uas" or not known
    if ours and not (may_refresh and "update" in listed(request, "allow")):
        return None
    return Timer(min(seconds, MOST), ours, known)


def _asked(request: SipRequest) -> tuple[int, str]:
    written = next(iter([*request.headers.get("session-expires"), *request.headers.get("x")]), "")
    seconds, *parts = (part.strip().lower() for part in written.split(";"))
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 10):
        return 0, ""
    said = (part.partition("=") for part in parts)
    return int(seconds), next((value.strip() for name, _, value in said if name.strip() == "refresher"), "")
