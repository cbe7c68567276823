"""Connections to wherever somebody else says: the name is resolved once, each address is checked, and that very
address is connected to. A name that answers differently the second time (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from time import monotonic

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Rule = Callable[[Address], bool]

# Where clouds answer a machine's questions about itself, credentials included. The IPv4 one is link-local.
_METADATA = frozenset(
    ipaddress.ip_address(a) for a in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
# IPv6 that ends in the IPv4 address it leads to: NAT64, translated, and of old, compatible.
_WRAPPING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96")))
# Nobody's server: NAT64 of a network's own (RFC 8215: where the IPv4 address stands in it, only that network knows),
# documentation (RFC 9637), the routers' own segments (RFC 9602) and protocols' own addresses (RFC 6890).
_NOBODYS = tuple(map(ipaddress.ip_network, ("64:ff9b:1::/48", "3fff::/20", "5f00::/16", "192.0.0.0/24")))
_MOST_TRIED = 4


class HostRefused(OSError):
    """The name (`host`) leads to an address that is not for such a connection."""

    def __init__(self, host: str, address: Address) -> None:
        super().__init__(f"{host} leads to {address}, which is kept from such connections")
        self.host, self.address = host, address


def public(address: Address) -> bool:
    """Anywhere on the internet, and nowhere in a network of somebody's own, whatever the address is wrapped in."""
    return all(_is_public(one) for one in _ends_of(address))


def anywhere(_address: Address) -> bool:
    """Wherever whoever runs the machine has said in its settings."""
    return True


def not_hidden(address: Address) -> bool:
    """Private networks too, for there the shop's own server stands; but nothing link-local and no metadata."""
    return all(_is_not_hidden(one) for one in _ends_of(address))


def public_or_in(networks: Iterable[Network]) -> Rule:
    """Anywhere on the internet, and in those private networks that whoever runs the machine has named."""
    named = tuple(networks)

    def allowed(address: Address) -> bool:
        known = _is_not_hidden(address) and any(address in network for network in named)
        return _is_public(address) or known

    def rule(address: Address) -> bool:
        return all(allowed(one) for one in _ends_of(address))

    return rule


def refused_of(host: str, *, allowed: Rule) -> Address | None:
    """The address for which a name would be refused now; None where it would not. Raises OSError like `connect`."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    meant = (_meant(str(address[0])) for *_, address in found)
    return next((address for address in meant if not allowed(address)), None)


def connect(host: str, port: int, *, allowed: Rule, timeout: float | None) -> socket.socket:
    """A connection to a name, by the first of its addresses that answers; `timeout` is for all of them together.

    Only the first few are tried. Raises HostRefused if any of them is not allowed, OSError when the name leads nowhere
    or nobody answers.
    """
    end = None if timeout is None else monotonic() + timeout
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not allowed(meant := _meant(str(address[0]))):
            raise HostRefused(host, meant)
    problem = OSError(f"{host} leads nowhere")
    for family, kind, protocol, _name, address in found[:_MOST_TRIED]:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_until(end))
            connection.connect(address)
            connection.settimeout(timeout)
            return connection
        except OSError as error:
            problem = error
            connection.close()
    raise problem


def _until(end: float | None) -> float | None:
    if end is None:
        return None
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _is_public(address: Address) -> bool:
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    hidden = address.is_multicast or is_site_local or address in _METADATA
    return address.is_global and not hidden and not _is_nobodys(address)


def _is_not_hidden(address: Address) -> bool:
    return not address.is_link_local and address not in _METADATA and not _is_nobodys(address)


def _is_nobodys(address: Address) -> bool:
    return any(address in network for network in _NOBODYS)


def _ends_of(address: Address) -> tuple[Address, ...]:
    """Where packets to an address come out: of Teredo at its server, and at whoever is behind that."""
    tunnel = address.teredo if isinstance(address, ipaddress.IPv6Address) else None
    return (address, *tunnel) if tunnel else (_unwrapped(address),)


def _meant(text: str) -> Address:
    """The address that is reached in the end: IPv4 that is wrapped in IPv6 is taken out."""
    return _unwrapped(ipaddress.ip_address(text.partition("%")[0]))


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if int(address) > 1 and any(address in network for network in _WRAPPING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
