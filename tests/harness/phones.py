"""Phones for live tests, one line each. `server` is where Asterisk listens for SIP, "127.0.0.1:5060"."""

from pathlib import Path

from cti.simulated.phone import Phone

TRUNK_HOST = "127.0.0.2"
"""Asterisk takes whatever comes from here for the trunk (see `AsteriskSettings.trunk_hosts`)."""


def agent_phone(server: str, extension: str, secret: str) -> Phone:
    """An agent's hard phone, which registers as endpoint d<extension>."""
    return Phone(f"d{extension}", server=server, secret=secret)


def caller_phone(server: str, number: str, name: str = "", keep: Path | None = None) -> Phone:
    """Somebody out there who calls in over the trunk; all that they hear is appended to `keep`."""
    return Phone(number, server=server, host=TRUNK_HOST, display=name, keep=keep)


def outside_phone(server: str, trunk_port: int) -> Phone:
    """All outside numbers: whatever is dialled over the trunk (`PJSIP/<number>@trunk`) rings here."""
    return Phone("outside", server=server, host=TRUNK_HOST, port=trunk_port)
