"""The mail servers these tests talk to, and a mailbox and server set up for our entry point."""

from tests.servers.fixtures import door_port, dovecot, postfix

__all__ = ["door_port", "dovecot", "postfix"]
