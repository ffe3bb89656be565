"""Where a request really comes from. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


def client_address(peer: str | None, forwarded_for: Iterable[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is no trusted proxy: the peer's, or what such a proxy wrote into X-Forwarded-For.

    Each proxy appends whom it saw, so the list is read from its end; what stands before an address that is not trusted
    was written by whoever sits there, and anybody can write anything.
    """
    seen = peer or ""
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    while hops and _is_trusted(seen, trusted):
        named = _parsed(hops.pop())
        if named is None:
            break
        seen = str(named)
    return seen


def _is_trusted(text: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    address = _parsed(text)
    return address is not None and any(address in network for network in trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
