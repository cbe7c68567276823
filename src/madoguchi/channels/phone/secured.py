"""Sound with a browser is encrypted: keys by a DTLS handshake (RFC 5764), packets by SRTP. We are the server of it."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from madoguchi.kernel import clock

LABEL = b"EXTRACTOR-dtls_srtp"
LONGEST_DATAGRAM = 1200
LASTS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to encrypt, as OpenSSL and libsrtp call it; lengths in bytes."""

    openssl: bytes
    libsrtp: int
    key: int
    salt: int


PROFILES = (
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)


class NotSecured(Exception):
    """The other side is not who signed the offer, or knows no way of encryption that we know."""


@cache
def _certificate() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """One for all calls of this process: it is known by its fingerprint, which goes over HTTPS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "madoguchi")])
    now = clock.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + LASTS)
    return made.sign(key, SHA256()), key


def fingerprint(certificate: x509.Certificate | None = None) -> str:
    """A certificate's SHA-256 as SDP writes it; ours, if none is given."""
    shown = certificate or _certificate()[0]
    return sha256(shown.public_bytes(Encoding.DER)).digest().hex(":").upper()


@cache
def _context() -> SSL.Context:
    certificate, key = _certificate()
    context = SSL.Context(SSL.DTLS_METHOD)
    # Who they are is told by the fingerprint in their offer, not by who signed their certificate.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_signed: True)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_cipher_list(b"ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES")
    context.set_tlsext_use_srtp(b":".join(profile.openssl for profile in PROFILES))
    return context


class Secured:
    """One handshake, and the packets after it. `theirs` is the fingerprint of their offer."""

    def __init__(self, theirs: str) -> None:
        self._theirs = theirs
        self._tls = SSL.Connection(_context())
        self._tls.set_accept_state()
        self._tls.set_ciphertext_mtu(LONGEST_DATAGRAM)
        self._in: Session | None = None
        self._out: Session | None = None

    @property
    def done(self) -> bool:
        """Whether sound can pass."""
        return self._out is not None

    def hear(self, datagram: bytes) -> list[bytes]:
        """What is to be said when a part of the handshake comes. Raises NotSecured."""
        self._tls.bio_write(datagram)
        try:
            if self.done:
                self._tls.recv(LONGEST_DATAGRAM)
            else:
                self._tls.do_handshake()
                self._agree()
        except (SSL.WantReadError, SSL.ZeroReturnError):
            pass
        except SSL.Error as error:
            raise NotSecured(repr(error)) from error
        return self._said()

    def again(self) -> list[bytes]:
        """What is to be said once more, as the other side was silent for too long."""
        if self.done or self._tls.DTLSv1_get_timeout() is None:
            return []
        self._tls.DTLSv1_handle_timeout()
        return self._said()

    def protect(self, packet: bytes) -> bytes:
        """A packet of sound as it goes out."""
        assert self._out is not None
        return self._out.protect(packet)

    def unprotect(self, packet: bytes) -> bytes | None:
        """A packet of sound that came in, or None for one that nobody who knows the key has sent."""
        if self._in is None:
            return None
        try:
            return self._in.unprotect(packet)
        except SrtpError:
            return None

    def _said(self) -> list[bytes]:
        said = []
        while True:
            try:
                said.append(self._tls.bio_read(LONGEST_DATAGRAM + 300))
            except SSL.WantReadError:
                return said

    def _agree(self) -> None:
        shown = self._tls.get_peer_certificate(as_cryptography=True)
        if shown is None or fingerprint(shown) != self._theirs.upper():
            raise NotSecured("another certificate than the offer names")
        chosen = self._tls.get_selected_srtp_profile()
        profile = next((p for p in PROFILES if p.openssl == chosen), None)
        if profile is None:
            raise NotSecured("no way of encryption in common")
        both = self._tls.export_keying_material(LABEL, 2 * (profile.key + profile.salt))
        keys, salts = both[: 2 * profile.key], both[2 * profile.key :]
        theirs = keys[: profile.key] + salts[: profile.salt]
        ours = keys[profile.key :] + salts[profile.salt :]
        self._in = Session(_policy(theirs, Policy.SSRC_ANY_INBOUND, profile))
        self._out = Session(_policy(ours, Policy.SSRC_ANY_OUTBOUND, profile))


def _policy(key: bytes, kind: int, profile: Profile) -> Policy:
    return Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp)
