"""Dovecot with mailboxes in a folder of its own."""

import itertools
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.ground import Certificate, free_ports, open_folder, running, self_signed

PASSWORD = "of-a-mailbox-in-tests"
_numbers = itertools.count(1)
_CONFIG = """
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {mail}
mail_gid = {mail_group}
{oauth}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
}}
{capability}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
"""
_OAUTH = """
auth_mechanisms = plain xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {asked}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot. Every user name exists, with one password."""

    folder: Path
    plain: int
    tls: int
    auth: int
    certificate: Certificate
    password: str = field(default=PASSWORD, repr=False)

    def deliver(self, user: str, *mails: bytes, folder: str = "", seen: bool = False) -> None:
        """Put mails into a mailbox as a mail server does, or as one that somebody has read."""
        home = self.maildir(user)
        box = home / f".{folder}" if folder else home
        _make_maildir(box)
        for mail in mails:
            name = f"{next(_numbers):09}.{os.getpid()}.test"
            written = box / "tmp" / name
            written.write_bytes(mail)
            _give_to_dovecot(written)
            written.rename(box / ("cur" if seen else "new") / (name + (":2,S" if seen else "")))

    def make_anew(self, user: str) -> None:
        """Empty a mailbox and number its mails anew, as when it moves to another server."""
        shutil.rmtree(self.maildir(user))
        numbers = self.maildir(user) / "dovecot-uidlist"
        numbers.write_text(f"3 V{1_000_000 + next(_numbers)} N1\n")
        _give_to_dovecot(numbers)

    def maildir(self, user: str) -> Path:
        """Where a user's mail lies."""
        home = self.folder / "mail" / user
        _make_maildir(home)
        return home

    @contextmanager
    def signed_in(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A mail program of the user's own."""
        with IMAPClient("127.0.0.1", port=self.plain, ssl=False, timeout=20) as client:
            client.login(user, self.password)
            client.select_folder(folder)
            yield client


@contextmanager
def dovecot(*, idle: bool = True, introspection: str = "") -> Iterator[Dovecot]:
    """A Dovecot that runs while inside; without `idle` it is one that must be asked again and again. With the address
    of an `introspection` endpoint it takes access tokens, too (XOAUTH2).
    """
    with open_folder() as folder:
        plain, tls, auth = free_ports(3)
        certificate = self_signed(folder)
        server = Dovecot(folder, plain, tls, auth, certificate)
        config = folder / "dovecot.conf"
        config.write_text(_config(server, idle=idle, oauth=_oauth(folder, introspection)))
        for name in ("run", "home", "mail"):
            (folder / name).mkdir()
        for name in ("home", "mail"):
            _give_to_dovecot(folder / name)
        program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or "dovecot"
        with running([program, "-F", "-c", str(config)], ports=[plain, tls], log=folder / "output.log"):
            yield server


def _config(server: Dovecot, *, idle: bool, oauth: str) -> str:
    root = os.geteuid() == 0
    mail = _mail_account()
    own = pwd.getpwuid(os.geteuid())
    return _CONFIG.format(
        folder=server.folder,
        internal="dovecot" if root else own.pw_name,
        internal_group="dovecot" if root else own.pw_gid,
        login="dovenull" if root else own.pw_name,
        chroot="" if root else "chroot =",
        mail=mail.pw_uid,
        mail_group=mail.pw_gid,
        certificate=server.certificate.certificate,
        key=server.certificate.key,
        password=server.password,
        plain=server.plain,
        tls=server.tls,
        auth=server.auth,
        oauth=oauth,
        capability="" if idle else "imap_capability = IMAP4rev1 LITERAL+ UIDPLUS\n",
    )


def _oauth(folder: Path, introspection: str) -> str:
    """Each token is shown to the endpoint, which says whose it is."""
    if not introspection:
        return ""
    asked = folder / "oauth.conf"
    asked.write_text(
        f"introspection_url = {introspection}\nintrospection_mode = auth\n"
        "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
    )
    return _OAUTH.format(asked=asked)


def _mail_account() -> pwd.struct_passwd:
    """Mail is never root's."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _make_maildir(box: Path) -> None:
    for part in (box, *(box / name for name in ("cur", "new", "tmp"))):
        if not part.exists():
            part.mkdir()
            _give_to_dovecot(part)


def _give_to_dovecot(path: Path) -> None:
    account = _mail_account()
    os.chown(path, account.pw_uid, account.pw_gid)
