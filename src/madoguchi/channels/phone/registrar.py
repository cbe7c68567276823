"""Where SIP telephones of people of ours register: asked for their secret by digest, and remembered until they expire.

A nonce is signed, by this process and for the machine that asked for it alone, so nobody keeps them. What was proved
once with one is not proved by the same words again, at no other process either.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any

import structlog
from aiosipua.headers import AuthChallenge, parse_auth, parse_uri, stringify_auth, stringify_uri
from aiosipua.message import SipRequest, SipResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from madoguchi.channels.phone.sip import Address, Key, answer_to
from madoguchi.channels.phone.timers import whole_number
from madoguchi.infra.limits import TooOften
from madoguchi.voice.sip_phones import REALM, Claim, Reached, register

logger = structlog.get_logger()
SALT = "madoguchi.channels.phone.registrar"
NONCE_SECONDS = 300
LEAST, USUAL, MOST = 60, 300, 3600
MOST_NONCES = 10_000
LONGEST_CONTACT, LONGEST_AGENT, LONGEST_WORD = 300, 80, 200
Ask = Callable[[int | None, Callable[[], bool]], Awaitable[bool | None]]
Reply = Callable[[SipRequest, SipResponse, Address], None]


class Unusable(ValueError):
    """A registration that cannot be taken, whoever asks for it."""


class Registrar:
    """Hears REGISTER. `ask` has the database asked (None while it is away), `reply` answers."""

    def __init__(self, ask: Ask, reply: Reply, now: Callable[[], float] = time.time) -> None:
        self._ask, self._reply, self._now = ask, reply, now
        self._own = secrets.token_hex(16)
        self._counts: dict[str, int] = {}
        self._proving: set[str] = set()
        self._busy: set[Key] = set()

    async def hear(self, key: Key, request: SipRequest, source: Address) -> None:
        """Answer one; what comes again meanwhile is answered with it."""
        if key in self._busy:
            return
        self._busy.add(key)
        try:
            await self._answer(request, source)
        except Unusable as error:
            logger.info("phone_registration_unusable", source=source[0], error=str(error)[:200])
            self._say(request, source, 400)
        finally:
            self._busy.discard(key)

    async def _answer(self, request: SipRequest, source: Address) -> None:
        claim = _claim(request)
        if claim and claim.uri != request.uri:
            raise Unusable("a digest of another address (RFC 7616, 3.4.6)")
        if claim and claim.nonce in self._proving:
            return
        if claim is None or not self._is_fresh(claim, source[0]):
            asked = {"realm": REALM, "nonce": self._nonce(source[0]), "algorithm": "MD5", "qop": "auth"}
            asked |= {"stale": "true"} if claim else {}
            words = stringify_auth(AuthChallenge("Digest", asked))
            self._say(request, source, 401, ("WWW-Authenticate", words))
            return
        seconds, contact = _wish(request)
        if 0 < seconds < LEAST:
            self._say(request, source, 423, ("Min-Expires", str(LEAST)))
            return
        host, port = _way(contact, source)
        agent = (request.get_header("User-Agent") or "")[:LONGEST_AGENT]
        reached = Reached(claim.name, contact, host, port, agent)
        work = partial(register, claim, reached, seconds=seconds, source=source[0])
        # Two at once are not both proved by one count: the other comes again.
        self._proving.add(claim.nonce)
        try:
            right = await self._ask(None, work)
        except TooOften:
            logger.warning("phone_registration_blocked", source=source[0], name=claim.name)
            self._say(request, source, 403)
            return
        finally:
            self._proving.discard(claim.nonce)
        if right is None:
            self._say(request, source, 503, ("Retry-After", "5"))
        elif not right:
            logger.warning("phone_registration_refused", source=source[0], name=claim.name)
            self._say(request, source, 403)
        else:
            self._keep_count(claim)
            there = [("Contact", f"<{contact}>;expires={seconds}")] if seconds else []
            self._say(request, source, 200, *there, ("Expires", str(seconds)))

    def _say(self, request: SipRequest, source: Address, code: int, *more: tuple[str, str]) -> None:
        response = answer_to(request, code)
        for name, value in more:
            response.headers.append(name, value)
        self._reply(request, response, source)

    def _nonce(self, host: str) -> str:
        begun = f"{int(self._now()):x}.{secrets.token_hex(8)}"
        return f"{begun}.{self._signed(begun, host)}"

    def _is_fresh(self, claim: Claim, host: str) -> bool:
        """Whether its nonce is ours, of late and for this machine, and was not used so often before."""
        begun, _dot, signature = claim.nonce.rpartition(".")
        if not constant_time_compare(self._signed(begun, host), signature):
            return False
        return not self._is_over(claim.nonce) and int(claim.count, 16) > self._counts.get(claim.nonce, 0)

    def _is_over(self, nonce: str) -> bool:
        return not 0 <= self._now() - int(nonce.partition(".")[0], 16) <= NONCE_SECONDS

    def _keep_count(self, claim: Claim) -> None:
        if len(self._counts) >= MOST_NONCES:
            self._counts = {nonce: count for nonce, count in self._counts.items() if not self._is_over(nonce)}
        self._counts[claim.nonce] = int(claim.count, 16)

    def _signed(self, begun: str, host: str) -> str:
        return salted_hmac(SALT, f"{self._own} {begun} {host}", algorithm="sha256").hexdigest()[:32]


def _claim(request: SipRequest) -> Claim | None:
    """What is said of who it is; None where nothing is said to us. Raises Unusable."""
    for line in request.headers.get("authorization"):
        said: dict[str, Any] = {}
        with suppress(Exception):
            said = parse_auth(line).params
        if said.get("realm") != REALM:
            continue
        names = ("username", "uri", "nonce", "nc", "cnonce", "response")
        name, uri, nonce, count, own, response = (str(said.get(one, "")) for one in names)
        if (
            max(map(len, (name, uri, nonce, count, own, response))) > LONGEST_WORD
            or said.get("qop") != "auth"
        ):
            raise Unusable("a digest that is not understood")
        with suppress(ValueError):
            int(count, 16)
            return Claim(name, request.method, uri, nonce, count, own, response)
    return None


def _wish(request: SipRequest) -> tuple[int, str]:
    """For how many seconds the telephone wishes to be reached, and where; 0 where no more. Raises Unusable."""
    contacts = request.contact if (request.get_header("Contact") or "").strip() != "*" else []
    general = whole_number(request.get_header("Expires"), USUAL)
    if not contacts:
        if general == 0 and request.get_header("Contact"):
            return 0, ""
        raise Unusable("no contact")
    first = contacts[0]
    uri = first.uri
    contact = stringify_uri(uri)
    if (
        uri.scheme != "sip"
        or (uri.params.get("transport") or "udp").lower() != "udp"
        or len(contact) > LONGEST_CONTACT
    ):
        raise Unusable("a contact that is not reached by UDP")
    return min(whole_number(first.params.get("expires"), general), MOST), contact


def _way(contact: str, source: Address) -> Address:
    """Where it is rung: at its contact, where that is at the machine that registers; else, as behind NAT, where that
    came from. Nobody has us call somebody else.
    """
    if not contact:
        return source
    place = parse_uri(contact)
    with suppress(ValueError):
        if ip_address(place.host.strip("[]")) == ip_address(source[0]):
            return source[0], place.port or 5060
    return source
