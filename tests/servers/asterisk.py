"""An Asterisk for tests: that of a chroot (`tools/asterisk-for-tests.sh` makes one) or of this machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ground import free_ports, running

CONFIGURATION = Path(__file__).parents[2] / "docs" / "running" / "asterisk"
PASSWORD = "a long password of tests"
_CHROOT = os.environ.get("TEST_ASTERISK", "")
# Why it cannot be run, where it cannot.
WHY_NOT = (
    ""
    if (
        Path(_CHROOT, "usr/sbin/asterisk").exists() and os.geteuid() == 0
        if _CHROOT
        else shutil.which("asterisk")
    )
    else "no Asterisk: set TEST_ASTERISK to the chroot that tools/asterisk-for-tests.sh made, as root"
)
# What wants hardware, or a configuration of its own.
_NOT_LOADED = (
    *("chan_iax2", "chan_console", "chan_mobile", "chan_motif", "chan_dahdi", "pbx_dundi", "app_voicemail"),
    *("res_xmpp", "res_snmp", "res_hep", "res_phoneprov", "res_stun_monitor"),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where it runs: its SIP port, where it dials us, and where it calls customers."""

    sip: int
    ari: int
    customer: int
    log: Path


@contextmanager
def asterisk() -> Iterator[Ground]:
    """It runs while inside, with the configuration of the documentation on ports of its own, and dials us."""
    root = Path(_CHROOT or "/")
    folder = Path(tempfile.mkdtemp(prefix="ast-", dir=root / "tmp"))
    try:
        sip, ari, customer, rtp = free_ports(4)
        seen = Path("/", folder.relative_to(root))
        _configure(folder, seen, root, sip=sip, ari=ari, customer=customer, rtp=rtp)
        before: Sequence[str] = ("chroot", _CHROOT) if _CHROOT else ()
        command = [*before, "asterisk", "-f", "-C", f"{seen}/etc/asterisk.conf"]
        with running(command, ports=(), log=folder / "output"):
            yield Ground(sip, ari, customer, folder / "log" / "messages")
    finally:
        shutil.rmtree(folder)


def _configure(folder: Path, seen: Path, root: Path, *, sip: int, ari: int, customer: int, rtp: int) -> None:
    for name in ("etc", "db", "keys", "spool", "run", "log"):
        (folder / name).mkdir()
    modules = next(root.glob("usr/lib/**/asterisk/modules/app_stasis.so")).parent.relative_to(root)
    own = {
        "asterisk.conf": f"""[directories]
astetcdir => {seen}/etc
astmoddir => /{modules}
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
astdbdir => {seen}/db
astkeydir => {seen}/keys
astspooldir => {seen}/spool
astrundir => {seen}/run
astlogdir => {seen}/log
""",
        "modules.conf": "[modules]\nautoload=yes\n" + "".join(f"noload => {one}.so\n" for one in _NOT_LOADED),
        "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
        "rtp.conf": f"[general]\nrtpstart={rtp - rtp % 2 - 200}\nrtpend={rtp - rtp % 2 - 2}\n",
        "http.conf": "[general]\nenabled=no\n",
    }
    changes = {
        "0.0.0.0:5060": f"127.0.0.1:{sip}",
        "198.51.100.5:5060": f"127.0.0.1:{customer}",
        "198.51.100.5": "127.0.0.1",
        "10.0.0.21:8096": f"127.0.0.1:{ari}",
        "change-me-to-something-long": PASSWORD,
        "TIMEOUT(absolute)=10": "TIMEOUT(absolute)=3",
    }
    for file in CONFIGURATION.glob("*.conf"):
        text = file.read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        own[file.name] = text
    for name, text in own.items():
        (folder / "etc" / name).write_text(text)
