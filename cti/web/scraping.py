"""`/metrics`, and who may read it. Nobody logs in for it: programs do not."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

PROXIED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""A proxy on our own machine speaks for the whole world."""


async def _nothing() -> bytes:
    return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraping:
    """`metrics` gives them in Prometheus' text format; `allow` are networks, `token` "" is none."""

    metrics: Callable[[], Awaitable[bytes]] = _nothing
    allow: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    token: str = ""

    def admits(self, peer: str, headers: Mapping[str, str]) -> bool:
        """By the bearer token, or by the address of a peer that is nobody's proxy."""
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), self.token.encode()):
            return True
        if any(name in headers for name in PROXIED):
            return False
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self.allow)
