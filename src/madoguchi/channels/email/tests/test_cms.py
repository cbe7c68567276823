"""What an S/MIME envelope holds that is only signed; garbage is nothing, and costs nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.cms import signed_content
from madoguchi.channels.email.tests.crooked.envelopes import SIGNED, enveloped

DAY = datetime(2026, 8, 1, tzinfo=UTC)


def signed_by_a_library(inside: bytes, *options: pkcs7.PKCS7Options) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sato")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, DAY, DAY + timedelta(1))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(inside)
    builder = builder.add_signer(made.sign(key, SHA256()), key, SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def test_the_part_that_a_real_program_signed_is_read() -> None:
    assert signed_content(signed_by_a_library(SIGNED)) == SIGNED


def test_a_signature_beside_the_mail_holds_nothing() -> None:
    assert signed_content(signed_by_a_library(SIGNED, pkcs7.PKCS7Options.DetachedSignature)) is None


@pytest.mark.parametrize("in_pieces", [False, True])
@given(inside=st.binary(max_size=400))
def test_whatever_is_inside_comes_out(in_pieces: bool, inside: bytes) -> None:
    assert signed_content(enveloped(inside, in_pieces=in_pieces)) == inside


@given(st.binary(max_size=200))
def test_garbage_holds_nothing(data: bytes) -> None:
    assert signed_content(data) is None


@given(st.data())
def test_what_is_cut_or_changed_is_no_error(data: st.DataObject) -> None:
    raw = bytearray(enveloped(SIGNED, in_pieces=data.draw(st.booleans())))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
        raw[at] = data.draw(st.integers(0, 255))

    held = signed_content(bytes(raw[: data.draw(st.integers(0, len(raw)))]))

    assert held is None or len(held) <= len(raw)


def test_what_opens_without_end_is_passed_over_once() -> None:
    assert signed_content(b"\x30\x80" * 500_000) is None
