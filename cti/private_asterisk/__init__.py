"""A private Asterisk: found on the machine or fetched into a cache, configured from templates, started and stopped.

    async with private_asterisk(AsteriskSettings(run_dir=tmp / "ast", agi_port=4573)) as ast:
        ast.sip_port, ast.ws_port, ast.ami_port, ast.ami_user, ast.ami_secret
        print(await ast.cli("core show channels"))

Nothing of the daemon is imported here, and the daemon can as well talk to an Asterisk that ops people run themselves.
"""

from cti.private_asterisk.installation import Installation, find_or_build
from cti.private_asterisk.model import AgentEndpoint, AsteriskSettings
from cti.private_asterisk.process import PrivateAsterisk, private_asterisk

__all__ = [
    "AgentEndpoint",
    "AsteriskSettings",
    "Installation",
    "PrivateAsterisk",
    "find_or_build",
    "private_asterisk",
]
