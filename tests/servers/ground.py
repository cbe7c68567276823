"""What every server of the tests needs: a folder, ports, a certificate, and a sure end."""

import ipaddress
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONGEST_START = 120


@contextmanager
def open_folder() -> Iterator[Path]:
    """Not below pytest's own folder, which is closed to the accounts that mail servers run as; and a short
    path, for sockets are made in it.
    """
    folder = Path(tempfile.mkdtemp(prefix="mail-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def until(condition: Callable[[], object], *, what: str, seconds: float = LONGEST_START) -> None:
    """Wait for something that happens elsewhere, with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str],
    *,
    ports: Sequence[int],
    log: Path,
    environ: Mapping[str, str] | None = None,
    patience: float = 1,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server runs while inside; at the end it is gone with all it started, after `patience` by force."""
    with log.open("ab") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environ, start_new_session=True)
        try:
            for port in ports:
                until(
                    lambda port=port: answers(port) or _ended(server, log),
                    what=f"{command[0]} on port {port}",
                )
            yield server
        finally:
            _end(psutil.Process(server.pid), patience)
            server.wait()


def _end(server: psutil.Process, patience: float) -> None:
    """Those it started are looked up first: some go their own way once it has ended."""
    family = [*server.children(recursive=True), server]
    server.terminate()
    for process in psutil.wait_procs(family, timeout=patience)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _ended(server: subprocess.Popen[bytes], log: Path) -> bool:
    if server.poll() is not None:
        raise AssertionError(f"{server.args!r} ended:\n{log.read_text()[-4000:]}")
    return False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that vouches for itself, for 127.0.0.1 and localhost."""

    certificate: Path
    key: Path


def self_signed(folder: Path) -> Certificate:
    """Make one in this folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    reached_as = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
    builder = builder.add_extension(x509.SubjectAlternativeName(reached_as), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signed = builder.sign(key, hashes.SHA256())
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made
