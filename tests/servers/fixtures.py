"""The servers as pytest fixtures; a conftest.py takes from here what its tests need."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.servers import dovecot as _dovecot
from tests.servers import postfix as _postfix
from tests.servers.ground import free_ports

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[_dovecot.Dovecot]:
    """A Dovecot for the whole run; every test uses a mailbox of its own."""
    _need("dovecot")
    with _dovecot.dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def door_port() -> int:
    """Where Postfix hands on mail for our domain; a test opens its door there."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def postfix(dovecot: _dovecot.Dovecot, door_port: int) -> Iterator[_postfix.Postfix]:
    """A Postfix for the whole run, delivering into `dovecot` and to our door."""
    _need("postfix")
    if os.geteuid() != 0:
        pytest.skip("only root can start Postfix")
    with _postfix.postfix(dovecot, door=door_port) as server:
        yield server


def _need(program: str) -> None:
    if shutil.which(program, path=_PLACES) is None:
        pytest.skip(f"{program} is not installed (tools/test-packages.sh)")
