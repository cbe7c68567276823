"""What a digest proves, and how often: by a clock that is set, with the secret of one telephone."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from aiosipua.auth import SipDigestAuth
from aiosipua.message import SipMessage, SipRequest, SipResponse

from madoguchi.channels.phone import registrar
from madoguchi.channels.phone.registrar import NONCE_SECONDS, Registrar
from madoguchi.channels.phone.tests.handset import proof_of
from madoguchi.voice.sip_phones import REALM, _md5

PHONE = ("192.0.2.7", 5062)
HA1 = _md5(f"tel-1:{REALM}:secret")


class Gateway:
    """A registrar of a process of its own, which asks no database but looks at the digest; and a telephone."""

    def __init__(self) -> None:
        self.now, self.said = 1_000_000.0, list[SipResponse]()
        self.registrar = Registrar(
            self._ask, lambda _asked, said, _to: self.said.append(said), lambda: self.now
        )

    async def _ask(self, _company: int | None, work: Callable[[], bool]) -> bool:
        assert isinstance(work, partial)
        await asyncio.sleep(0)
        return bool(work.args[0].fits(HA1))

    def hear(self, *proofs: str, uri: str = "sip:pbx.example") -> list[int]:
        """What is answered to registrations that come at once."""
        before = len(self.said)

        async def all_of_them() -> None:
            asked = [
                self.registrar.hear(key, self._asked(proof, uri), PHONE) for key, proof in enumerate(proofs)
            ]  # type: ignore[arg-type]
            await asyncio.gather(*asked)

        asyncio.run(all_of_them())
        return [one.status_code for one in self.said[before:]]

    def proof(
        self, *, count: int = 1, secret: str = "secret", uri: str = "sip:pbx.example"
    ) -> Callable[..., str]:
        """Words that prove, with a new nonce."""
        assert self.hear("") == [401]
        asked = self.said[-1].get_header("WWW-Authenticate") or ""

        def made(*, count: int = count, secret: str = secret) -> str:
            return proof_of(SipDigestAuth("tel-1", secret), asked, uri, count=count)

        return made

    @staticmethod
    def _asked(proof: str, uri: str) -> SipRequest:
        lines = [
            f"REGISTER {uri} SIP/2.0",
            "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1;rport",
            "From: <sip:tel-1@pbx.example>;tag=1",
            "To: <sip:tel-1@pbx.example>",
            "Call-ID: 1",
            "CSeq: 1 REGISTER",
            "Contact: <sip:desk@192.0.2.7:5062>;expires=120",
            *([proof] if proof else []),
        ]
        found = SipMessage.parse("\r\n".join([*lines, "", ""]).encode())
        assert isinstance(found, SipRequest)
        return found


def test_what_one_process_was_proved_proves_nothing_to_another() -> None:
    ours, other = Gateway(), Gateway()
    proof = ours.proof()()

    assert ours.hear(proof) == [200]
    assert other.hear(proof) == [401]
    assert "stale=true" in (other.said[-1].get_header("WWW-Authenticate") or "")


def test_a_count_is_used_up_by_what_was_right_alone_and_once_of_two_at_once() -> None:
    gateway = Gateway()
    made = gateway.proof()

    assert gateway.hear(made(secret="guessed", count=9)) == [403]
    assert gateway.hear(made(), made()) == [200]
    assert gateway.hear(made()) == [401]
    assert gateway.hear(made(count=2)) == [200]


def test_where_many_are_counted_only_those_that_are_over_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrar, "MOST_NONCES", 2)
    gateway = Gateway()
    old = gateway.proof()()
    assert gateway.hear(old) == [200]
    gateway.now += NONCE_SECONDS
    kept = [gateway.proof()() for _each in range(3)]
    gateway.now += 1

    assert [gateway.hear(one) for one in kept] == [[200]] * 3
    assert [gateway.hear(one) for one in kept] == [[401]] * 3
    assert len(gateway.registrar._counts) == 3


def test_a_digest_of_another_address_is_not_taken() -> None:
    gateway = Gateway()

    assert gateway.hear(gateway.proof(uri="sip:other.example")()) == [400]
    assert gateway.hear(gateway.proof()()) == [200]
