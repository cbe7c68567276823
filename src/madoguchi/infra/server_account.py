"""The operating-system account that the bundled PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by root it gets an account of its own; started by anybody else it
runs as them. That account must be able to reach the data and the programs, also below a home that is closed
to others.
"""

import errno
import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "madoguchi-db"

_ACL = "system.posix_acl_access"
_ACL_HEADER = struct.pack("<I", 2)
_ACL_ENTRY = struct.Struct("<HHI")
_OWNER, _NAMED, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_PASS = 1


class AccountError(Exception):
    """The server's account cannot be had, or cannot reach what it must; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server runs as. `process` is what `subprocess` needs to become them, empty if we are them."""

    uid: int
    gid: int

    @property
    def process(self) -> dict[str, Any]:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, folder: Path) -> None:
        """An empty folder that only this account (and root) can look into. Raises FileExistsError."""
        folder.mkdir(mode=0o700)
        if self.process:
            os.chown(folder, self.uid, self.gid)


def for_folder(folder: Path) -> Account:
    """The account for a server in `folder`: whoever owns it, else ourselves, else (as root) one made for it.

    Raises AccountError when the folder belongs to somebody else, or when root cannot make an account.
    """
    owner = _owner(folder)
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise AccountError(
                f"{folder} belongs to {_name(owner)}; run as them or choose another MADOGUCHI_DATA."
            )
        return Account(os.geteuid(), os.getegid())
    if owner:
        return Account(owner, folder.stat().st_gid)
    entry = _made_account()
    return Account(entry.pw_uid, entry.pw_gid)


def let_through(account: Account, target: Path) -> None:
    """Lets the account pass through the folders above `target`, which may be as private as root's home.

    Only this one account is let in, and only to pass: an access-control entry, not a change of mode for all.
    Raises AccountError where the file system keeps no such entries.
    """
    if not account.process or _reaches(account, target):
        return
    for folder in reversed(target.resolve().parents):
        if not _reaches(account, folder):
            _grant_passage(folder, account.uid)
    if not _reaches(account, target):
        raise AccountError(f"{target} cannot be read by {_name(account.uid)}; run: chmod -R go+rX {target}")


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        raise AccountError(f"{folder} cannot be looked into; run as its owner or choose another.") from None


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"user {uid}"


def _made_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if useradd is None:
        raise AccountError(
            f"PostgreSQL does not run as root. Run as another user, or make an account named {NAME}."
        )
    subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
        check=False,
        capture_output=True,
    )
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise AccountError(f"useradd could not make the account {NAME}. Run as another user.") from None


def _reaches(account: Account, target: Path) -> bool:
    checked = subprocess.run(["test", "-x", target], check=False, cwd="/", **account.process)
    return checked.returncode == 0


def _grant_passage(folder: Path, uid: int) -> None:
    try:
        entries = _entries(folder)
        entries[_NAMED, uid] = entries.get((_NAMED, uid), 0) | _PASS
        entries[_MASK, _NO_ID] = entries.get((_MASK, _NO_ID), entries[_GROUP, _NO_ID]) | _PASS
        packed = (_ACL_ENTRY.pack(tag, allowed, who) for (tag, who), allowed in sorted(entries.items()))
        os.setxattr(folder, _ACL, _ACL_HEADER + b"".join(packed))
    except (OSError, AttributeError):  # AttributeError: macOS has no setxattr
        advice = f"run as another user than root, or: chmod o+x {folder}"
        raise AccountError(f"{_name(uid)} cannot pass through {folder}; {advice}") from None


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    try:
        packed = os.getxattr(folder, _ACL)[len(_ACL_HEADER) :]
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        mode = stat.S_IMODE(folder.stat().st_mode)
        return {(_OWNER, _NO_ID): mode >> 6 & 7, (_GROUP, _NO_ID): mode >> 3 & 7, (_OTHER, _NO_ID): mode & 7}
    return {(tag, who): allowed for tag, allowed, who in _ACL_ENTRY.iter_unpack(packed)}
