"""A SIP telephone of one of ours, for tests: it registers, and is called."""

import re
import uuid

from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import parse_auth, stringify_auth

from madoguchi.channels.phone.tests.customer import Customer


def proof_of(who: SipDigestAuth, asked: str, uri: str, *, count: int) -> str:
    """The line that proves who registers at an address, to who asked so."""
    made = build_credentials(who, parse_auth(asked), "REGISTER", uri, nonce_count=count)
    assert made is not None
    return f"Authorization: {stringify_auth(made)}"


class Handset(Customer):
    """Registers at a gateway under a name, and answers what rings."""

    def __init__(self, gateway: int, name: str, secret: str) -> None:
        super().__init__()
        self.gateway, self.who = ("127.0.0.1", gateway), SipDigestAuth(name, secret)

    def ask_to_register(self, *more: str, expires: int = 120, host: str = "127.0.0.1") -> None:
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.sip_port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: <sip:{self.who.username}@127.0.0.1>;tag={self.tag}",
            f"To: <sip:{self.who.username}@127.0.0.1>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.count + 1} REGISTER",
            f"Contact: <sip:desk@{host}:{self.sip_port};ob>;expires={expires}",
            "User-Agent: Handset 1",
            *more,
            "Content-Length: 0",
        ]
        self.count += 1
        self.sip.transport.sendto("\r\n".join([*lines, "", ""]).encode(), self.gateway)

    async def register(self, *, expires: int = 120, host: str = "127.0.0.1") -> int:
        """Ask, prove, and return the status of the last answer."""
        self.ask_to_register(expires=expires, host=host)
        asked = await self.answer(401)
        self.ask_to_register(self.proof(asked), expires=expires, host=host)
        return int((await self.answer(200, 401, 403, 423, 503)).split()[1])

    def proof(self, asked: str, *, count: int = 1) -> str:
        found = re.search(r"(?m)^WWW-Authenticate: (.*?)\r?$", asked)
        assert found is not None
        return proof_of(self.who, found[1], "sip:127.0.0.1", count=count)

    def holds(self, *, on: bool) -> None:
        """A new offer within the call, by which the line is held, or not any more."""
        way = "sendonly" if on else "sendrecv"
        self.send(self.within("INVITE", sdp=f"{self.offer()}a={way}\r\n"))
