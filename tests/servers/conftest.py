"""The servers, for the tests of whole ways through them."""

from tests.servers.fixtures import door_port, dovecot, postfix

__all__ = ["door_port", "dovecot", "postfix"]
