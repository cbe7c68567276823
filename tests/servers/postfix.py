"""Postfix that relays our domain to our door and keeps everybody else's mail in Dovecot's mailboxes."""

import os
import pwd
import shutil
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.dovecot import Dovecot
from tests.servers.ground import free_ports, open_folder, running

CUSTOMERS = "home.example"
OURS = "shop.example"
# Postfix takes mail for it, and finds only then that nobody lives where it leads.
MOVED = f"moved@{CUSTOMERS}"
# Those who have a mailbox; each test takes some that no other takes.
ADDRESSES = [f"{name}{number}@{CUSTOMERS}" for name in ("customer", "greylisted") for number in range(1, 100)]
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.{customers}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_dns_support_level = disabled
alias_maps =
local_recipient_maps =
local_transport = error:5.1.1 nobody lives here
default_transport = error:5.1.2 no such domain
transport_maps = inline:{{ {{ {ours} = smtp:[127.0.0.1]:{door} }} }}
relay_domains = {ours}
virtual_mailbox_domains = {customers}
virtual_alias_maps = inline:{{ {{ {moved} = nobody@elsewhere.example }} }}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{folder}/users
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions =
  reject_unauth_destination
  check_policy_service {{ inet:127.0.0.1:{policy}, timeout=10s, default_action=DUNNO }}
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
message_size_limit = 2000000
"""
_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o {{ smtpd_client_restrictions = permit_sasl_authenticated, reject }}
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o {{ smtpd_client_restrictions = permit_sasl_authenticated, reject }}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running Postfix. Port `smtp` takes mail from this machine, the others only from who signs in.

    `door` is where mail for our domain is handed on to. Mail to `greylisted1@` and
    others of that name is turned away once, and to anybody without a mailbox for good.
    """

    folder: Path
    smtp: int
    submission: int
    smtps: int
    door: int
    dovecot: Dovecot
    policy: "Policy" = field(repr=False)


class Policy(socketserver.ThreadingTCPServer):
    """Postfix asks it about every recipient."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _PolicyAnswers)
        self.greeted: set[str] = set()

    def verdict(self, recipient: str) -> str:
        """The action for one recipient."""
        if recipient.startswith("greylisted") and recipient not in self.greeted:
            self.greeted.add(recipient)
            return "450 4.7.1 greylisted, try again"
        return "DUNNO"


class _PolicyAnswers(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        asked: dict[str, str] = {}
        for line in self.rfile:
            name, _, value = line.decode().strip().partition("=")
            if name:
                asked[name] = value
                continue
            assert isinstance(self.server, Policy)
            self.wfile.write(f"action={self.server.verdict(asked['recipient'])}\n\n".encode())
            asked = {}


@contextmanager
def postfix(mailboxes: Dovecot, *, door: int) -> Iterator[Postfix]:
    """A Postfix that runs while inside. Only root can start one."""
    with open_folder() as folder, Policy() as policy:
        threading.Thread(target=policy.serve_forever, args=(0.02,), daemon=True).start()
        smtp, submission, smtps = free_ports(3)
        server = Postfix(folder, smtp, submission, smtps, door, mailboxes, policy)
        config = _configure(server)
        program = shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or "postfix"
        command = [program, "-c", str(config), "start-fg"]
        try:
            with running(command, ports=[smtp, submission, smtps], log=folder / "output.log"):
                yield server
        finally:
            policy.shutdown()


def _configure(server: Postfix) -> Path:
    folder = server.folder
    config, queue, data = folder / "config", folder / "queue", folder / "data"
    for made in (config, queue, data):
        made.mkdir()
    account = pwd.getpwnam("postfix")
    os.chown(data, account.pw_uid, -1)
    mail = server.dovecot.folder / "mail"
    owner = mail.stat()
    main = _MAIN.format(
        folder=folder,
        customers=CUSTOMERS,
        ours=OURS,
        moved=MOVED,
        door=server.door,
        mail=mail,
        uid=owner.st_uid,
        gid=owner.st_gid,
        policy=server.policy.server_address[1],
        sasl=server.dovecot.auth,
        certificate=server.dovecot.certificate.certificate,
        key=server.dovecot.certificate.key,
    )
    users = folder / "users"
    users.write_text("".join(f"{address} {address}/\n" for address in ADDRESSES))
    (config / "main.cf").write_text(main)
    master = _MASTER.format(smtp=server.smtp, submission=server.submission, smtps=server.smtps)
    (config / "master.cf").write_text(master)
    return config
