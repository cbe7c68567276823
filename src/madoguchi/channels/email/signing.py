"""Signing what leaves, so that receivers know it is from our domain (DKIM, RFC 6376): a key pair for each domain."""

import base64
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from madoguchi.channels.email.models import DkimKey
from madoguchi.infra import scope
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel.channel import TemporaryFailure

_BITS = 2048
_RELAXED = (b"relaxed", b"relaxed")
# What makes the mail what it is. Servers on the way may add others, and then the signature still holds.
_SIGNED = (
    *(
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Reply-To",
        "MIME-Version",
    ),
    *("Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post"),
)


def new_key_pair() -> tuple[str, str]:
    """A private key as PEM, and the public one as it stands in the DNS."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), base64.b64encode(public).decode()


def signed(raw: bytes, *, company: int, address: str) -> bytes:
    """The mail with its signature before it, where the domain of the sender has a key in use.

    The same bytes give the same body hash on each try. Raises TemporaryFailure when the key cannot be read, for
    to send unsigned what receivers expect signed is to have it thrown away.
    """
    domain = address.rpartition("@")[2].lower()
    with scope.acting_for([company]):
        try:
            key = DkimKey.objects.filter(domain=domain, active=True).first()
        except SecretUnreadable as error:
            raise TemporaryFailure(f"the DKIM key of {domain} cannot be read: make a new one") from error
    return _signature(raw, key) + raw if key else raw


def _signature(raw: bytes, key: DkimKey) -> bytes:
    import dkim  # brings a resolver of names with it, and only who sends needs it

    present = {
        name.lower() for name in re.findall(rb"^([!-9;-~]+):", raw.partition(b"\r\n\r\n")[0], re.MULTILINE)
    }
    names = [name.encode() for name in _SIGNED if name.lower().encode() in present]
    private = key.private_key.encode()
    return dkim.sign(
        raw,
        key.selector.encode(),
        key.domain.encode(),
        private,
        canonicalize=_RELAXED,
        include_headers=[b"From", *names],
    )
