"""Migrating, which only the owner of the tables may do.

It runs in a process of its own, because a process that serves acts as a role that owns no table.
"""

import os
import subprocess
import sys
from typing import IO


def command(*, check: bool = False) -> list[str]:
    """What to run, with `environment`."""
    return [sys.executable, "-P", "-m", "madoguchi.project.migrating", *(["--check"] if check else [])]


def environment() -> dict[str, str]:
    """Ours, but as the owner."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "madoguchi.project.settings", "MADOGUCHI_ROLE": "owner"}


def environment_of_services() -> dict[str, str]:
    """Ours, without the way in that the owner alone has: who serves the public need not know it."""
    return {name: value for name, value in os.environ.items() if name != "MADOGUCHI_OWNER_DATABASE_URL"}


def run(*, check: bool = False, to: IO[str] | None = None) -> int:
    """Migrates, or only looks whether there is something to do, and returns the exit code. `to` takes its words."""
    return subprocess.run(command(check=check), check=False, env=environment(), stdout=to).returncode
