"""Which hosts a company's own mail servers may be on."""

import ipaddress
import socket

# Where clouds answer a machine's questions about itself, credentials included. The IPv4 one is link-local.
_METADATA = frozenset(
    ipaddress.ip_address(a) for a in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)


class HostRefused(OSError):
    """The name leads to an address that no mail server of anybody has."""


def refuse_hidden(host: str, port: int) -> None:
    """Raises HostRefused when a server name leads to a link-local or cloud metadata address.

    Whoever sets up a mailbox may make us connect anywhere they like; private networks are fine, for there the
    shop's own server stands. Raises OSError when the name leads nowhere.
    """
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        found = ipaddress.ip_address(str(address[0]).partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None) or found
        if mapped.is_link_local or mapped in _METADATA:
            raise HostRefused(f"{host} leads to {mapped}, which is kept from mail servers")
